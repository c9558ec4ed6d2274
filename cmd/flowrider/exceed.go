package main

import (
	"os"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/internal/limit"
	"github.com/flowrider/flowrider/schema"
)

// endWhatExceeds ends the program, with a message as of any mistake in the
// configuration, when an expression takes too long or too much memory. What
// apply has started then is ended by its guard, as after any sudden end.
func (c *common) endWhatExceeds(project *engine.Project) {
	if project == nil {
		project = &engine.Project{Config: &schema.Config{}}
	}
	limit.End(func(problem *hcl.Diagnostic) {
		_ = c.report(project, hcl.Diagnostics{problem}) // it is an error, and so is the end
		os.Exit(exitError)
	})
}
