package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/hook"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/schema"
)

// hookState is what a walk knows of one hook.
type hookState struct {
	calling bool            // handed out by Callable, and not answered yet
	called  bool            // its value is known, or its call has failed
	value   eval.Value      // while called
	problem *hcl.Diagnostic // of a call that failed
}

// HookCalls is a group of hooks that one interpreter can call now.
type HookCalls struct {
	Environment *Environment // nil without one
	names       []string
	calls       []hook.Call
	keys        []string // what the answers of pure calls are kept by; "" for others
	project     string
	timeout     time.Duration
}

func hookName(node string) string {
	name, _ := strings.CutPrefix(node, "hook.")
	if name == node {
		return ""
	}
	return name
}

// CallHooks evaluates a hook, together with all others that the same
// interpreter can call now, and puts their values in. A hook whose
// environment is not built yet, or whose arguments are not known yet, stays
// unknown.
func (s *Session) CallHooks(ctx context.Context, node string) hcl.Diagnostics {
	group, diags := s.Callable(node)
	if group == nil {
		return diags
	}
	if s.Options.NoHooks {
		s.LeaveUnknown(group)
		return diags
	}
	if results := s.Kept(group); results != nil { // also offline: nothing is started for them
		return append(diags, s.Answer(group, results)...)
	}
	if s.Options.Offline {
		s.LeaveUnknown(group)
		return diags
	}
	if group.Environment != nil {
		if _, built := group.Environment.Prefix(); !built {
			s.LeaveUnknown(group)
			return diags
		}
	}
	results, err := s.Call(ctx, group)
	if err != nil {
		s.LeaveUnknown(group)
		subject := s.hookBlocks[hookName(node)].DeclRange
		return append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Hook failed", Detail: fmt.Sprintf("%s: %v", node, err), Subject: &subject})
	}
	return append(diags, s.Answer(group, results)...)
}

// Known says whether a hook has been called.
func (s *Session) Known(node string) bool {
	state := s.hooks[hookName(node)]
	return state != nil && state.called
}

// Calling says whether a hook belongs to a group that is being called.
func (s *Session) Calling(node string) bool {
	state := s.hooks[hookName(node)]
	return state != nil && state.calling
}

// HookProblem says why the call of a hook has failed, or is nil.
func (s *Session) HookProblem(node string) *hcl.Diagnostic {
	if state := s.hooks[hookName(node)]; state != nil {
		return state.problem
	}
	return nil
}

// Callable groups a hook with all others of its environment and project whose
// arguments are known and that have not been called yet. It is nil where the
// hook itself cannot be called yet.
func (s *Session) Callable(node string) (*HookCalls, hcl.Diagnostics) {
	block := s.hookBlocks[hookName(node)]
	if s.Known(node) {
		s.eval.SetHook(block, s.hooks[block.Address.Local()].value)
		return nil, nil
	}
	if s.answered(block) {
		return nil, nil
	}
	group, diags := s.prepareCall(block)
	if group == nil || diags.HasErrors() {
		s.eval.SetHook(block, s.unknownHook(block))
		return nil, diags
	}
	for _, other := range s.eval.Hooks() {
		node := other.Address.String()
		if other == block || !s.Wanted[node] || s.Known(node) || s.Calling(node) || !s.settled(other) || s.answered(other) {
			continue
		}
		if block.Kind != "python" || other.Kind != "python" {
			continue // a program is called alone
		}
		if one, moreDiags := s.prepareCall(other); one != nil && !moreDiags.HasErrors() &&
			one.Environment == group.Environment && one.project == group.project {
			group.names, group.calls = append(group.names, one.names...), append(group.calls, one.calls...)
			group.timeout = max(group.timeout, one.timeout)
		}
	}
	for _, call := range group.calls {
		group.keys = append(group.keys, s.pureKey(group, call))
	}
	for _, name := range group.names {
		s.hooks[name] = &hookState{calling: true}
	}
	return group, diags
}

// UnusedHooks finds what is wrong with hooks that nothing needs, which no plan
// has looked at.
func (s *Session) UnusedHooks() (diags hcl.Diagnostics) {
	for _, block := range s.eval.Hooks() {
		if !s.Wanted[block.Address.String()] {
			_, moreDiags := s.prepareCall(block)
			diags = append(diags, moreDiags...)
		}
	}
	return diags
}

// settled says whether nothing that a hook refers to has yet to be done: it
// depends on no flow and on no other hook.
func (s *Session) settled(block *schema.Hook) bool {
	for _, need := range s.Graph.Needs(block.Address.String()) {
		if !strings.HasPrefix(need, "environment.") {
			return false
		}
	}
	return true
}

