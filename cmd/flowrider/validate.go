package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
)

// validation is what validate --json writes, and every command that finds
// mistakes in the configuration with --json.
type validation struct {
	Valid       bool           `json:"valid"`
	Diagnostics []diag.Problem `json:"diagnostics"`
}

func newValidateCommand() *cobra.Command {
	var flags common
	command := &cobra.Command{
		Use:   "validate",
		Short: "check the configuration without running anything",
		Long:  "Checks the configuration and reports all mistakes at once. Starts nothing and\nwrites nothing.\n\n" + exitCodes,
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return runValidate(&flags) },
	}
	flags.register(command.Flags())
	return command
}

func runValidate(flags *common) error {
	project, err := flags.load()
	if err != nil {
		return err
	}
	_, diags := project.Session(plan.Options{NoHooks: true})
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
