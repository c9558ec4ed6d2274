package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// Decide evaluates an instance with what is known now, decides its verdict,
// and puts what is known of its result in. copied is the listing of what was
// really bundled, or nil to look at the project as it is.
//
// A problem with the configuration or the project's files is a diagnostic at
// its place; the flow is blocked then.
func (s *Session) Decide(instance *eval.Instance, copied *bundle.Listing) (*Flow, hcl.Diagnostics) {
	address := instance.Address.String()
	flow := &Flow{
		Address: address, Runner: instance.Flow.Kind, Verdict: Blocked, Reasons: []Reason{},
		DependsOn: s.dependencies(address), Instance: instance, Listing: copied,
	}
	if flow.DependsOn == nil {
		flow.DependsOn = []string{}
	}
	s.decided[address] = flow
	s.settleUnwalked(address)
	var diags hcl.Diagnostics
	flow.Resolved, diags = s.eval.Flow(instance)
	if !diags.HasErrors() {
		diags = append(diags, s.checkArguments(flow)...)
	}
	if !diags.HasErrors() && instance.Flow.Partial { // with nothing more to find, and nothing to decide
		_, diags = s.place(flow.Resolved)
		s.Fail(flow)
		return flow, diags
	}
	if !diags.HasErrors() {
		diags = append(diags, s.describe(flow)...)
	}
	if !diags.HasErrors() {
		diags = append(diags, s.checkFile(flow)...)
		flow.SharedHash = s.sharedHash(flow)
	}
	if !diags.HasErrors() {
		diags = append(diags, s.findPinned(flow)...)
		diags = append(diags, s.findImported(flow)...)
	}
	if diags.HasErrors() {
		s.Fail(flow)
		return flow, diags
	}
	s.judge(flow)
	s.put(flow, s.outcome(flow))
	return flow, diags
}

// checkArguments finds arguments that no runner could use.
func (s *Session) checkArguments(flow *Flow) hcl.Diagnostics {
	var diags hcl.Diagnostics
	block, arguments := flow.Instance.Flow, flow.Resolved.Arguments
	if value, ok := arguments["parameters"]; ok {
		if !isObject(value) {
			diags = append(diags, problemAt(block.Argument("parameters"), "Unsuitable value", "parameters is an object, as in { n_gram = 3 }."))
		}
	}
	for _, name := range []string{"options", "run_options", "config_values"} {
		if value, ok := arguments[name]; ok && !isObject(value) {
			diags = append(diags, problemAt(block.Argument(name), "Unsuitable value", name+" is an object of options and their values."))
		}
	}
	for _, name := range []string{"include", "exclude", "link"} {
		if value, ok := flow.Resolved.Bundle[name]; ok && !value.Unmarked().IsWhollyKnown() {
			diags = append(diags, problemAt(block.Bundle.Argument(name), "Unknown files", "Which files a flow can see must be known before anything runs."))
		}
	}
	diags = append(diags, checkEnv(block, arguments)...)
	if value, ok := arguments["argv"]; ok {
		diags = append(diags, checkArgv(value, arguments["shell"].True(), block.Argument("argv"))...)
	}
	if value, ok := arguments["data_version"]; ok {
		if text, _ := value.Text(); text != runner.PolicyContent && text != runner.PolicyRun && text != runner.PolicyKey {
			diags = append(diags, problemAt(block.Argument("data_version"), "Unsuitable value", "data_version is \"content\", \"run\" or \"key\"."))
		}
	}
	if value, ok := arguments["file"]; ok {
		if text, known := value.Text(); !known {
			diags = append(diags, problemAt(block.Argument("file"), "Unknown file", "Which file is run must be known before anything runs."))
		} else if _, _, moreDiags := localPath(text, block.Argument("file")); moreDiags.HasErrors() {
			diags = append(diags, moreDiags...)
		}
	}
	if diags = append(diags, checkExpiry(flow)...); !diags.HasErrors() {
		diags = append(diags, s.refused(flow)...)
	}
	return diags
}

// refused finds what the flow's runner would not take.
func (s *Session) refused(flow *Flow) (diags hcl.Diagnostics) {
	given := runner.Arguments{}
	for name, value := range flow.Resolved.Arguments {
		given[name] = value.Unmarked()
	}
	for _, refusal := range s.tools.Runners[flow.Runner].Refuses(given) {
		block := &flow.Instance.Flow.Block
		place := block.Argument(refusal.Argument).Expr.Range()
		if pair, ok := block.Attribute(refusal.Argument, refusal.Member); ok {
			place = pair.Key.Range()
		}
		problem := problemIn(place, "Cannot be passed on", refusal.Why+".")
		if refusal.Meant != "" {
			problem.Extra = diag.Suggestion(refusal.Meant)
		}
		diags = append(diags, problem)
	}
	return diags
}

// checkEnv finds names that no variable of the environment has.
func checkEnv(block *schema.Flow, arguments map[string]eval.Value) (diags hcl.Diagnostics) {
	refuse := func(at hcl.Range, name string) {
		detail := fmt.Sprintf("%q is no name of an environment variable.", name)
		if bare := strings.Trim(name, "${}"); bare != name && isEnvName(bare) {
			detail += fmt.Sprintf(" Write the name alone: %q.", bare)
		}
		diags = append(diags, problemIn(at, "Unsuitable name", detail))
	}
	for _, name := range arguments["pass_env"].Texts() {
		if glob := strings.NewReplacer("*", "", "?", "", "[", "", "]", "", "!", "", "-", "").Replace(name); glob != "" && !isEnvName(glob) {
			refuse(block.Element("pass_env", name), name)
		}
	}
	if env := arguments["env"]; !env.Absent() && isObject(env) && env.Unmarked().IsKnown() && !env.Has(eval.Sensitive) {
		for _, name := range slices.Sorted(maps.Keys(env.Unmarked().AsValueMap())) {
			if !isEnvName(name) {
				refuse(block.Key("env", name), name)
			}
		}
	}
	return diags
}

// isEnvName says whether a variable of the environment can be called so, and be
// read by a shell: other names are typing mistakes.
func isEnvName(name string) bool {
	return name != "" && !strings.ContainsAny(name, "= \t\n\x00${}\"'")
}

// checkArgv finds what no program could be started with.
func checkArgv(value eval.Value, shell bool, argument *schema.Attribute) (diags hcl.Diagnostics) {
	real := value.Unmarked()
	if !real.IsKnown() {
		return nil
	}
	places, _ := hcl.ExprList(argument.Expr)
	words := real.AsValueSlice()
	for i, word := range words {
		if word.IsNull() {
			place := argument.Expr
			if len(places) == len(words) {
				place = places[i]
			}
			diags = append(diags, problemIn(place.Range(), "Null in a list", fmt.Sprintf("argv[%d] is null; leave it out, or write \"\".", i)))
		}
	}
	switch {
	case len(diags) > 0:
	case len(words) == 0 || words[0].IsKnown() && words[0].AsString() == "":
		diags = append(diags, problemAt(argument, "Unsuitable value", "argv names no program; write argv = [\"program\", \"argument\"]."))
	case shell && len(words) > 1:
		diags = append(diags, problemAt(argument, "Unsuitable value",
			fmt.Sprintf("With shell = true argv is one line, as in argv = [\"a | b\"]; it has %d elements.", len(words))))
	}
	return diags
}

// isObject says whether a value is an object or map, or not known yet.
func isObject(value eval.Value) bool {
	t := value.Unmarked().Type()
	return t == cty.DynamicPseudoType || t.IsObjectType() || t.IsMapType()
}
