package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

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
	var flags common
	command := &cobra.Command{
		Use:     "validate",
		Short:   "check the configuration without running anything",
		Long:    "Checks the configuration against itself and the project's files, and reports all\nmistakes at once. Calls no hook and writes nothing.\n\n" + exitCodes,
		Example: "  flowrider validate\n  flowrider validate --json | jq '.diagnostics[].summary'",
		RunE: func(command *cobra.Command, _ []string) error {
			return runValidate(contextOr(command.Context()), &flags)
		},
	}
	flags.register(command.Flags())
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
		if len(diags) == 0 {
			writeJSON(os.Stdout, validation{Valid: true, Diagnostics: []diag.Problem{}})
		}
		return nil
	}
	fmt.Println("The configuration is valid.")
	return nil
}
