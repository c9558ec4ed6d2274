package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/eval"
)

// recorded is a flow in output --json.
type recorded struct {
	RunID      string `json:"run_id"`
	Pathspec   string `json:"pathspec"`
	ConfigHash string `json:"config_hash"`
}

func newOutputCommand() *cobra.Command {
	var flags common
	command := &cobra.Command{
		Use:   "output [NAME]",
		Short: "print the outputs of the last apply",
		Long:  "Prints the outputs of the configuration with what the records say, and with\n--json the recorded run IDs too. With a NAME only that output, a text without\nits quotes.\n\n" + exitCodes,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, names []string) error {
			return runOutput(contextOr(command.Context()), &flags, names)
		},
	}
	flags.register(command.Flags())
	return command
}

func runOutput(ctx context.Context, flags *common, names []string) error {
	project, err := flags.load()
	if err != nil {
		return err
	}
	session, outputs, diags := project.Recorded(ctx)
	if err := flags.report(project, diags); err != nil {
		return err
	}
	for _, missing := range session.MissingRuns() {
		fmt.Fprintf(os.Stderr, "note: %s\n", missing)
	}
	values := map[string]json.RawMessage{}
	for _, output := range outputs {
		text := json.RawMessage("null")
		if !eval.Has(output.Value.Real, eval.Sensitive) && output.Value.Unmarked().IsWhollyKnown() {
			text = json.RawMessage(eval.CanonicalJSON(output.Value.Unmarked()))
		}
		values[output.Name] = text
		if len(names) == 1 && names[0] == output.Name {
			var plain string
			if !flags.json && json.Unmarshal(text, &plain) == nil {
				fmt.Println(plain)
			} else {
				fmt.Println(string(text))
			}
			return nil
		}
	}
	if len(names) == 1 {
		if strings.ContainsAny(names[0], ".[") {
			return fmt.Errorf("there is no output %q; flowrider show %s shows a flow's record", names[0], shellQuote(names[0]))
		}
		return fmt.Errorf("there is no output %q; declare it: output %q { value = … }", names[0], names[0])
	}
	if !flags.json {
		writeOutputs(os.Stdout, outputs)
		return nil
	}
	flows := map[string]recorded{}
	for _, address := range session.Addresses() {
		if rec, _ := project.Records.Selected(address); rec != nil {
			flows[address.String()] = recorded{rec.RunID, rec.Pathspec, rec.CurrentHash()}
		}
	}
	writeJSON(os.Stdout, map[string]any{"flows": flows, "outputs": values})
	return nil
}
