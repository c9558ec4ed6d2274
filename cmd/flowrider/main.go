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
)

func main() { os.Exit(run(os.Args[1:])) }

// run is the program with its exit code, so that tests can call it.
func run(arguments []string) int {
	root := newRootCommand()
	root.SetArgs(normalize(root, arguments))
	err := root.Execute()
	code := exitCode(err)
	if err != nil && !silent(err) {
		fmt.Fprintf(os.Stderr, "flowrider: %v\n", err)
	}
	return code
}
