package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/adopt"
	"github.com/flowrider/flowrider/internal/diag"
)

func newAcceptCommand() *cobra.Command {
	var flags planning
	command := &cobra.Command{
		Use:   "accept FLOW...",
		Short: "take a flow's recorded run for up to date, without running it",
		Long: "Says that a flow's recorded run is what the configuration of now would give,\nthough flowrider would run it again: after a change that cannot matter, such as a\nreformatted file. " +
			"Nothing runs. The record is marked asserted, reports show that,\nand --strict refuses it.\n\n" + exitCodes,
		Example: "  flowrider accept flow.clean\n  flowrider accept 'flow.train[\"forest\"]' flow.report",
		RunE: func(command *cobra.Command, targets []string) error {
			return runAccept(contextOr(command.Context()), &flags, targets)
		},
	}
	flags.common.register(command.Flags())
	flags.registerLock(command.Flags())
	return command
}

func runAccept(ctx context.Context, flags *planning, targets []string) error {
	options, err := flags.options(targets)
	if err != nil {
		return err
	}
	project, err := flags.load()
	if err != nil {
		return err
	}
	list, diags, err := project.Accept(ctx, options)
	if reported := flags.report(project, diags); err == nil {
		err = reported
	}
	if flags.json {
		if list != nil {
			writeJSON(os.Stdout, map[string]any{"flows": list})
			if err != nil {
				return afterwards{err}
			}
		}
		return err
	}
	for _, adopted := range list {
		writeAdopted(os.Stdout, "accepted", adopted)
	}
	return err
}

// writeAdopted says what was done with one flow's record.
func writeAdopted(w io.Writer, done string, adopted adopt.Adopted) {
	if !adopted.Changed {
		fmt.Fprintf(w, "%s: nothing to do: run %s is up to date\n", adopted.Address, adopted.RunID)
	} else {
		fmt.Fprintf(w, "%s: %s run %s\n", adopted.Address, done, adopted.RunID)
	}
	writeReasons(w, "  ", adopted.Reasons, math.MaxInt)
	for _, note := range adopted.Notes {
		fmt.Fprintf(w, "  note: %s\n", diag.Printable(note))
	}
}
