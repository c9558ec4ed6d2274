package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/saved"
	"github.com/flowrider/flowrider/internal/diag"
)

// isPlanFile tells a saved plan from a flow: it is an existing file, or
// written as a path. A flow whose name or address a file happens to have is
// meant by its address, unless that file is a saved plan.
func isPlanFile(argument string) bool {
	name, _, _ := strings.Cut(argument, "[")
	if strings.Contains(name, "/") || saved.Is(argument) {
		return true
	}
	info, err := os.Lstat(argument)
	return err == nil && !info.IsDir() && !strings.HasPrefix(argument, "flow.")
}

// planFile is the saved plan that the arguments name; "" where they name
// flows.
func planFile(arguments []string) (string, error) {
	at := slices.IndexFunc(arguments, isPlanFile)
	switch {
	case at < 0:
		return "", nil
	case len(arguments) > 1:
		return "", fmt.Errorf("%s is a file: a saved plan is applied as a whole, and alone; give flows by their addresses, as in flow.clean", arguments[at])
	}
	return arguments[0], nil
}

// readPlan reads a saved plan.
func readPlan(path string) (*saved.Plan, error) {
	p, err := saved.Read(path)
	if err != nil && !strings.ContainsAny(path, "./") {
		return nil, fmt.Errorf("%w; if you mean the flow, write flow.%s", err, path)
	}
	return p, err
}

// loadSaved reads a saved plan, and the configuration with the values that
// variables had when it was made.
func (c *common) loadSaved(path string) (*engine.Project, plan.Options, error) {
	s, err := readPlan(path)
	if err != nil {
		return nil, plan.Options{}, err
	}
	given, err := c.given()
	if err != nil {
		return nil, plan.Options{}, err
	}
	if err := checkWithheld(path, s, given); err != nil {
		return nil, plan.Options{}, err
	}
	var options plan.Options
	values := c.values(given)
	values.Fixed = &engine.Fixed{Path: path, Plan: s}
	project, err := c.loadWith(values, func(p *engine.Project) (err error) {
		options, err = p.Approved(path, s)
		return err
	})
	return project, options, err
}

// checkWithheld holds the variables that are given to those that a saved plan
// leaves out, since they are sensitive.
func checkWithheld(path string, s *saved.Plan, given map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(s.Withheld, name) {
			return fmt.Errorf("--var %s does not go with a saved plan, which has its own values; %s --var %s=VALUE", name, saved.Advice(path), name)
		}
	}
	return nil
}

// withPlan are the flags that go with a saved plan.
var withPlan = []string{"chdir", "var", "var-file", "json", "verbose", "quiet", "parallelism", "fail-fast", "workspace", "locked", "no-cache", "rehash", "strict", "no-resume", "lock-timeout", "junit", "summary"}

// checkNoPlanning refuses flags that would change what a saved plan says.
func checkNoPlanning(command *cobra.Command, path string) error {
	var wrong []string
	command.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(withPlan, flag.Name) {
			wrong = append(wrong, "--"+flag.Name)
		}
	})
	if len(wrong) > 0 {
		return fmt.Errorf("%s does not go with a saved plan: what is done is what %s says; give it to flowrider plan --out", strings.Join(wrong, ", "), path)
	}
	return nil
}

// savePlan saves a plan that has been shown.
func (c *common) savePlan(project *engine.Project, session *plan.Session, planned *plan.Plan, path string) error {
	if err := project.Save(path, session, planned); err != nil {
		return fmt.Errorf("the plan is not saved: %w", err)
	}
	fmt.Fprintf(os.Stderr, "Saved to %s. To do just that: flowrider apply%s %s\n", path, c.whereabouts(), diag.ShellQuote(path))
	return nil
}

// showPlan writes a saved plan as plan did.
func showPlan(flags *common, path string) error {
	s, err := readPlan(path)
	if err != nil {
		return err
	}
	if !flags.json {
		showMistakes(s.Approved.Plan.Warnings, flags.chdir)
	}
	flags.writePlan(s.Approved.Plan)
	return nil
}

var errEmptyOut = errors.New("--out has no file name; write --out FILE")
