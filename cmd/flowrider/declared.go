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
	list, err := addresses([]string{argument})
	if err != nil {
		return nil, schema.Address{}, err
	}
	project, err := c.load()
	if err != nil {
		return nil, list[0], err
	}
	return project, list[0], c.declared(project, list[0])
}

// remembered is flow, and takes flows too that have a record and are not
// declared any more.
func (c *common) remembered(argument string) (*engine.Project, schema.Address, error) {
	list, err := addresses([]string{argument})
	if err != nil {
		return nil, schema.Address{}, err
	}
	project, err := c.load()
	if err != nil {
		return nil, list[0], err
	}
	if list[0].Block == "flow" {
		if rec, _ := project.Records.Selected(list[0]); rec != nil {
			return project, list[0], nil
		}
	}
	return project, list[0], c.declared(project, list[0])
}

// declared is an error if the configuration has no such flow or instance.
func (c *common) declared(project *engine.Project, address schema.Address) error {
	session, diags := project.Session(plan.Options{Targets: []schema.Address{address}, Offline: true, OrFile: c.orFile})
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
