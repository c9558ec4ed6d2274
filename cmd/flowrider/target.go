package main

import (
	"github.com/spf13/pflag"

	"github.com/flowrider/flowrider/engine/plan"
)

// targetsHelp is what the help of commands that take targets says of them.
const targetsHelp = `A TARGET is an address such as flow.clean or 'flow.train["forest"]', or a glob
such as 'flow.train*' or 'flow.train[*]', and brings what it needs. x+ is x with
everything that needs it; +x is x with everything it needs, as targets of their
own, which --replace +x and --exclude +x mean.`

func registerExclude(flags *pflag.FlagSet, exclude *[]string) {
	flags.StringArrayVar(exclude, "exclude", nil, "leave this `TARGET` out, with everything that needs it, up to date or\nnot; repeats")
}

// registerHooks is the flag of commands that start nothing of their own accord.
func registerHooks(flags *pflag.FlagSet, hooks *bool) {
	flags.BoolVar(hooks, "hooks", false, "call the hooks that plan calls, so that their values are known")
}

// parseTargets reads the targets that a command takes.
func parseTargets(arguments []string) ([]plan.Target, error) {
	var list []plan.Target
	for _, argument := range arguments {
		target, err := plan.ParseTarget(argument)
		if err != nil {
			return nil, err
		}
		list = append(list, target)
	}
	return list, nil
}
