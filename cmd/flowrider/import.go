package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
)

func newImportCommand() *cobra.Command {
	var flags common
	var replace bool
	command := &cobra.Command{
		Use:   "import FLOW RUN_ID",
		Short: "take a run that was made elsewhere for a flow's own",
		Long: "Records a run as a flow's: a Metaflow run of the project's local datastore that\nwas started by hand, by its ID or as FLOW/ID, or any run that the history knows.\n" +
			"The run must be there and successful. Its parameters are recorded as they were;\nthat its code and environment are those of now is asserted. Reports show that, and\n--strict refuses it.\n\n" + exitCodes,
		Example: "  flowrider import flow.clean 1795310316549508\n  flowrider import flow.clean CleanFlow/1795310316549508 --replace",
		RunE: func(command *cobra.Command, arguments []string) error {
			return runImport(contextOr(command.Context()), &flags, arguments[0], arguments[1], replace)
		},
	}
	flags.register(command.Flags())
	flags.registerLock(command.Flags())
	command.Flags().BoolVar(&replace, "replace", false, "take it in place of a good run that the flow has")
	return command
}

func runImport(ctx context.Context, flags *common, argument, runID string, replace bool) error {
	if _, err := addresses([]string{argument}); err != nil {
		if _, swapped := addresses([]string{runID}); swapped == nil {
			return fmt.Errorf("FLOW comes first: flowrider import %s %s", diag.ShellQuote(runID), diag.ShellQuote(argument))
		}
	}
	project, address, err := flags.flow(argument)
	if err != nil {
		return err
	}
	adopted, diags, err := project.Import(ctx, plan.Options{Targets: []plan.Target{plan.At(address)}}, runID, replace)
	if reported := flags.report(project, diags); err == nil {
		err = reported
	}
	switch {
	case err != nil || adopted == nil:
	case flags.json:
		writeJSON(os.Stdout, adopted)
	default:
		writeAdopted(os.Stdout, "imported", *adopted)
	}
	return err
}
