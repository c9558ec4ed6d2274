package metaflow

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/runner"
)

// Refuses finds the parameters, configs and options that cannot be passed on.
func (Runner) Refuses(args runner.Arguments) (list []runner.Refusal) {
	for _, argument := range []string{argConfigs, argConfigValues, argOptions, argParameters, argRunOptions} {
		members, _ := givenMembers(args[argument])
		for _, m := range members {
			if why, meant := refusal(argument, m); why != "" {
				list = append(list, runner.Refusal{Argument: argument, Member: m.name, Why: fmt.Sprintf("%q %s", m.name, why), Meant: meant})
			}
		}
	}
	return list
}

// refusal says why a member of an argument cannot be passed on, and which name is
// meant; "" where it can be.
func refusal(argument string, m member) (why, meant string) {
	isOption := argument == argOptions || argument == argRunOptions
	name := m.name
	if isOption {
		name = strings.TrimLeft(name, "-")
	}
	way, isRefused := refused[name]
	switch {
	case isOption && isRefused:
		return "cannot be set: " + way, ""
	case isOption && localOnly[name] && !isLocal(m.value):
		return "can only be \"local\": runs that are kept elsewhere cannot be read so far; leave it out", ""
	case name == "" || strings.HasPrefix(name, "-") || strings.ContainsAny(name, "= \t\r\n"):
		return "is a name that no option of Metaflow's can have", ""
	case name != m.name:
		return "has the dashes of the command line: write " + name, name
	case argument == argParameters && reserved[strings.ReplaceAll(name, "_", "-")]:
		return "is the name of an option of Metaflow's, and no parameter can have it: write it in run_options, or give the parameter another name", ""
	case isOption && whole[name]:
		return unsuitable(m.value), ""
	}
	return "", ""
}

// isLocal says whether an option may be "local".
func isLocal(v cty.Value) bool {
	return !v.IsKnown() || v.Type() == cty.String && v.AsString() == "local"
}

// unsuitable says what is wrong with the value of an option that takes a whole
// number.
func unsuitable(v cty.Value) string {
	if !v.IsWhollyKnown() {
		return ""
	}
	for _, one := range elementsOf(v) {
		text, err := valueText(one)
		if err != nil || !isInt(strings.ReplaceAll(text, "_", "")) {
			return fmt.Sprintf("takes a whole number, and %s is none", shown(one, text))
		}
	}
	return ""
}
