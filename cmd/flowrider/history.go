package main

import (
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
)

func newHistoryCommand() *cobra.Command {
	flags := common{looking: true}
	command := &cobra.Command{
		Use:     "history FLOW",
		Short:   "list the runs of a flow on this machine",
		Long:    "Lists the successful runs of a flow that this machine remembers, newest first.\nA * marks the run that its record selects.\n\n" + exitCodes,
		Example: "  flowrider history flow.clean\n  flowrider history flow.clean --json | jq -r '.runs[].run_id'",
		RunE:    func(_ *cobra.Command, arguments []string) error { return runHistory(&flags, arguments[0]) },
	}
	flags.register(command.Flags())
	return command
}

func runHistory(flags *common, argument string) error {
	project, address, err := flags.remembered(argument)
	if err != nil {
		return err
	}
	session, diags := project.Session(plan.Options{Offline: true})
	if err := flags.report(project, diags); err != nil {
		return err
	}
	history := session.History(address.String())
	selected, _ := project.Records.Selected(address) // one that is not believed selects nothing
	for i, rec := range history {
		if selected != nil && selected.RunID == rec.RunID {
			history[i] = selected // as it is recorded now
		}
	}
	if flags.json {
		if history == nil {
			history = []*record.Record{}
		}
		var runID *string
		if selected != nil {
			runID = &selected.RunID
		}
		writeJSON(os.Stdout, map[string]any{"flow": address.String(), "selected": runID, "runs": history})
		return nil
	}
	writeNotes(os.Stderr, session.Notes)
	if len(history) == 0 {
		fmt.Fprintf(os.Stderr, "%s has no successful run that this machine remembers; run flowrider apply %s\n", address, diag.ShellQuote(address.String()))
		return nil
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  RUN\tSTARTED\tTOOK\tCONFIG HASH\tDATA VERSION")
	for _, rec := range history {
		mark := " "
		if rec == selected {
			mark = "*"
		}
		note := "\n"
		if rec.Asserted {
			note = "\tasserted\n"
		}
		fmt.Fprintf(table, "%s %s\t%s\t%s\t%.12s\t%.20s%s", mark, rec.RunID, rec.Started.Local().Format(time.DateTime),
			time.Duration(rec.Duration*float64(time.Second)).Round(100*time.Millisecond), rec.CurrentHash(), rec.DataVersion, note)
	}
	return table.Flush()
}
