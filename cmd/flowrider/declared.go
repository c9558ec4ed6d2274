package main

import (
	"maps"
	"slices"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/schema"
)

// declared is an error if the configuration has no such flow or instance.
func (c *common) declared(project *engine.Project, address schema.Address) error {
	_, diags := project.Session(plan.Options{Targets: []schema.Address{address}, NoHooks: true})
	return c.report(project, diags)
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
