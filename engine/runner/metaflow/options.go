package metaflow

import (
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// uncounted are the options, before or after `run`, that only say how or
// where a flow runs. Any other option counts, those that no one here has
// heard of too.
var uncounted = map[string]bool{
	"quiet":          true,
	"pylint":         true,
	"metadata":       true,
	"datastore":      true,
	"datastore-root": true,
	"event-logger":   true,
	"monitor":        true,
	"tag":            true,
	"max-workers":    true,
	"max-num-splits": true,
	"max-log-size":   true,
	"run-id-file":    true,
}

// uncountedDecorators are the decorators that, given by the option `with`,
// only say how or where.
var uncountedDecorators = map[string]bool{
	"batch":      true,
	"kubernetes": true,
	"resources":  true,
	"retry":      true,
	"timeout":    true,
	"card":       true,
}

// negations are Metaflow's flags that can be switched off by name. Of any
// other flag, false means that it is not given.
var negations = map[string]string{
	"quiet":                      "not-quiet",
	"pylint":                     "no-pylint",
	"warnings":                   "no-warnings",
	"force-rebuild-environments": "no-force-rebuild-environments",
}

// refused are the options that a flow may not set, each with the way out.
var refused = map[string]string{
	"run-id-file":    "flowrider needs it for itself; write the argument run_id_file instead",
	"datastore-root": "client calls inside steps would still look elsewhere; leave it out, runs are kept in .metaflow beside flowrider.hcl",
	"config":         "it takes two values; write the argument configs = { NAME = FILE } instead",
	"config-value":   "it takes two values; write the argument config_values = { NAME = VALUE } instead",
}

// whole are the options that take a whole number.
var whole = map[string]bool{"max-workers": true, "max-num-splits": true, "max-log-size": true}

// Options are Metaflow's own by the argument that they belong into, sorted. Its
// extensions may have others, and a flow's parameters are options of `run`.
var Options = map[string][]string{
	argOptions: {
		"branch", "datastore", "environment", "event-logger", "force-rebuild-environments", "metadata", "mode", "monitor", "no-force-rebuild-environments",
		"no-pylint", "not-quiet", "package-suffixes", "production", "pylint", "quiet", "with",
	},
	argRunOptions: {"max-log-size", "max-num-splits", "max-workers", "namespace", "tag", "with"},
}

// localOnly are the options that may only be "local" so far.
var localOnly = map[string]bool{"datastore": true, "metadata": true}

// reserved are the names that Metaflow's `run` keeps for itself: given as a
// parameter, each would act as the option of that name.
var reserved = map[string]bool{
	"params": true, "with": true, "tag": true, "tags": true, "namespace": true,
	"obj": true, "decospecs": true, "run-id-file": true, "max-num-splits": true,
	"max-workers": true, "max-log-size": true, "user-namespace": true,
	"run-id": true, "task-id": true, "runner-attribute-file": true,
}

// countedOption is the part of an option's value that counts, or cty.NilVal
// if none does.
func countedOption(name string, v cty.Value) cty.Value {
	switch {
	case uncounted[name]:
		return cty.NilVal
	case name == "with":
		return countedDecorators(v)
	case v.IsKnown() && v.Type() == cty.Bool && v.False() && negations[name] == "":
		return cty.NilVal // it is not given
	}
	return v
}

// countedDecorators is the list of the decorators that count. One whose text
// is not known yet may count.
func countedDecorators(v cty.Value) cty.Value {
	if !v.IsKnown() {
		return v
	}
	var counted []cty.Value
	for _, decorator := range elementsOf(v) {
		if decorator.IsKnown() && decorator.Type() == cty.String {
			name, _, _ := strings.Cut(decorator.AsString(), ":")
			if uncountedDecorators[name] {
				continue
			}
		}
		counted = append(counted, decorator)
	}
	if len(counted) == 0 {
		return cty.NilVal
	}
	return cty.TupleVal(counted)
}
