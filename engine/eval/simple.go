package eval

import (
	"maps"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// Most expressions are simple: literals and references, and texts, lists and
// objects of them. Those are recognised here and taken member by member, each
// in both forms at once, since HCL's general way through them takes longer
// than all else that is done with them. What is wrong with one is left to HCL
// to find, and to tell.

// short is how many bytes an expression without references has at most that is
// surely within all limits on values.
const short = 256

// simple evaluates one simple expression, and notes of what it refers to all
// that would else have to be looked for in the whole.
type simple struct {
	eval      *Evaluator
	each      *Each
	constant  bool            // only what refers to nothing that is known later is taken
	size      size            // of what it refers to
	marks     cty.ValueMarks  // all in the real form
	nested    bool            // something marked has parts
	changes   bool            // the hashed form has the mark Changes
	converted bool            // what is marked was made another type
	diags     hcl.Diagnostics // of what it refers to
}

// evaluate is what the expression is worth, before it is looked at as a whole.
// ok is false where it is not simple, or where there is more to say of it than
// a value.
func (s *simple) evaluate(expr hcl.Expression, want cty.Type) (value Value, ok bool) {
	value, ok = s.as(expr, want)
	if s.diags.HasErrors() {
		return UnknownValue, true
	}
	if at := expr.Range(); ok && at.End.Byte-at.Start.Byte > short {
		s.size = size{}
		s.size.add(value.Real, 0)
	}
	value.single = value.single || len(s.marks) == 0 && !s.changes
	return value, ok && s.size.problem == ""
}

// as is an expression's worth as a type.
func (s *simple) as(expr hcl.Expression, want cty.Type) (Value, bool) {
	if tuple, ok := expr.(*hclsyntax.TupleConsExpr); ok && want.IsListType() && len(tuple.Exprs) > 0 {
		elements, single, ok := s.elements(tuple)
		if !ok {
			return Value{}, false
		}
		if want.ElementType().IsPrimitiveType() && haveType(elements, want.ElementType()) {
			return listOf(elements, single, cty.ListVal), true
		}
		return s.convert(listOf(elements, single, cty.TupleVal), want)
	}
	value, ok := s.value(expr)
	if !ok {
		return Value{}, false
	}
	return s.convert(value, want)
}

// convert makes a value another type.
func (s *simple) convert(value Value, want cty.Type) (Value, bool) {
	if want == cty.DynamicPseudoType || value.single && value.Real.Type().Equals(want) {
		return value, true
	}
	real, err := convertTo(value.Real, want)
	if err != nil {
		return Value{}, false
	}
	if value.single {
		return Value{Real: real, Hashed: real, single: true}, true
	}
	s.converted = true
	hashed, err := convertTo(value.Hashed, want)
	return Value{Real: real, Hashed: hashed}, err == nil
}

func haveType(elements []Value, want cty.Type) bool {
	for _, element := range elements {
		if element.Real.Type() != want || element.Hashed.Type() != want {
			return false
		}
	}
	return true
}

// listOf makes both forms of a list.
func listOf(elements []Value, single bool, build func([]cty.Value) cty.Value) Value {
	real := make([]cty.Value, len(elements))
	for i, element := range elements {
		real[i] = element.Real
	}
	if single {
		list := build(real)
		return Value{Real: list, Hashed: list, single: true}
	}
	hashed := make([]cty.Value, len(elements))
	for i, element := range elements {
		hashed[i] = element.Hashed
	}
	return Value{Real: build(real), Hashed: build(hashed)}
}

func (s *simple) value(expr hcl.Expression) (Value, bool) {
	switch expr := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		return Value{Real: expr.Val, Hashed: expr.Val, single: true}, true
	case *hclsyntax.ScopeTraversalExpr:
		return s.reference(expr.Traversal)
	case *hclsyntax.TemplateWrapExpr:
		return s.value(expr.Wrapped)
	case *hclsyntax.TemplateExpr:
		return s.text(expr)
	case *hclsyntax.TupleConsExpr:
		elements, single, ok := s.elements(expr)
		if !ok {
			return Value{}, false
		}
		return listOf(elements, single, cty.TupleVal), true
	case *hclsyntax.ObjectConsExpr:
		return s.object(expr)
	}
	return Value{}, false
}

// elements are those of a list; single says that each of them is.
func (s *simple) elements(expr *hclsyntax.TupleConsExpr) (elements []Value, single, ok bool) {
	elements, single = make([]Value, len(expr.Exprs)), true
	for i, element := range expr.Exprs {
		if elements[i], ok = s.value(element); !ok {
			return nil, false, false
		}
		single = single && elements[i].single
	}
	return elements, single, true
}

