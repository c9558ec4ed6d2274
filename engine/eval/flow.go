package eval

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/limit"
	"github.com/flowrider/flowrider/schema"
)

// Flow is one instance with all its arguments evaluated.
type Flow struct {
	*Instance
	Arguments map[string]Value            // by name, converted to the table's types; null ones are absent
	Outputs   map[string]map[string]Value // arguments of output blocks, by the output's name
	Bundle    map[string]Value            // arguments of the bundle block

	// Parameters are what flow.NAME.parameters is worth: not collapsed, since
	// other expressions may take them apart. An empty object without any.
	Parameters Value
}

// Flow evaluates all arguments of an instance but those that make order only.
func (e *Evaluator) Flow(instance *Instance) (*Flow, hcl.Diagnostics) {
	flow := &Flow{Instance: instance}
	var diags, moreDiags hcl.Diagnostics
	flow.Arguments, diags = e.arguments(&instance.Flow.Block, instance.Each)
	if len(instance.Flow.Outputs) > 0 {
		flow.Outputs = make(map[string]map[string]Value, len(instance.Flow.Outputs))
	}
	for _, output := range instance.Flow.Outputs {
		flow.Outputs[output.Name], moreDiags = e.arguments(&output.Block, instance.Each)
		diags = append(diags, moreDiags...)
	}
	if instance.Flow.Bundle != nil {
		flow.Bundle, moreDiags = e.arguments(instance.Flow.Bundle, instance.Each)
		diags = append(diags, moreDiags...)
	}
	diags = append(diags, checkSensitive(flow)...)
	flow.Parameters = Plain(cty.EmptyObjectVal)
	if value, ok := flow.Arguments["parameters"]; ok {
		flow.Parameters = value
	}
	for name, value := range flow.Arguments {
		if !value.single && name != "secrets" { // nothing of it is hashed
			flow.Arguments[name] = value.collapse()
		}
	}
	return flow, diags
}

// Settled evaluates a block inside a flow's that refers to nothing that is known
// later, so that its values are known: pin, retry, resources. Nil without one.
func (e *Evaluator) Settled(block *schema.Block, each *Each) (map[string]Value, hcl.Diagnostics) {
	if block == nil {
		return nil, nil
	}
	values, diags := e.arguments(block, each)
	return values, append(diags, checkShown(block, values, nil)...)
}

// Block evaluates all arguments of a hook, an environment, a project or an
// output. Of these, a hook takes what is sensitive as an argument of its call.
func (e *Evaluator) Block(block *schema.Block) (map[string]Value, hcl.Diagnostics) {
	values, diags := e.arguments(block, e.eachOf[block.Address])
	switch block.Address.Block {
	case "environment":
		diags = append(append(diags, e.checkVersions(block)...), checkShown(block, values, nil)...)
	case "project":
		diags = append(diags, checkShown(block, values, nil)...)
	case "hook":
		diags = append(diags, checkShown(block, values, map[string]bool{"args": true, "env": true, "kwargs": true})...)
	}
	return values, diags
}

func (e *Evaluator) arguments(block *schema.Block, each *Each) (map[string]Value, hcl.Diagnostics) {
	values := make(map[string]Value, len(block.Arguments))
	var diags hcl.Diagnostics
	constants := e.constants[block]
	for i, attribute := range block.Arguments {
		if !hasValue(attribute) {
			continue
		}
		var known constant
		if constants != nil {
			known = constants[i]
		}
		var value Value
		var moreDiags hcl.Diagnostics
		switch {
		case isSecrets(block, attribute):
			value, moreDiags = e.secretsArgument(attribute, each)
		case known.real != cty.NilVal && !e.tooLong(known.long):
			value = known.value()
		default:
			value, moreDiags = e.evaluateWith(known.members, attribute.Expr, block.Type(attribute.Name), each)
		}
		if moreDiags.HasErrors() && block.InSeconds(attribute.Name) {
			plainSeconds(moreDiags[0], attribute)
		}
		if block.Address.Block != "output" && !moreDiags.HasErrors() && value.mayHaveFlow() { // an output of the configuration may show all of a flow
			moreDiags = append(moreDiags, e.checkNoFlow(attribute.Expr, value.Real, block.Type(attribute.Name))...)
		}
		if !moreDiags.HasErrors() {
			moreDiags = append(moreDiags, checkNull(block, attribute, value)...)
		}
		diags = append(diags, moreDiags...)
		if !moreDiags.HasErrors() && !value.Real.IsNull() {
			values[attribute.Name] = value
		}
	}
	return values, diags
}

