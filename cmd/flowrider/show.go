package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
)

func newShowCommand() *cobra.Command {
	flags := common{orFile: true, looking: true}
	command := &cobra.Command{
		Use:     "show FLOW|FILE",
		Short:   "show a flow's record, or a saved plan",
		Long:    "Shows the record of a flow, or the plan that was saved to a file, as plan did.\n\n" + exitCodes,
		Example: "  flowrider show flow.clean\n  flowrider show tonight.plan\n  flowrider show 'flow.train[\"forest\"]' --json",
		RunE:    func(_ *cobra.Command, arguments []string) error { return runShow(&flags, arguments) },
	}
	flags.register(command.Flags())
	return command
}

func runShow(flags *common, arguments []string) error {
	if isPlanFile(arguments[0]) {
		return showPlan(flags, arguments[0])
	}
	selection, err := flags.selected(arguments[0])
	if err != nil {
		return err
	}
	if flags.json {
		writeJSON(os.Stdout, selection.Record)
		return nil
	}
	writeRecord(selection.Record)
	switch committed := selection.Elsewhere; committed {
	case nil:
	case selection.Record:
		fmt.Println("This run lies in another store. Where its outputs are not here, apply makes another one, and leaves this record as it is.")
	default:
		fmt.Printf("This is this machine's choice: run %s of the committed record lies in another store.\n", committed.RunID)
	}
	return nil
}

// selected is what is selected for one flow, or an error that says why there is
// nothing.
func (c *common) selected(argument string) (record.Selection, error) {
	project, address, err := c.remembered(argument)
	if err != nil {
		return record.Selection{}, err
	}
	selection, problem := project.Records.Selection(address)
	if problem != nil {
		return selection, fmt.Errorf("%w; it is not believed. The next apply settles it", problem)
	}
	if selection.Record == nil {
		return selection, fmt.Errorf("%s has no record yet; run flowrider apply %s", address, diag.ShellQuote(address.String()))
	}
	return selection, nil
}

func writeRecord(rec *record.Record) {
	fmt.Println(rec.Flow)
	line := func(name, value string) {
		if value != "" {
			fmt.Printf("  %-13s %s\n", name, value)
		}
	}
	line("runner", rec.Runner)
	line("run", rec.RunID)
	line("went on with", rec.OriginRunID)
	line("pathspec", rec.Pathspec)
	line("started", rec.Started.Local().Format(time.DateTime))
	line("took", time.Duration(rec.Duration*float64(time.Second)).Round(100*time.Millisecond).String())
	line("config hash", rec.CurrentHash())
	line("data version", rec.DataVersion)
	line("commit", rec.GitCommit)
	line("platform", rec.Platform)
	if rec.Asserted {
		line("asserted", "yes: this run was not made by flowrider for this configuration")
	}
	for _, name := range slices.Sorted(maps.Keys(rec.Parameters)) {
		line("parameter", name+" = "+compactJSON(rec.Parameters[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(rec.Outputs)) {
		output := rec.Outputs[name]
		line("output", strings.TrimSpace(name+" "+output.Artifact+output.File)+" "+output.Digest)
	}
	for _, input := range rec.Inputs {
		line("input", fmt.Sprintf("%s = %s run %s", input.Leaf, input.Flow, input.RunID))
	}
	for _, equivalent := range rec.Equivalent {
		line("confirmed by", fmt.Sprintf("run %s at %s", equivalent.RunID, equivalent.Finished.Local().Format(time.DateTime)))
	}
}

// compactJSON is a stored value on one line.
func compactJSON(value json.RawMessage) string {
	var out bytes.Buffer
	if json.Compact(&out, value) != nil {
		return string(value)
	}
	return out.String()
}
