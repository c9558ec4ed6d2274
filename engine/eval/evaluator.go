package eval

import (
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/limit"
	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/schema"
)

// Evaluator evaluates the expressions of one configuration with what is known
// so far. Results of flows and hooks are put in as they come; whoever walks
// the graph sees to it that they are there before they are referred to.
type Evaluator struct {
	config       *schema.Config
	later        *later
	given        map[string]cty.Value // variables' values
	variables    map[string]Value
	allVariables Value            // the object of them
	extra        map[string]Value // path, git, workspace
	secrets      *redact.Secrets  // is told what is sensitive

	locals       map[string]Value
	users        map[schema.Address][]string // locals that depend on a flow or hook, by its whole address
	flows        map[schema.Address]*standing
	trying       bool                        // made-up values are taken; see onlyCertain
	hooks        map[schema.Address]Value    // by address
	keys         map[schema.Address][]string // of for_each, by the address of the block
	eachOf       map[schema.Address]*Each    // of hooks and environments
	environments []*schema.Environment
	hookBlocks   []*schema.Hook
	real         map[string]function.Function
	hashed       map[string]function.Function
	constants    map[*schema.Block][]constant // of flows, as their arguments are
	parsed       map[hcl.Expression][]indexed
	narrow       map[keyPlace]*schema.Reference // see narrowed
	failed       map[string]hcl.Diagnostics     // what is wrong with locals
	long         int                            // bytes of long texts so far; see size
	hidden       map[schema.Address]bool        // see Hidden; nil until asked for
	pending      map[string]bool                // locals under evaluation, against a cycle that Check has missed
}

// Given is what comes from outside the configuration.
type Given struct {
	Variables map[string]cty.Value // by name; checked and converted by Variables
	Workspace string
	GitCommit string // "" where there is none
	GitBranch string
	GitRepo   string
	Secrets   *redact.Secrets // is told every sensitive value as it becomes known; it may be nil
}

// New makes an evaluator that knows no flow's or hook's value yet.
func New(config *schema.Config, given Given) *Evaluator {
	e := &Evaluator{
		config: config, later: newLater(config), given: given.Variables, variables: map[string]Value{}, secrets: given.Secrets,
		locals: map[string]Value{}, failed: map[string]hcl.Diagnostics{}, flows: map[schema.Address]*standing{}, hooks: map[schema.Address]Value{}, keys: map[schema.Address][]string{}, eachOf: map[schema.Address]*Each{},
		real: functions(config.Root, false), hashed: functions(config.Root, true),
		parsed: map[hcl.Expression][]indexed{}, pending: map[string]bool{}, narrow: map[keyPlace]*schema.Reference{},
	}
	e.users = e.localsByNeed()
	e.takeVariables()
	text := cty.StringVal
	e.extra = map[string]Value{
		"workspace": Plain(text(given.Workspace)),
		"path":      {Real: cty.ObjectVal(map[string]cty.Value{"root": text(config.Root).WithMarks(cty.NewValueMarks(Local, Ambient, stand{config.Root, "(root)"}))}), Hashed: cty.ObjectVal(map[string]cty.Value{"root": text("(root)")})},
		"git": {
			Real: cty.ObjectVal(map[string]cty.Value{
				"commit": text(given.GitCommit).Mark(Ambient), "branch": text(given.GitBranch).Mark(Ambient), "repo_name": text(given.GitRepo).Mark(Ambient),
			}),
			Hashed: cty.ObjectVal(map[string]cty.Value{"commit": text("(ambient)"), "branch": text("(ambient)"), "repo_name": text("(ambient)")}),
		},
	}
	return e
}

// SetFlow puts in what is known of a flow's result.
func (e *Evaluator) SetFlow(instance *Instance, result Result) {
	e.flows[instance.Address] = &standing{instance: instance, result: result}
	e.forget(instance.Address.Whole())
}

// SetHook puts in a hook's value.
func (e *Evaluator) SetHook(hook *schema.Hook, value Value) {
	e.hooks[hook.Address] = value
	e.hide(value.Real)
	e.forget(hook.Address.Whole())
}

// forget drops what locals were worth that depend on a flow or a hook.
func (e *Evaluator) forget(need schema.Address) {
	for _, name := range e.users[need] {
		delete(e.locals, name)
		delete(e.failed, name)
	}
}

