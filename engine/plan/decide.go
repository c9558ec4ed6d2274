package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/process"
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
		diags = s.locate(flow)
		s.Fail(flow)
		return flow, diags
	}
	if !diags.HasErrors() {
		diags = append(diags, s.describe(flow)...)
	}
	if !diags.HasErrors() {
		diags = append(diags, s.checkNeeds(flow)...)
		if e := flow.Place.Environment; e != nil && flow.Runner == "metaflow" {
			if problem := e.WithoutMetaflow(); problem != nil && problem.Severity == hcl.DiagError { // else validate says it
				diags = append(diags, problem)
			}
		}
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
func (s *Session) checkArguments(flow *Flow) (diags hcl.Diagnostics) {
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
		root, _ := s.projectRoot(flow.Instance)
		diags = append(diags, checkArgv(value, arguments["shell"].True(), block.Argument("argv"))...)
		if !arguments["shell"].True() {
			diags = append(diags, s.checkLine(value, block.Argument("argv"), root)...)
		}
	}
	if value, ok := arguments["data_version"]; ok {
		if text, _ := value.Text(); text != runner.PolicyContent && text != runner.PolicyRun && text != runner.PolicyKey {
			diags = append(diags, problemAt(block.Argument("data_version"), "Unsuitable value", "data_version is \"content\", \"run\" or \"key\"."))
		}
	}
	if value, ok := arguments["file"]; ok {
		if text, known := value.Text(); !known {
			diags = append(diags, problemAt(block.Argument("file"), "Unknown file", "Which file is run must be known before anything runs."))
		} else if _, _, moreDiags := s.localPath(text, block.Argument("file"), flow.Instance); moreDiags.HasErrors() {
			diags = append(diags, moreDiags...)
		}
	}
	if value, ok := arguments["workdir"]; ok {
		if text, _ := value.Text(); text != "" && !filepath.IsLocal(filepath.FromSlash(text)) {
			diags = append(diags, s.outside(text, "the bundle, which is the flow's own copy of the project", block.Argument("workdir"), flow.Instance))
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
func checkArgv(value eval.Value, shell bool, argument *schema.Attribute) hcl.Diagnostics {
	real := value.Unmarked()
	if !real.IsKnown() {
		return nil
	}
	words := real.AsValueSlice()
	switch {
	case len(words) == 0 || words[0].IsKnown() && words[0].AsString() == "":
		return hcl.Diagnostics{problemAt(argument, "Unsuitable value", "argv names no program; write argv = [\"program\", \"argument\"].")}
	case shell && len(words) > 1:
		return hcl.Diagnostics{problemAt(argument, "Unsuitable value",
			fmt.Sprintf("With shell = true argv is one line, as in argv = [\"a | b\"]; it has %d elements.", len(words)))}
	}
	return nil
}

// checkLine finds a whole line in the place of a program's name. root is the
// project's folder.
func (s *Session) checkLine(value eval.Value, argument *schema.Attribute, root string) hcl.Diagnostics {
	real := value.Unmarked()
	if !real.IsKnown() || real.LengthInt() != 1 || len(value.Texts()) != 1 {
		return nil
	}
	line := value.Texts()[0]
	switch {
	case !s.isLine(line, root):
		return nil
	case strings.ContainsAny(line, "|<>&;$`*'\"\\"):
		return hcl.Diagnostics{problemAt(argument, "Unsuitable value", fmt.Sprintf("No program is called %q. If it is a line for the shell, write %s beside it.",
			line, schema.As(argument.Range(), "shell = true", `"shell": true`)))}
	}
	words, _ := json.Marshal(strings.Fields(line)) // texts always encode
	return hcl.Diagnostics{problemAt(argument, "Unsuitable value", fmt.Sprintf("No program is called %q. Write each word by itself: %s.", line,
		schema.As(argument.Range(), "argv = ", `"argv": `)+strings.ReplaceAll(string(words), `","`, `", "`)))}
}

// isLine says whether the name of a program is a whole line instead: no program has
// it, and it has spaces in it.
func (s *Session) isLine(name, root string) bool {
	program := name
	if end := strings.IndexAny(name, " \t\n"); end >= 0 {
		program = name[:end]
	}
	if program == "" || program == name {
		return false
	}
	if _, err := process.LookPath(name, s.ChildEnv(nil), root); err == nil || exists(root, name) {
		return false
	}
	return !strings.Contains(program, "/") || exists(root, program) // else both may be on another machine
}

func exists(root, name string) bool {
	if !filepath.IsAbs(name) {
		name = filepath.Join(root, name)
	}
	_, err := os.Lstat(name)
	return err == nil
}

// isObject says whether a value is an object or map, or not known yet.
func isObject(value eval.Value) bool {
	t := value.Unmarked().Type()
	return t == cty.DynamicPseudoType || t.IsObjectType() || t.IsMapType()
}
