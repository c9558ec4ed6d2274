package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// Instance is a flow that can be run: the flow itself, or one for each key of
// its for_each.
type Instance struct {
	Address schema.Address
	Flow    *schema.Flow
	Each    *Each // nil without for_each
}

// Each is what each.key and each.value are in one instance.
type Each struct {
	Key   string
	Value Value

	ofSet bool // each.key is each.value, and ambient if that is
}

func (each *Each) key() Value {
	if each.ofSet {
		return each.Value
	}
	return Plain(cty.StringVal(each.Key))
}

func (each *Each) object() Value {
	return object(map[string]Value{"key": each.key(), "value": each.Value})
}

// Instances expands for_each: all instances, flows in source order and keys
// sorted. It must be called before anything refers to a flow, a hook or an
// environment.
func (e *Evaluator) Instances() ([]*Instance, hcl.Diagnostics) {
	x := &expansion{eval: e, known: map[schema.Address][]*Each{}, failed: map[schema.Address]bool{}, lost: map[string]bool{}}
	for _, block := range e.config.Environments {
		for _, one := range x.expand(&block.Block) {
			e.environments = append(e.environments, &schema.Environment{Block: one})
		}
	}
	for _, block := range e.config.Hooks {
		for _, one := range x.expand(&block.Block) {
			e.hookBlocks = append(e.hookBlocks, &schema.Hook{Block: one})
		}
	}
	var list []*Instance
	for _, flow := range e.config.Flows {
		for _, each := range x.elements(&flow.Block) {
			instance := &Instance{Address: flow.Address, Flow: flow, Each: each}
			if each != nil {
				instance.Address = flow.Address.Instance(each.Key)
			}
			list = append(list, instance)
		}
		if len(list) > maxFlows {
			return nil, hcl.Diagnostics{{
				Severity: hcl.DiagError, Summary: tooManyFlows, Subject: &flow.DeclRange,
				Detail: fmt.Sprintf("With those of %s there are more than %d flows.", flow.Address, maxFlows),
			}}
		}
	}
	if len(e.flows) == 0 {
		e.flows = make(map[schema.Address]*standing, len(list))
	}
	e.takeConstants()
	return list, append(x.diags, e.checkKeys(list, x.failed)...)
}

const tooManyFlows = "Too many flows"

// IsTooManyFlows says whether there are more flows than can be looked at for
// other mistakes.
func IsTooManyFlows(problem *hcl.Diagnostic) bool { return problem.Summary == tooManyFlows }

// Environments are the environments, one for each key where there is a for_each:
// their addresses have the key. Instances has made them.
func (e *Evaluator) Environments() []*schema.Environment { return e.environments }

// Hooks are the hooks, as Environments are.
func (e *Evaluator) Hooks() []*schema.Hook { return e.hookBlocks }

// expansion is the work of Instances.
type expansion struct {
	eval   *Evaluator
	known  map[schema.Address][]*Each
	failed map[schema.Address]bool // whose for_each is wrong, or goes through one that is
	lost   map[string]bool         // of the locals so far: whether they go through such a one
	diags  hcl.Diagnostics
}

// expand makes one block for each key, with the key in its address.
func (x *expansion) expand(block *schema.Block) []schema.Block {
	var list []schema.Block
	for _, each := range x.elements(block) {
		one := *block
		if each != nil {
			one.Address = block.Address.Instance(each.Key)
			x.eval.eachOf[one.Address] = each
		}
		list = append(list, one)
	}
	return list
}

// elements are those of a block's for_each; a single nil without one. The keys of
// environments that it goes through are found first, wherever they are declared.
func (x *expansion) elements(block *schema.Block) []*Each {
	argument := block.Argument("for_each")
	if argument == nil {
		return []*Each{nil}
	}
	if elements, ok := x.known[block.Address]; ok {
		return elements
	}
	failed := x.expandBehind(attributeReferences(argument))
	var elements []*Each
	if !failed {
		var diags hcl.Diagnostics
		elements, diags = x.eval.forEach(argument)
		x.diags = append(x.diags, diags...)
		failed = diags.HasErrors()
	}
	x.known[block.Address], x.failed[block.Address] = elements, failed
	keys := []string{}
	for _, each := range elements {
		keys = append(keys, each.Key)
	}
	x.eval.keys[block.Address] = keys
	return elements
}

// expandBehind finds the keys of the environments that references lead to, through
// local values too. lost says whether a for_each of them is wrong.
func (x *expansion) expandBehind(references []*schema.Reference) (lost bool) {
	for _, reference := range references {
		switch name := reference.Address.Name; reference.Address.Block {
		case "environment":
			if other := x.eval.config.Repeatable(reference.Address); other != nil {
				x.elements(other)
				lost = lost || x.failed[other.Address]
			}
		case "local":
			if _, known := x.lost[name]; !known && x.eval.config.Local(name) != nil {
				x.lost[name] = false
				x.lost[name] = x.expandBehind(localReferences(x.eval.config.Local(name)))
			}
			lost = lost || x.lost[name]
		}
	}
	return lost
}