// localsByNeed finds the locals that depend on each flow and hook, through
// other locals too.
func (e *Evaluator) localsByNeed() map[schema.Address][]string {
	users := map[schema.Address][]string{}
	needs := map[string]map[schema.Address]bool{}
	for _, local := range e.config.Locals {
		for need := range e.needs(local.Address.Name, needs) {
			users[need] = append(users[need], local.Address.Name)
		}
	}
	return users
}

// needs are what a local needs, by whole addresses. known are those of the
// locals so far.
func (e *Evaluator) needs(local string, known map[string]map[schema.Address]bool) map[schema.Address]bool {
	if found, ok := known[local]; ok {
		return found
	}
	all := map[schema.Address]bool{}
	known[local] = all
	for _, reference := range localReferences(e.config.Local(local)) {
		switch reference.Address.Block {
		case "environment", "hook", "flow":
			all[reference.Address.Whole()] = true
		case "local":
			maps.Copy(all, e.needs(reference.Address.Name, known))
		}
	}
	return all
}

// UnknownValue is a value of which nothing is known in either form.
var UnknownValue = Plain(cty.DynamicVal)

// Evaluate gives an expression's worth in both forms, converted to a type.
// each is nil outside for_each.
func (e *Evaluator) Evaluate(expr hcl.Expression, want cty.Type, each *Each) (Value, hcl.Diagnostics) {
	return e.evaluateWith(nil, expr, want, each)
}

// evaluateWith is Evaluate of an object of which some members are known.
func (e *Evaluator) evaluateWith(members []constant, expr hcl.Expression, want cty.Type, each *Each) (Value, hcl.Diagnostics) {
	s := &simple{eval: e, each: each, known: members}
	value, ok := s.evaluate(expr, constraint{Type: want})
	switch {
	case !ok || e.tooLong(s.size.long):
		return e.general(expr, want, each)
	case s.diags.HasErrors() || value.single:
		return value, s.diags
	}
	value.marks, value.flat = s.marks, !s.nested && !s.converted
	if problem := e.take(expr, value.Real, value.marks); problem != nil {
		return UnknownValue, append(s.diags, problem)
	}
	if s.changes {
		value.Hashed = e.onlyCertain(expr, want, each, value.Hashed)
	}
	if s.converted {
		value = value.faithful()
	}
	return value, s.diags
}

// general is Evaluate for any expression: HCL makes both forms.
func (e *Evaluator) general(expr hcl.Expression, want cty.Type, each *Each) (Value, hcl.Diagnostics) {
	scope, diags := e.scope(expr, each)
	if diags.HasErrors() {
		return UnknownValue, diags
	}
	real, moreDiags := e.evaluate(expr, want, scope.real(e))
	if diags = append(diags, moreDiags...); moreDiags.HasErrors() {
		return UnknownValue, diags
	}
	if !scope.split && !isMarked(real) {
		return Value{Real: real, Hashed: real, single: true}, diags
	}
	marks := marksIn(real)
	if problem := e.take(expr, real, marks); problem != nil {
		return UnknownValue, append(diags, problem)
	}
	hashed, moreDiags := e.evaluate(expr, want, scope.hashed(e))
	switch {
	case !moreDiags.HasErrors():
		return e.faithful(expr, want, each, Value{Real: real, Hashed: hashed, marks: marks}), diags
	case hasRun(marks):
		return Value{Real: real, Hashed: literal(real, cty.NilVal, nil)}, diags
	}
	return UnknownValue, append(diags, unhashable(expr, moreDiags))
}

// faithful is a value with a hashed form that loses nothing, and says nothing
// that is not certain.
func (e *Evaluator) faithful(expr hcl.Expression, want cty.Type, each *Each, value Value) Value {
	value.Hashed = e.onlyCertain(expr, want, each, value.Hashed)
	return value.faithful()
}

// take hides what is sensitive in a real value, given all marks in it. A
// sensitive value that is too long to be hidden is refused.
func (e *Evaluator) take(expr hcl.Expression, real cty.Value, marks cty.ValueMarks) *hcl.Diagnostic {
	texts := sensitiveTexts(real, marks)
	for _, text := range texts {
		if len(text) > maxSecret {
			subject := expr.Range()
			return &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: tooLarge, Subject: &subject,
				Detail: fmt.Sprintf("A sensitive value here has more than %d KiB, and so long a value cannot be looked for in all that is printed.", maxSecret>>10),
			}
		}
	}
	e.hideTexts(texts)
	return nil
}

