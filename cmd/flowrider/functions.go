package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/internal/diag"
)

// functionList is what functions --json writes.
type functionList struct {
	Functions []eval.Function `json:"functions"`
	Absent    []eval.Absent   `json:"absent"` // functions of Terraform that there are not
}

func newFunctionsCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:     "functions [NAME]",
		Short:   "list the functions of the language",
		Long:    "Lists the functions that expressions may call, each with what it takes and gives.\nWith a NAME only that one, with an example. What is in brackets may be left out,\nwhat has dots repeats.\n\n" + exitCodes,
		Example: "  flowrider functions\n  flowrider functions templatefile\n  flowrider functions --json | jq -r '.functions[].signature'",
		RunE: func(_ *cobra.Command, names []string) error {
			list := functionList{eval.Functions(), eval.AbsentFunctions()}
			if len(names) == 1 {
				one, err := list.named(names[0])
				if err != nil {
					return err
				}
				list = functionList{[]eval.Function{one}, []eval.Absent{}}
			}
			switch {
			case asJSON:
				writeJSON(os.Stdout, list)
			case len(names) == 1:
				writeFunction(os.Stdout, list.Functions[0])
			default:
				writeFunctions(os.Stdout, list.Functions)
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return command
}

// named is one function; the error of one that there is not says what there is
// instead.
func (l functionList) named(name string) (eval.Function, error) {
	var names []string
	for _, f := range l.Functions {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	for _, f := range l.Absent {
		if f.Name == name {
			return eval.Function{}, fmt.Errorf("there is no %s(): %s", name, f.Why)
		}
	}
	if best := diag.Suggest(name, names); best != "" {
		return eval.Function{}, fmt.Errorf("there is no function %q; did you mean %s?", name, best)
	}
	return eval.Function{}, fmt.Errorf("there is no function %q; flowrider functions lists all", name)
}

func writeFunctions(w io.Writer, functions []eval.Function) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range functions {
		fmt.Fprintf(table, "%s\t%s\n", f.Signature, f.Help)
	}
	table.Flush()
}

func writeFunction(w io.Writer, f eval.Function) {
	fmt.Fprintf(w, "%s\n  %s\n\n  %s\n  is %s\n", f.Signature, f.Help, f.Example, f.Result)
}
