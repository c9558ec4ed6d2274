package eval

import (
	"iter"
	"maps"
	"slices"
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

// as is an expression's worth as a type. Lists and maps whose elements have that
// type already are made at once.
func (s *simple) as(expr hcl.Expression, want cty.Type) (value Value, ok bool) {
	switch expr := expr.(type) {
	case *hclsyntax.TupleConsExpr:
		list, ok := s.elements(expr)
		switch {
		case !ok:
			return Value{}, false
		case want.IsListType() && haveType(want.ElementType(), slices.Values(list.real)) && haveType(want.ElementType(), slices.Values(list.hashed)):
			return list.value(cty.ListVal), true
		}
		return s.convert(list.value(cty.TupleVal), want)
	case *hclsyntax.ObjectConsExpr:
		object, ok := s.members(expr)
		switch {
		case !ok:
			return Value{}, false
		case want.IsMapType() && haveType(want.ElementType(), maps.Values(object.real)) && haveType(want.ElementType(), maps.Values(object.hashed)):
			return object.value(cty.MapVal), true
		}
		return s.convert(object.value(cty.ObjectVal), want)
	}
	if value, ok = s.value(expr); !ok {
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

// haveType says whether there are elements, and all have a type.
func haveType(want cty.Type, elements iter.Seq[cty.Value]) bool {
	some := false
	for element := range elements {
		if element.Type() != want {
			return false
		}
		some = true
	}
	return some && want.IsPrimitiveType()
}

// forms are the elements of a list or an object in both forms.
type forms[C any] struct {
	real, hashed C
	single       bool // they are one, and have no marks
}

func (f forms[C]) value(build func(C) cty.Value) Value {
	value := Value{Real: build(f.real), single: f.single}
	if value.Hashed = value.Real; !f.single {
		value.Hashed = build(f.hashed)
	}
	return value
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
		if list, ok := s.elements(expr); ok {
			return list.value(cty.TupleVal), true
		}
	case *hclsyntax.ObjectConsExpr:
		if object, ok := s.members(expr); ok {
			return object.value(cty.ObjectVal), true
		}
	}
	return Value{}, false
}

func (s *simple) elements(expr *hclsyntax.TupleConsExpr) (list forms[[]cty.Value], ok bool) {
	list = forms[[]cty.Value]{real: make([]cty.Value, len(expr.Exprs)), single: true}
	list.hashed = list.real
	for i, element := range expr.Exprs {
		value, ok := s.value(element)
		if !ok {
			return list, false
		}
		if list.single && !value.single {
			list.single, list.hashed = false, slices.Clone(list.real) // so far they were the same
		}
		list.real[i], list.hashed[i] = value.Real, value.Hashed
	}
	return list, true
}

func (s *simple) members(expr *hclsyntax.ObjectConsExpr) (object forms[map[string]cty.Value], ok bool) {
	members, ok := s.eval.constants.members[expr]
	if !ok {
		members, ok = membersOf(expr)
	}
	object = forms[map[string]cty.Value]{real: make(map[string]cty.Value, len(members)), single: true}
	object.hashed = object.real
	for _, member := range members {
		value := member.constant.value()
		if s.size.long += member.constant.long; value.Absent() {
			if value, ok = s.value(member.expr); !ok {
				return object, false
			}
		}
		if _, twice := object.real[member.name]; twice {
			return object, false
		}
		if object.single && !value.single {
			object.single, object.hashed = false, maps.Clone(object.real) // so far they were the same
		}
		object.real[member.name], object.hashed[member.name] = value.Real, value.Hashed
	}
	return object, ok
}

// objectMember is a member of an object as it is written.
type objectMember struct {
	name     string
	expr     hcl.Expression
	constant constant // if it is one
}

// membersOf are the members of an object whose keys are words or texts.
func membersOf(expr *hclsyntax.ObjectConsExpr) (members []objectMember, ok bool) {
	members = make([]objectMember, len(expr.Items))
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
