package main

import (
	"fmt"
	"strings"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// flow loads the project and reads the address of one flow or instance that it
// declares.
func (c *common) flow(argument string) (*engine.Project, schema.Address, error) {
	project, address, err := c.loadFor(argument)
	if err != nil {
		return nil, address, err
	}
	return project, address, c.declared(project, address)
}

// remembered is flow, and takes flows too that have a record and are not
// declared any more.
func (c *common) remembered(argument string) (*engine.Project, schema.Address, error) {
	project, address, err := c.loadFor(argument)
	if err != nil {
		return nil, address, err
	}
	if address.Block == "flow" {
		if rec, _ := project.Records.Selected(address); rec != nil {
			return project, address, nil
		}
	}
	return project, address, c.declared(project, address)
}

// loadFor loads the project and reads an address, whatever it is of.
func (c *common) loadFor(argument string) (*engine.Project, schema.Address, error) {
	list, err := addresses([]string{argument})
	if err != nil {
		return nil, schema.Address{}, err
	}
	project, err := c.load()
	return project, list[0], err
}

// declared is an error if the configuration has no such flow or instance.
func (c *common) declared(project *engine.Project, address schema.Address) error {
	if c.looking && project.Config.Flow(address.Name) != nil {
		if _, diags := project.Session(plan.Options{Offline: true}); diags.HasErrors() {
			return nil // which instances there are depends on values that nobody has given
		}
	}
	session, diags := project.Session(plan.Options{Targets: []plan.Target{plan.At(address)}, Offline: true, OrFile: c.orFile})
	if err := c.report(project, diags); err != nil {
		return err
	}
	var instances []string
	for _, known := range session.Addresses() {
		if known == address {
			return nil
		}
		if known.Whole() == address {
			instances = append(instances, diag.ShellQuote(known.String()))
		}
	}
	if len(instances) == 0 {
		return fmt.Errorf("%s has for_each, which is empty: it has no instances", address)
	}
	return fmt.Errorf("%s has for_each; name one of its instances: %s", address, strings.Join(instances, ", "))
}
