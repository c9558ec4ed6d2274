package main

import (
	"errors"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/durable"
)

// Exit codes, the same for every command.
const (
	exitDone        = 0
	exitError       = 1
	exitPending     = 2 // plan --detailed-exitcode
	exitFailed      = 3 // a flow failed
	exitLocked      = 4
	exitStale       = 5
	exitNotSaved    = 6 // done, but not saved everywhere it should be
	exitPolicy      = 7
	exitInterrupted = 130
	exitTerminated  = 143
)

// exitCodes is what the help of every command says.
const exitCodes = `Exit codes: 0 done · 1 error · 2 changes pending (plan --detailed-exitcode) ·
3 a flow failed · 4 locked by another apply · 5 plan is stale · 6 done, but not
saved everywhere it should be · 7 refused by policy · 130, 143 interrupted.`

// exit is an error with an exit code of its own. What there was to say has
// been said.
type exit int

func (e exit) Error() string { return "" }

func silent(err error) bool {
	var e exit
	return errors.As(err, &e)
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
