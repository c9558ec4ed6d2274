package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/plan"
)

// bundled is what bundle ls --json writes.
type bundled struct {
	Digest string        `json:"digest"`
	Files  []bundledFile `json:"files"`
}

type bundledFile struct {
	Path   string `json:"path"`
	Type   string `json:"type"` // file, symlink or link
	Size   int64  `json:"size"`
	Digest string `json:"digest"`
}

func newBundleCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "bundle", Short: "look at the files that a flow can see",
		Long:    "A bundle is the copy of the project's files that a flow runs in: it sees those, and\nnothing else.\n\n" + exitCodes,
		Example: "  flowrider bundle ls flow.clean",
	}
	var flags common
	ls := &cobra.Command{
		Use:     "ls FLOW",
		Short:   "list the files of a flow's bundle",
		Long:    "Lists the files that a flow can see, and nothing else. What is missing is\nignored by .gitignore or .flowriderignore, excluded, or one of flowrider's own.\n\n" + exitCodes,
		Example: "  flowrider bundle ls flow.clean\n  flowrider bundle ls 'flow.train[\"forest\"]' --json | jq -r '.files[].path'",
		RunE:    func(_ *cobra.Command, arguments []string) error { return runBundleLs(&flags, arguments[0]) },
	}
	flags.register(ls.Flags())
	flags.registerCache(ls.Flags())
	command.AddCommand(ls)
	return command
}

func runBundleLs(flags *common, argument string) error {
	targets, err := addresses([]string{argument})
	if err != nil {
		return err
	}
	project, err := flags.load()
	if err != nil {
		return err
	}
	session, diags := project.Session(plan.Options{Targets: []plan.Target{plan.At(targets[0])}, Offline: true})
	if diags.HasErrors() {
		return flags.report(project, diags)
	}
	listing, diags := session.Bundle(targets[0])
	if err := flags.report(project, diags); err != nil {
		return err
	}
	if !flags.json {
		for _, entry := range listing.Entries {
			fmt.Printf("%10d  %s\n", entry.Size, entry.Path)
		}
		return nil
	}
	out := bundled{Digest: listing.Digest, Files: []bundledFile{}}
	for _, entry := range listing.Entries {
		out.Files = append(out.Files, bundledFile{entry.Path, entry.Type.String(), entry.Size, entry.Digest})
	}
	writeJSON(os.Stdout, out)
	return nil
}
