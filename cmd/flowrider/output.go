package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
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
		Use:     "output [NAME]",
		Short:   "print the outputs of the last apply",
		Long:    "Prints the outputs of the configuration with what the records say, and with\n--json the recorded run IDs too. With a NAME only that output, a text without\nits quotes.\n\n" + exitCodes,
		Example: "  flowrider output\n  flowrider output report\n  flowrider output --json | jq '.flows'",
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
	values := outputValues(outputs)
	if len(names) == 1 {
		return writeOutput(flags, outputs, names[0], values[names[0]])
	}
	if !flags.json && len(project.Config.Outputs) == 0 {
		fmt.Fprintln(os.Stderr, "No output is declared. Write one, as in: output \"report\" { value = flow.NAME.run_id }")
		return nil
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

// outputValues are outputs as JSON has them: null where a value is sensitive or
// not known.
func outputValues(outputs []plan.NamedValue) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	for _, output := range outputs {
		text := json.RawMessage("null")
		if !eval.Has(output.Value.Real, eval.Sensitive) && output.Value.Unmarked().IsWhollyKnown() {
			text = json.RawMessage(eval.CanonicalJSON(output.Value.Unmarked()))
		}
		values[output.Name] = text
	}
	return values
}

// writeOutput writes one output alone, a text without its quotes. One without a
// value is an error, so that no script takes its absence for a value.
func writeOutput(flags *common, outputs []plan.NamedValue, name string, value json.RawMessage) error {
	var known []string
	for _, output := range outputs {
		known = append(known, output.Name)
		switch {
		case output.Name != name:
			continue
		case eval.Has(output.Value.Real, eval.Sensitive):
			return fmt.Errorf("output %q is sensitive and is not shown", name)
		case !output.Value.Unmarked().IsWhollyKnown():
			return fmt.Errorf("output %q is not known yet: what it refers to has no record; run flowrider apply", name)
		}
		var plain string
		if !flags.json && json.Unmarshal(value, &plain) == nil {
			fmt.Println(plain)
		} else {
			fmt.Println(string(value))
		}
		return nil
	}
	if strings.ContainsAny(name, ".[") {
		return fmt.Errorf("there is no output %q; flowrider show %s shows a flow's record", name, diag.ShellQuote(name))
	}
	if best := diag.Suggest(name, known); best != "" {
		return fmt.Errorf("there is no output %q; did you mean %s?", name, best)
	}
	return fmt.Errorf("there is no output %q; declare it: output %q { value = … }", name, name)
}
