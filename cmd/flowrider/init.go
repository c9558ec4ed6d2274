package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/draft"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

func newInitCommand() *cobra.Command {
	var folder string
	var dryRun bool
	command := &cobra.Command{
		Use:   "init",
		Short: "write a flowrider.hcl for the Metaflow flows in this folder",
		Long: "Looks for Metaflow flows in the folder and below, passing over what git ignores,\nand writes a flowrider.hcl that runs them, with their parameters. It reads their\n" +
			"source and runs nothing. It also writes a .flowriderignore, and adds to .gitignore\nwhat has to be there. It asks nothing, and writes over no flowrider.hcl.\n\n" + exitCodes,
		Example: "  flowrider init\n  flowrider init --dry-run          # prints what it would write\n  flowrider init --chdir pipelines",
		RunE:    func(*cobra.Command, []string) error { return runInit(folder, dryRun) },
	}
	command.Flags().StringVar(&folder, "chdir", ".", "the `folder` that gets the flowrider.hcl")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "print what would be written, and write nothing")
	return command
}

func runInit(folder string, dryRun bool) error {
	if err := checkNew(folder); err != nil {
		return err
	}
	d, err := draft.Make(folder)
	if err != nil {
		return err
	}
	writeNotes(os.Stderr, d.Notes)
	if dryRun {
		for i, file := range d.Files {
			if i > 0 {
				fmt.Println()
			}
			fmt.Printf("==> %s\n%s", filepath.Join(folder, file.Name), file.Text)
		}
		return nil
	}
	for _, file := range d.Files {
		place := filepath.Join(folder, file.Name)
		if err := durable.WriteFile(place, []byte(file.Text)); err != nil {
			return err
		}
		if len(file.Added) > 0 {
			fmt.Printf("Added to %s: %s\n", place, file.Added[len(file.Added)-1])
		} else {
			fmt.Printf("Wrote %s\n", place)
		}
	}
	fmt.Print(nextSteps(d, folder))
	return nil
}

// checkNew refuses a folder that has a configuration already.
func checkNew(folder string) error {
	entries, err := os.ReadDir(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder %s; make it first", folder)
	case err != nil:
		return err
	}
	for _, entry := range entries {
		if schema.IsConfigFile(entry.Name()) {
			return fmt.Errorf("%s is there already, and init writes over nothing; flowrider validate checks it", filepath.Join(folder, entry.Name()))
		}
	}
	return nil
}

// nextSteps says what was found and what to type.
func nextSteps(d *draft.Draft, folder string) string {
	var out strings.Builder
	if len(d.Flows) == 0 {
		out.WriteString("\nNo Metaflow flow was found here; the file has an example that runs.\n")
	} else {
		fmt.Fprintf(&out, "\nFound %s: %s.\n", plural(len(d.Flows), "flow", "flows"), strings.Join(d.Flows, ", "))
	}
	if len(d.Blank) > 0 {
		fmt.Fprintf(&out, "First write into the file what must be given, where it says so:\n  %s\nThen type:\n", strings.Join(d.Blank, "\n  "))
	} else {
		out.WriteString("Read the file, and then type:\n")
	}
	there := (&common{chdir: folder}).whereabouts()
	fmt.Fprintf(&out, "  flowrider plan%s\n  flowrider apply%s\n", there, there)
	return out.String()
}