func (s *simple) object(expr *hclsyntax.ObjectConsExpr) (Value, bool) {
	members, ok := s.eval.constants.members[expr]
	if !ok {
		members, ok = membersOf(expr)
	}
	if len(members) < len(expr.Items) {
		return Value{}, false
	}
	real, hashed, single := make(map[string]cty.Value, len(members)), map[string]cty.Value(nil), true
	for _, member := range members {
		if value := member.constant.value; value.Absent() {
			if value, ok = s.value(member.expr); !ok {
				return Value{}, false
			}
			member.constant.value = value
		}
		s.size.long += member.constant.long
		if _, twice := real[member.name]; twice {
			return Value{}, false
		}
		if single && !member.constant.value.single {
			single, hashed = false, maps.Clone(real) // so far they were the same
		}
		real[member.name] = member.constant.value.Real
		if !single {
			hashed[member.name] = member.constant.value.Hashed
		}
	}
	object := Value{Real: cty.ObjectVal(real), single: single}
	if object.Hashed = object.Real; !single {
		object.Hashed = cty.ObjectVal(hashed)
	}
	return object, true
}

// objectMember is a member of an object as it is written.
type objectMember struct {
	name     string
	expr     hcl.Expression
	constant constant // if it is one
}

// membersOf are the members of an object whose keys are words or texts.
func membersOf(expr *hclsyntax.ObjectConsExpr) ([]objectMember, bool) {
	members := make([]objectMember, len(expr.Items))
	for i, item := range expr.Items {
		name, ok := schema.LiteralKey(item.KeyExpr)
		if !ok {
			return nil, false
		}
		members[i] = objectMember{name: name, expr: item.ValueExpr}
	}
	return members, true
}

// text is a template of which all parts are known.
func (s *simple) text(expr *hclsyntax.TemplateExpr) (Value, bool) {
	if expr.IsStringLiteral() {
		value, ok := s.value(expr.Parts[0])
		return value, ok && value.Real.Type() == cty.String && !value.Real.IsNull()
	}
	var text strings.Builder
	for _, part := range expr.Parts {
		value, ok := s.value(part)
		if !ok || !value.single || value.Real.Type() != cty.String || value.Real.IsNull() || !value.Real.IsKnown() {
			return Value{}, false
		}
		text.WriteString(value.Real.AsString())
	}
	whole := cty.StringVal(text.String())
	return Value{Real: whole, Hashed: whole, single: true}, true
}

// reference is what a reference leads to.
func (s *simple) reference(traversal hcl.Traversal) (Value, bool) {
	reference, ok := parseReference(traversal)
	if !ok || reference.Address.Keyed {
		return Value{}, false
	}
	value, ok := s.lookup(reference)
	if !ok {
		return Value{}, false
	}
	if len(reference.Rest) > 0 {
		real, diags := reference.Rest.TraverseRel(value.Real)
		if len(diags) > 0 {
			return Value{}, false
		}
		part := Value{Real: real, Hashed: real, single: value.single}
		if !value.single {
			if part.Hashed, diags = reference.Rest.TraverseRel(value.Hashed); len(diags) > 0 {
				return Value{}, false
			}
			part.single = !isMarked(real) && !isMarked(part.Hashed) && real.RawEquals(part.Hashed)
		}
		value = part
	}
	s.size.add(value.Real, short/2) // deeper in the whole than it can be
	return s.note(value), true
}

// lookup is what a reference's address stands for.
func (s *simple) lookup(reference Reference) (Value, bool) {
	if s.constant {
		return s.eval.constant(reference)
	}
	value, diags := s.eval.lookup(reference, s.each)
	s.diags = append(s.diags, diags...)
	return value, !diags.HasErrors()
}

// note takes down what is marked in a value that is referred to. Its hashed form
// is the one that loses nothing.
func (s *simple) note(value Value) Value {
	if value.single {
		return value
	}
	marks := value.marks
	if marks == nil {
		_, marks = value.Real.UnmarkDeep()
	}
	s.nested = s.nested || len(marks) > 0 && !value.Real.Type().IsPrimitiveType()
	s.changes = s.changes || Has(value.Hashed, Changes)
	if s.marks == nil {
		s.marks = make(cty.ValueMarks, len(marks))
	}
	maps.Copy(s.marks, marks)
	if hasRun(marks) {
		value.Hashed = counted(value.Real, value.Hashed, nil)
	}
	return value
}
