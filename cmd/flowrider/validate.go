package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/source"
	"github.com/flowrider/flowrider/internal/diag"
)

// validation is what validate --json writes, and every command that finds
// mistakes in the configuration, or cannot do its work, with --json.
type validation struct {
	Type        string         `json:"type,omitempty"` // in the lines of apply
	Valid       bool           `json:"valid"`
	Diagnostics []diag.Problem `json:"diagnostics"`
}

func newValidateCommand() *cobra.Command {
	flags := common{warns: true}
	var static bool
	command := &cobra.Command{
		Use:   "validate",
		Short: "check the configuration without running anything",
		Long: "Checks the configuration against itself, the project's files and the source of its\nflows and hooks, and reports all mistakes at once. Where Python is at hand, it is asked\n" +
			"whether their files compile, and for modules that are not the project's. Runs none of\nthe project's code, calls no hook and writes nothing.\n\n" + exitCodes,
		Example: "  flowrider validate\n  flowrider validate --static   # starts no Python\n  flowrider validate --json | jq '.diagnostics[].summary'",
		RunE: func(command *cobra.Command, _ []string) error {
			if flags.source = source.Asked; static {
				flags.source = source.Static
			}
			return runValidate(contextOr(command.Context()), &flags)
		},
	}
	flags.register(command.Flags())
	command.Flags().BoolVar(&static, "static", false, "start no Python; what only it knows is not checked")
	return command
}

func runValidate(ctx context.Context, flags *common) error {
	project, err := flags.load()
	if err != nil {
		return err
	}
	notes, diags := project.Validate(ctx)
	writeNotes(os.Stderr, notes)
	if err := flags.report(project, diags); err != nil {
		return err
	}
	if flags.json {
		writeJSON(os.Stdout, validation{Valid: true, Diagnostics: append([]diag.Problem{}, flags.told()...)})
		return nil
	}
	fmt.Println("The configuration is valid.")
	return nil
}