func (e *Evaluator) forEach(argument *schema.Attribute) ([]*Each, hcl.Diagnostics) {
	subject := argument.Expr.Range()
	refuse := func(summary, detail string) hcl.Diagnostics {
		return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &subject}}
	}
	if source := e.later.source(attributeReferences(argument)); source != "" {
		advice := "Use a variable or a local value."
		if address, err := schema.ParseAddress(source); err == nil && e.config.HasForEach(address.Whole()) {
			advice = fmt.Sprintf("To make an instance for each one of %s, give both the same for_each.", address.Whole())
		}
		return nil, refuse("Unknown for_each", fmt.Sprintf("The keys must be known before anything runs, and %s is not. %s", source, advice))
	}
	if texts, ok := e.textsToSet(argument.Expr); ok {
		var elements []*Each
		for _, text := range texts {
			value := cty.StringVal(text)
			elements = append(elements, &Each{Key: text, ofSet: true, Value: Value{Real: value, Hashed: value, single: true}})
		}
		return elements, nil
	}
	value, diags := e.Evaluate(argument.Expr, cty.DynamicPseudoType, nil)
	if diags.HasErrors() {
		return nil, diags
	}
	if value.Has(Sensitive) {
		return nil, refuse("Sensitive for_each", "Keys are shown in addresses and file names, so they cannot be sensitive.")
	}
	real, marks := value.Real.Unmark()
	hashed, _ := value.Hashed.Unmark()
	t := real.Type()
	isMap, isSet := t.IsMapType() || t.IsObjectType(), t.IsSetType() && (t.ElementType() == cty.String || real.IsKnown() && !real.IsNull() && real.LengthInt() == 0)
	if real.IsNull() || !real.IsKnown() || !isMap && !isSet {
		return nil, refuse("Unsuitable for_each", strings.TrimRight("for_each takes a map, an object or a set of texts. "+setHint(t, subject), " "))
	}
	var elements []*Each
	for it := real.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if key.IsNull() || !key.IsKnown() {
			return nil, refuse("Unsuitable for_each", "A key cannot be null: each one is a part of an address. Leave null out, as in toset(compact([...])).")
		}
		each := &Each{Key: key.AsString(), ofSet: isSet, Value: Value{Real: element.WithMarks(marks), single: value.single}}
		switch mark := constantFact(marks); {
		case mark != "":
			each.Value.Hashed = standIn(element, mark)
		case isMap:
			each.Value.Hashed = at(hashed, each.Key, element)
		default:
			each.Value.Hashed = element
		}
		elements = append(elements, each)
	}
	slices.SortFunc(elements, func(a, b *Each) int { return strings.Compare(a.Key, b.Key) })
	return elements, diags
}

// setHint says how what is given to for_each becomes what it takes.
func setHint(t cty.Type, in hcl.Range) string {
	element := elementsType(t)
	if t.IsListType() || t.IsSetType() {
		element = t.ElementType()
	}
	listed := t.IsListType() || t.IsTupleType()
	switch {
	case t == cty.String:
		return schema.As(in, "", `An expression stands in ${ }: write "${…}" around it.`)
	case !listed && !t.IsSetType():
		return ""
	case element == cty.Number || element == cty.Bool:
		return "Make texts of the elements: toset([for x in LIST : tostring(x)])."
	case element != cty.NilType && (element.IsObjectType() || element.IsMapType()):
		return "Make a map of the elements: { for x in LIST : x.name => x }, with the attribute that tells them apart."
	case listed:
		return schema.As(in, "Wrap the list in toset().", `Wrap the list in toset(), which is an expression: "${toset([\"a\", \"b\"])}".`)
	}
	return ""
}

// textsToSet are the texts, sorted, of toset(LIST), if the list has nothing else and
// is no secret. A set is not made of them: cty sorts one for each who goes through
// it, in several times the time of all else that is done with a key.
func (e *Evaluator) textsToSet(expr hcl.Expression) ([]string, bool) {
	call, ok := expr.(*hclsyntax.FunctionCallExpr)
	if !ok || call.Name != "toset" || len(call.Args) != 1 || call.ExpandFinal {
		return nil, false
	}
	value, diags := e.Evaluate(call.Args[0], cty.DynamicPseudoType, nil)
	if len(diags) > 0 || !value.single || !value.Real.IsWhollyKnown() || value.Real.IsNull() {
		return nil, false // which is told of the whole
	}
	if t := value.Real.Type(); !t.IsListType() && !t.IsTupleType() {
		return nil, false
	}
	var texts []string
	for _, element := range value.Real.AsValueSlice() {
		if element.Type() != cty.String || element.IsNull() {
			return nil, false
		}
		texts = append(texts, element.AsString())
	}
	slices.Sort(texts)
	return slices.Compact(texts), true
}

// at is the hashed form of an element. A hashed form without that key is one
// whose keys differ with what is not hashed; then the element stands for
// itself.
func at(hashed cty.Value, key string, element cty.Value) cty.Value {
	if isShaped(hashed) && isNamed(hashed) && hasName(hashed, key) {
		return elementOf(hashed, key, 0, true)
	}
	return standIns(element)
}
