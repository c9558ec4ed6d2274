// Command flowrider plans and runs data flows: make for data flows, with
// Terraform's manners.
//
// One command is one file: flags in, text or JSON out. What is shown is made
// from the values of package engine, and JSON from the same values. Data goes
// to standard output, everything else to standard error.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/internal/fault"
	"github.com/flowrider/flowrider/internal/process"
)

func main() {
	process.ServeGuard()
	process.NoCoreDumps()
	fault.Handle(func(mistake any, stack []byte) {
		tellFault(mistake, stack)
		process.Dismiss()
		os.Exit(exitError)
	})
	code := guarded(func() int { return run(os.Args[1:]) })
	process.Dismiss()
	os.Exit(code)
}

// run is the program with its exit code, so that tests can call it.
func run(arguments []string) int {
	root := newRootCommand()
	typed := arguments
	arguments = normalize(root, arguments)
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error { return flagErrors(command, arguments, err) })
	if asksForCompletion(arguments) {
		defer completeFor(root, typed, arguments, os.Stdout)()
	}
	root.SetArgs(arguments)
	command, err := root.ExecuteC()
	if err != nil && !silent(err) {
		writeError(command, arguments, err)
	}
	return exitCode(err)
}

// guarded is a program's exit code. A fault of ours is 1: Go would end with 2,
// which is read as changes that are pending.
func guarded(program func() int) (code int) {
	defer func() {
		if mistake := recover(); mistake != nil {
			tellFault(mistake, debug.Stack())
			code = exitError
		}
	}()
	return program()
}

func tellFault(mistake any, stack []byte) {
	fmt.Fprintf(os.Stderr, "flowrider: this is a fault of flowrider's own, please report it: %s\n\n%s", secrets.Text(fmt.Sprint(mistake)), secrets.Text(string(stack)))
}