// prepareCall evaluates a hook's arguments; nil if one of them is unknown.
func (s *Session) prepareCall(block *schema.Hook) (*HookCalls, hcl.Diagnostics) {
	values, diags := s.eval.Block(&block.Block)
	if diags.HasErrors() || !block.Complete() { // something else is wrong with it
		return nil, diags
	}
	projectValue, ok := values["project"]
	project, moreDiags := s.projectOf(projectValue, ok, block.Argument("project"))
	diags = append(diags, moreDiags...)
	group := &HookCalls{names: []string{block.Address.Local()}, timeout: 60 * time.Second}
	if project != nil {
		group.project = project.root
	}
	if value, ok := values["argv"]; ok && project != nil && !values["shell"].True() {
		diags = append(diags, s.checkLine(value, block.Argument("argv"), project.root)...)
	}
	if value, ok := values["environment"]; ok {
		name, moreDiags := s.addressed(value, "environment", block.Argument("environment"))
		diags = append(diags, moreDiags...)
		group.Environment = s.environments[name]
	}
	if value, ok := values["timeout"]; ok && value.Real.IsKnown() {
		seconds, _ := value.Unmarked().AsBigFloat().Float64()
		group.timeout = time.Duration(seconds * float64(time.Second))
	}
	call := hook.Call{Address: block.Address.String(), Sensitive: values["sensitive"].True()}
	call.Pure = values["pure"].True() && !call.Sensitive
	known, moreDiags := passArguments(&call, values, block)
	diags = append(diags, moreDiags...)
	if diags.HasErrors() || !known || block.Partial {
		return nil, diags
	}
	group.calls = []hook.Call{call}
	return group, diags
}

// passArguments says what a hook calls, and with what.
func passArguments(call *hook.Call, values map[string]eval.Value, block *schema.Hook) (known bool, diags hcl.Diagnostics) {
	if block.Kind == "command" {
		return passProgram(call, values, block)
	}
	var ok bool
	function, _ := values["function"].Text()
	if call.Module, call.Function, ok = strings.Cut(function, ":"); !ok || call.Module == "" || call.Function == "" {
		better := "package.module:name"
		if dot := strings.LastIndexByte(function, '.'); !ok && dot > 0 && dot < len(function)-1 { // as Python has it
			better = function[:dot] + ":" + function[dot+1:]
		} else if !ok && function != "" {
			better = "package.module:" + function
		}
		diags = append(diags, problemAt(block.Argument("function"), "Unsuitable value",
			fmt.Sprintf("%q does not name a function with its module: write %q.", function, better)))
	}
	known, moreDiags := passFunction(call, values, block)
	return known, append(diags, moreDiags...)
}

func passFunction(call *hook.Call, values map[string]eval.Value, block *schema.Hook) (known bool, diags hcl.Diagnostics) {
	if args, ok := values["args"]; ok {
		real := args.Unmarked()
		if !real.IsWhollyKnown() {
			return false, nil
		}
		if t := real.Type(); !t.IsTupleType() && !t.IsListType() {
			return true, hcl.Diagnostics{problemAt(block.Argument("args"), "Unsuitable value", "args is a list of the function's positional arguments.")}
		}
		for it := real.ElementIterator(); it.Next(); {
			_, element := it.Element()
			call.Args = append(call.Args, json.RawMessage(eval.CanonicalJSON(element)))
		}
	}
	if kwargs, ok := values["kwargs"]; ok {
		real := kwargs.Unmarked()
		if !real.IsWhollyKnown() {
			return false, nil
		}
		if t := real.Type(); !t.IsObjectType() && !t.IsMapType() {
			return true, hcl.Diagnostics{problemAt(block.Argument("kwargs"), "Unsuitable value", "kwargs is an object of the function's keyword arguments.")}
		}
		call.Kwargs = map[string]json.RawMessage{}
		for it := real.ElementIterator(); it.Next(); {
			key, element := it.Element()
			call.Kwargs[key.AsString()] = json.RawMessage(eval.CanonicalJSON(element))
		}
	}
	return true, nil
}

// Call runs a group's calls. It touches nothing of the session, so it may run
// in another goroutine; the environment must be built.
func (s *Session) Call(ctx context.Context, group *HookCalls) ([]hook.Result, error) {
	interpreter := hook.Interpreter{Dir: group.project, Timeout: group.timeout, Env: s.ChildEnv(nil), Log: s.tools.Log}
	interpreter.Env["PYTHONDONTWRITEBYTECODE"] = "1" // also in what hooks start
	interpreter.Env["PYTHONHASHSEED"] = "0"          // else a list made from a set differs in each plan
	s.Locate(interpreter.Env)
	interpreter.Env["METAFLOW_DATASTORE_SYSROOT_LOCAL"] = s.Config.Root
	switch {
	case group.Environment != nil:
		prefix, built := group.Environment.Prefix()
		if !built {
			panic("plan: hooks called without their environment")
		}
		interpreter.Python = prefix.Python
		Activate(interpreter.Env, prefix)
	case group.calls[0].Argv == nil:
		python, err := process.LookPath("python3", interpreter.Env, group.project)
		if err != nil {
			return nil, errors.New("there is no python3 on PATH to call it with; install Python, or give the hook an environment")
		}
		interpreter.Python = python
	}
	PrependPath(interpreter.Env, "PYTHONPATH", s.tools.Python())
	results := s.call(ctx, interpreter, group)
	s.keep(group, results)
	return results, nil
}

