package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/durable"
)

// Exit codes, the same for every command.
const (
	exitDone        = 0
	exitError       = 1
	exitPending     = 2 // plan --detailed-exitcode, fmt --check
	exitFailed      = 3 // a flow failed
	exitLocked      = 4
	exitStale       = 5
	exitNotSaved    = 6 // done, but not saved everywhere it should be
	exitPolicy      = 7
	exitInterrupted = 130
	exitTerminated  = 143
)

// exitCodes is what the help of every command says.
const exitCodes = `Exit codes: 0 done · 1 error · 2 changes pending (plan --detailed-exitcode,
fmt --check) · 3 a flow failed · 4 locked by another apply · 5 plan is stale ·
6 done, but not saved everywhere it should be · 7 refused by policy · 130, 143
interrupted.`

// exit is an error with an exit code of its own. What there was to say has
// been said.
type exit int

func (e exit) Error() string { return "" }

func silent(err error) bool {
	var e exit
	return errors.As(err, &e)
}

// afterwards is an error that comes after what the command writes as JSON.
type afterwards struct{ error }

func (a afterwards) Unwrap() error { return a.error }

// diagnosticsType is the type of diagnostics among the lines of JSON that apply
// writes.
const diagnosticsType = "diagnostics"

// writeError says what has gone wrong: as text, and with --json as a problem
// without a place.
func writeError(command *cobra.Command, arguments []string, err error) {
	for _, one := range each(err) {
		fmt.Fprintf(os.Stderr, "flowrider: %s\n", secrets.Text(one.Error()))
	}
	if _, written := errors.AsType[afterwards](err); written || !wantsJSON(command, arguments) {
		return
	}
	if command.Name() == "apply" {
		newStream(os.Stdout).end(err)
		return
	}
	writeJSON(os.Stdout, validation{Diagnostics: wrong(err)})
}

// wrong is an error as problems without a place.
func wrong(err error) []diag.Problem {
	var list []diag.Problem
	for _, one := range each(err) {
		list = append(list, diag.Problem{Severity: "error", Summary: one.Error()})
	}
	return hidden(list)
}

// each is the errors that were joined to one.
func each(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// wantsJSON says whether --json was given, also after a flag that is wrong.
func wantsJSON(command *cobra.Command, arguments []string) bool {
	if end := slices.Index(arguments, "--"); end >= 0 {
		arguments = arguments[:end]
	}
	return command.Flags().Lookup("json") != nil && (slices.Contains(arguments, "--json") || slices.Contains(arguments, "--json=true"))
}

// exitCode is the one place where errors become exit codes.
func exitCode(err error) int {
	var e exit
	var held *durable.Held
	var unsure *durable.Unsure
	var refused *plan.Refused
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &e):
		return int(e)
	case errors.As(err, &held):
		return exitLocked
	case errors.As(err, &refused):
		return exitPolicy
	case errors.As(err, &unsure):
		return exitNotSaved
	}
	return exitError
}