// plainSeconds says how many seconds a duration has that is written in place of their
// number.
func plainSeconds(problem *hcl.Diagnostic, attribute *schema.Attribute) {
	value, diags := limit.Value(attribute.Expr, nil)
	if diags.HasErrors() || value.IsNull() || value.Type() != cty.String {
		return
	}
	if length, err := schema.ParseDuration(value.AsString()); err == nil {
		seconds := strconv.FormatFloat(length.Seconds(), 'f', -1, 64)
		problem.Detail = fmt.Sprintf("This is a number of seconds: write %s.", seconds)
		problem.Extra = diag.Suggestion(seconds)
	}
}

// hasValue says whether an argument is worth anything in an instance.
func hasValue(attribute *schema.Attribute) bool {
	return !isOrderOnly(attribute.Name) && attribute.Name != "for_each"
}

func isSecrets(block *schema.Block, attribute *schema.Attribute) bool {
	return attribute.Name == "secrets" && block.Address.Block == "flow"
}

// delivered are the arguments that reach a flow by its environment, where a
// sensitive value may go. All others end up in argument lists, file names or
// records.
var delivered = map[string]bool{"env": true, "secrets": true}

func checkSensitive(flow *Flow) hcl.Diagnostics {
	diags := append(checkDelivered(flow), checkShown(&flow.Flow.Block, flow.Arguments, delivered)...)
	for _, output := range flow.Flow.Outputs {
		diags = append(diags, checkShown(&output.Block, flow.Outputs[output.Name], nil)...)
	}
	if flow.Flow.Bundle != nil {
		diags = append(diags, checkShown(flow.Flow.Bundle, flow.Bundle, nil)...)
	}
	return diags
}

func checkShown(block *schema.Block, values map[string]Value, delivered map[string]bool) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, attribute := range block.Arguments {
		value, ok := values[attribute.Name]
		if !ok || delivered[attribute.Name] || !value.Has(Sensitive) {
			continue
		}
		for _, subject := range placesOf(Sensitive, value.Real, attribute.Expr) {
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "Sensitive value would be seen",
				Detail: fmt.Sprintf("The argument %q is shown, recorded or passed on the command line, where every user of the machine can read it. "+
					"%s", attribute.Name, unseen(block, attribute.Name)),
				Subject: &subject,
			})
		}
	}
	return diags
}

// placesOf are the places of the parts of a value that have a mark, each once and in
// source order: the whole expression for those that are written nowhere in it.
func placesOf(mark any, value cty.Value, expr hcl.Expression) (places []hcl.Range) {
	_, parts := value.UnmarkDeepWithPaths()
	for _, part := range parts {
		if !marked(part.Marks, mark) {
			continue
		}
		place := expr.Range()
		if written := partOf(expr, part.Path); written != nil {
			place = written.Range()
		}
		if !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	slices.SortFunc(places, func(a, b hcl.Range) int { return a.Start.Byte - b.Start.Byte })
	return places
}

// unseen says where a sensitive value can go instead.
func unseen(block *schema.Block, argument string) string {
	switch {
	case block.Address.Block == "environment" || block.Address.Block == "project" || argument == "description" || argument == "reason":
		return "Leave the sensitive value out."
	case block.Address.Block == "hook" && block.Kind == "command":
		return "Pass the sensitive value in env instead."
	case block.Address.Block == "hook":
		return "Pass the sensitive value in args or kwargs instead."
	}
	return "Pass the sensitive value in secrets instead, and read it from the environment in the flow."
}

// Text is an argument that is a text, in its real form; ok is false where it
// is absent or not known.
func (v Value) Text() (text string, ok bool) {
	real := v.Unmarked()
	if real == cty.NilVal || real.IsNull() || !real.IsKnown() || real.Type() != cty.String {
		return "", false
	}
	return real.AsString(), true
}

// Texts is an argument that is a list of texts.
func (v Value) Texts() []string {
	if v.Absent() {
		return nil
	}
	real := v.Unmarked()
	if real.IsNull() || !real.IsWhollyKnown() {
		return nil
	}
	texts := []string{}
	for it := real.ElementIterator(); it.Next(); {
		if _, element := it.Element(); !element.IsNull() && element.Type() == cty.String {
			texts = append(texts, element.AsString())
		}
	}
	return texts
}

// True says whether an argument is true.
func (v Value) True() bool {
	if v.Absent() {
		return false
	}
	real := v.Unmarked()
	return real.IsKnown() && !real.IsNull() && real.Type() == cty.Bool && real.True()
}