// Failed is the answer of a group that could not be called at all.
func (g *HookCalls) Failed(err error) []hook.Result {
	results := make([]hook.Result, len(g.calls))
	for i := range results {
		results[i].Err = err
	}
	return results
}

// Answer puts the results of a group in. A call that failed is a problem at
// the hook's block, with its Python traceback.
func (s *Session) Answer(group *HookCalls, results []hook.Result) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for i, name := range group.names {
		block := s.hookBlocks[name]
		state := &hookState{called: true}
		var err error
		if state.value, err = s.hookValue(block, results[i]); err != nil {
			state.problem = s.hookProblem(block, err)
			diags = append(diags, state.problem)
		}
		s.hooks[name] = state
		s.eval.SetHook(block, state.value)
	}
	return diags
}

// LeaveUnknown says that the hooks of a group have no value in this walk.
func (s *Session) LeaveUnknown(group *HookCalls) {
	for _, name := range group.names {
		delete(s.hooks, name)
		s.leaveUnknown(name)
	}
}

func (s *Session) leaveUnknown(name string) {
	s.eval.SetHook(s.hookBlocks[name], s.unknownHook(s.hookBlocks[name]))
}

// unknownHook is what a hook is worth before it is called: what is sensitive is known
// then.
func (s *Session) unknownHook(block *schema.Hook) eval.Value {
	value := eval.UnknownValue
	value.Real = value.Real.Mark(eval.Hook(block.Address.Local()))
	if block.Argument("sensitive") != nil {
		if values, _ := s.eval.Block(&block.Block); values["sensitive"].True() {
			value = value.Sensitive()
		}
	}
	return value
}

// hookValue is what a hook is worth by the result of its call.
func (s *Session) hookValue(block *schema.Hook, result hook.Result) (eval.Value, error) {
	if result.Err != nil {
		return s.unknownHook(block), result.Err
	}
	real, err := fromJSON(result.Value)
	if err != nil {
		return s.unknownHook(block), err
	}
	value := eval.Plain(real)
	values, _ := s.eval.Block(&block.Block)
	if values["ambient"].True() {
		value = value.Ambient()
	}
	if values["sensitive"].True() {
		value = value.Sensitive()
	}
	if err := s.checkHidden(value); err != nil {
		return s.unknownHook(block), err
	}
	value.Real = value.Real.Mark(eval.Hook(block.Address.Local()))
	return value, nil
}

func (s *Session) hookProblem(block *schema.Hook, err error) *hcl.Diagnostic {
	subject := block.DeclRange
	for _, name := range []string{"function", "argv"} {
		if argument := block.Argument(name); argument != nil {
			subject = argument.Expr.Range()
		}
	}
	detail := fmt.Sprintf("%s: %v.", block.Address, strings.TrimSuffix(err.Error(), "."))
	var failure *hook.Failure
	if errors.As(err, &failure) {
		detail = fmt.Sprintf("%s: %s", block.Address, failure.Message)
		if failure.Traceback != "" {
			detail += "\n" + strings.TrimRight(failure.Traceback, "\n")
		}
	}
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Hook failed", Detail: s.Secrets().Text(detail), Subject: &subject}
}

// maxExponent bounds the size of numbers, in bits: written out, as they are in
// a manifest, few digits can be gigabytes.
const maxExponent = 1 << 12

// fromJSON reads a hook's answer: objects and tuples, as jsondecode does.
func fromJSON(text json.RawMessage) (cty.Value, error) {
	t, err := ctyjson.ImpliedType(text)
	if err != nil {
		return cty.NilVal, fmt.Errorf("its answer is no JSON: %w", err)
	}
	value, err := ctyjson.Unmarshal(text, t)
	if err != nil {
		return cty.NilVal, fmt.Errorf("its answer is no JSON: %w", err)
	}
	err = cty.Walk(value, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.Type() == cty.Number && !v.IsNull() {
			number := v.AsBigFloat()
			if exponent := number.MantExp(nil); number.IsInf() || max(exponent, -exponent) > maxExponent {
				return false, errors.New("its answer has a number that is out of range")
			}
		}
		return true, nil
	})
	return value, err
}

// ChildEnv is the part of the caller's environment that children get.
func (s *Session) ChildEnv(pass []string) map[string]string {
	return process.Environ(os.Environ(), pass)
}