func (e *Evaluator) evaluate(expr hcl.Expression, want cty.Type, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if problem := markedName(expr, ctx); problem != nil {
		return cty.DynamicVal, hcl.Diagnostics{problem}
	}
	value, diags := limit.Value(expr, ctx)
	diags = withoutSecondOperand(diags)
	for _, d := range diags {
		explainCall(d)
		plain(d, expr, ctx)
		// HCL's contexts hold this machine's values; they are not shown again.
		d.Expression, d.EvalContext = nil, nil
	}
	diags = onceAtEachPlace(diags)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	if problem := e.hold(expr, value); problem != nil {
		return cty.DynamicVal, append(diags, problem)
	}
	converted, err := convertTo(value, want)
	if err != nil {
		if moreDiags := e.checkNoFlow(expr, value, want); moreDiags.HasErrors() {
			return cty.DynamicVal, append(diags, moreDiags...)
		}
		for _, unfit := range unfits(misfitsOf(value, want, err), "This", expr) {
			problem := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unsuitable value", Detail: inPlace(unfit.detail, unfit.place), Subject: &unfit.place, Extra: valuesIn(expr, ctx)}
			if better := meantAs(value, want, expr); better != "" {
				example, _, _ := strings.Cut(unfit.detail, ", as in ")
				problem.Detail, problem.Extra = fmt.Sprintf("%s. Write %s.", strings.TrimSuffix(example, "."), better), diag.Suggestion(better)
			}
			if summary, detail := takenWhole(unfit.part); summary != "" {
				problem.Summary, problem.Detail = summary, detail
			} else if advice := unfit.asText(expr); advice != "" {
				problem.Detail = advice
			}
			diags = append(diags, problem)
		}
		return cty.DynamicVal, diags
	}
	return converted, diags
}

// unhashable is the error of an expression that takes the real value and not
// its stand-in, such as parseint of a sensitive text.
func unhashable(expr hcl.Expression, diags hcl.Diagnostics) *hcl.Diagnostic {
	subject := expr.Range()
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Expression cannot be hashed",
		Detail: fmt.Sprintf("For the config hash this is evaluated with constants in place of sensitive and ambient values, and with those it fails: %s "+
			"Pass the value on as it is, and take it apart in the flow.", diags[0].Detail),
		Subject: &subject,
	}
}

// scope has just what an expression refers to, so that evaluating all flows
// grows with their number and not with its square. Variables are all of them,
// since they are the same for every expression.
func (e *Evaluator) scope(expr hcl.Expression, each *Each) (*scope, hcl.Diagnostics) {
	s := &scope{}
	var diags hcl.Diagnostics
	for _, reference := range e.references(expr, each) {
		if reference.Address.Block == "var" {
			s.variables = e.allVariables
			s.split = s.split || e.variable(reference.Address.Name).split()
			continue
		}
		value, moreDiags := e.lookup(reference, each)
		diags = append(diags, moreDiags...)
		if !moreDiags.HasErrors() {
			s.put(reference.Address, value)
		}
	}
	s.settle()
	return s, diags
}

// lookup is the value that a reference's address stands for. Check has made
// sure that there is one.
func (e *Evaluator) lookup(reference *schema.Reference, each *Each) (Value, hcl.Diagnostics) {
	name := reference.Address.Name
	switch reference.Address.Block {
	case "var":
		return e.variable(name), nil
	case "local":
		return e.local(name)
	case "hook":
		return e.instances(reference.Address, func(address schema.Address) Value {
			if value, ok := e.hooks[address]; ok {
				return value
			}
			return UnknownValue
		}), nil
	case "flow":
		return e.instances(reference.Address, e.flowInstance), nil
	case "environment", "project":
		return e.instances(reference.Address, func(address schema.Address) Value {
			return Plain(cty.ObjectVal(map[string]cty.Value{
				"name": cty.StringVal(name), "address": cty.StringVal(address.String()),
			}))
		}), nil
	case "each":
		if each == nil {
			subject := reference.Range()
			return UnknownValue, hcl.Diagnostics{{
				Severity: hcl.DiagError, Summary: "No for_each", Subject: &subject,
				Detail: "each.key and each.value exist in blocks that have for_each.",
			}}
		}
		return each.object(), nil
	}
	value, ok := e.extra[reference.Address.Block]
	if !ok {
		panic("eval: unchecked reference to " + reference.Address.Block)
	}
	return value, nil
}

func (e *Evaluator) variable(name string) Value {
	value, ok := e.variables[name]
	if !ok {
		panic("eval: no value for var." + name)
	}
	return value
}

// takeVariables makes values of what the variables are given.
func (e *Evaluator) takeVariables() {
	for _, variable := range e.config.Variables {
		given, ok := e.given[variable.Address.Name]
		if !ok {
			continue
		}
		value := Value{Real: given, Hashed: given, single: true, size: sizeOf(given)}
		switch {
		case variable.Sensitive:
			value = Plain(given).Sensitive()
			e.hide(value.Real)
		case value.size.marked:
			value = Value{Real: given, Hashed: standIns(given)}
		}
		e.variables[variable.Address.Name] = value
	}
	e.allVariables = object(e.variables)
}

func (e *Evaluator) local(name string) (Value, hcl.Diagnostics) {
	if value, ok := e.locals[name]; ok {
		return value, nil
	}
	if mistakes := e.failed[name]; mistakes != nil {
		return UnknownValue, mistakes // which are told once, however often they are met
	}
	if e.pending[name] {
		panic("eval: local." + name + " refers to itself")
	}
	e.pending[name] = true
	value, diags := e.Evaluate(e.config.Local(name).Attribute.Expr, cty.DynamicPseudoType, nil)
	delete(e.pending, name)
	if !diags.HasErrors() {
		if value.size == nil {
			value.size = sizeOf(value.Real) // once for all that refers to it
		}
		e.locals[name] = value
		return value, diags
	}
	e.failed[name] = onceEach(diags)
	return value, e.failed[name]
}

// onceEach leaves out mistakes that are there already: those of a local value that
// is referred to twice, by one that is referred to twice, and so on.
func onceEach(diags hcl.Diagnostics) (list hcl.Diagnostics) {
	met := map[*hcl.Diagnostic]bool{}
	for _, problem := range diags {
		if !met[problem] {
			met[problem] = true
			list = append(list, problem)
		}
	}
	return list
}

// Locals finds what is wrong with local values, those too that nothing refers to.
// What is known of flows and hooks is in.
func (e *Evaluator) Locals() (diags hcl.Diagnostics) {
	for _, local := range e.config.Locals {
		_, moreDiags := e.local(local.Address.Name)
		diags = append(diags, moreDiags...)
	}
	return diags
}

// instances is one instance's value, or for a block with for_each the object of
// all its instances.
func (e *Evaluator) instances(address schema.Address, one func(schema.Address) Value) Value {
	if address.Keyed {
		// The context needs the object that the key picks from.
		instance := one(address)
		return Value{
			Real:   cty.ObjectVal(map[string]cty.Value{address.Key: instance.Real}),
			Hashed: cty.ObjectVal(map[string]cty.Value{address.Key: instance.Hashed}),
		}
	}
	keys, many := e.keys[address]
	if !many {
		return one(address)
	}
	all := Value{}
	real, hashed := map[string]cty.Value{}, map[string]cty.Value{}
	for _, key := range keys {
		instance := one(address.Instance(key))
		real[key], hashed[key] = instance.Real, instance.Hashed
	}
	all.Real, all.Hashed = cty.ObjectVal(real), cty.ObjectVal(hashed)
	return all
}

func (e *Evaluator) flowInstance(address schema.Address) Value {
	s, ok := e.flows[address]
	switch {
	case !ok:
		panic("eval: the value of " + address.String() + " is not in yet")
	case e.trying && !s.result.Known:
		if s.madeUp == nil {
			value := s.result.madeUp(address.String(), s.instance.Flow).value(s.instance)
			s.madeUp = &value
		}
		return *s.madeUp
	case s.value == nil:
		value := s.result.value(s.instance)
		value.apart = value.split() // it is asked for by all that refers to it
		s.value = &value
	}
	return *s.value
}

// standing is what is known of a flow. Its values are made when something
// refers to it: most flows are referred to by nothing.
type standing struct {
	instance *Instance
	result   Result
	value    *Value
	madeUp   *Value // of one that is not known, as it might turn out
}
