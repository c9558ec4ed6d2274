package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// Most expressions are simple (schema.Simple). Those are taken term by term, each
// in both forms at once, since HCL's general way through them takes longer
// than all else that is done with them. What is wrong with one is left to HCL
// to find, and to tell.

// short is how many bytes an expression has at most that is surely within all
// limits on values, but for what it refers to. That stands in it no deeper than
// shortDepth.
const (
	short      = 256
	shortDepth = short / 2
)

// simple evaluates one simple expression, and notes of what it refers to all
// that would else have to be looked for in the whole.
type simple struct {
	eval      *Evaluator
	each      *Each
	known     []constant      // of the members of the object that it is, or nil
	constant  bool            // only what refers to nothing that is known later is taken
	size      size            // of what it refers to
	made      *size           // of the elements that are made of it; nil inside of one, and where nobody asks
	marks     cty.ValueMarks  // all in the real form
	nested    bool            // something marked has parts
	changes   bool            // the hashed form has the mark Changes
	converted bool            // what is marked was made another type
	diags     hcl.Diagnostics // of what it refers to
}

// evaluate is what the expression is worth, before it is looked at as a whole.
// ok is false where it is not simple, or where there is more to say of it than
// a value.
func (s *simple) evaluate(expr hcl.Expression, want constraint) (value Value, ok bool) {
	whole := schema.SimpleOf(expr)
	if whole == nil {
		return Value{}, false
	}
	return s.evaluateTerm(whole.Term, expr.Range(), want)
}

func (s *simple) evaluateTerm(term schema.Term, at hcl.Range, want constraint) (value Value, ok bool) {
	isLong := at.End.Byte-at.Start.Byte > short
	if isLong {
		s.made = &size{leaves: 1}
	}
	if object, isObject := term.(schema.Object); isObject {
		value, ok = s.object(object, s.known, want)
	} else {
		value, ok = s.as(term, want)
	}
	if s.diags.HasErrors() {
		return UnknownValue, true
	}
	if ok && isLong {
		if value.size == nil {
			value.size = sizeOf(value.Real)
		}
		s.size = *value.size
	}
	value.single = value.single || len(s.marks) == 0 && !s.changes
	return value, ok && s.size.problem == ""
}

// as is an expression's worth as a type. Lists and maps are made of elements that
// have theirs: a tuple or an object of all would be made just to be looked through
// again.
func (s *simple) as(term schema.Term, want constraint) (value Value, ok bool) {
	switch term := term.(type) {
	case schema.List:
		if element, ok := want.elements(); ok && want.IsListType() && len(term) > 0 {
			list, ok := s.elements(term, element)
			if !ok {
				return Value{}, false
			}
			return list.value(cty.ListVal, s.made), true
		}
	case schema.Object:
		return s.object(term, nil, want)
	}
	if value, ok = s.value(term); !ok {
		return Value{}, false
	}
	return s.convert(value, want)
}

// object is an object's worth as a type. known are those members that are constant;
// nil where nothing was looked at.
func (s *simple) object(term schema.Object, known []constant, want constraint) (value Value, ok bool) {
	build, element := cty.ObjectVal, anything
	each, isMap := want.elements()
	if isMap = isMap && want.IsMapType() && len(term) > 0; isMap {
		build, element = cty.MapVal, each
	}
	object, ok := s.members(term, known, element)
	if ok {
		value = object.value(build, s.made)
	}
	giveBack(object.real)
	if !object.single {
		giveBack(object.hashed)
	}
	if !ok || isMap {
		return value, ok
	}
	return s.convert(value, want)
}

// spare are maps of members that nobody needs any more: cty copies what a value is
// made of.
var spare = sync.Pool{New: func() any { return map[string]cty.Value{} }}

func giveBack(members map[string]cty.Value) {
	const most = 64 // else one large object would keep its memory, and be cleared for each small one
	if len(members) <= most {
		clear(members)
		spare.Put(members)
	}
}

// convert makes a value another type.
func (s *simple) convert(value Value, want constraint) (Value, bool) {
	if want.holds(value.Real) && (value.single || want.holds(value.Hashed)) {
		return value, true
	}
	real, ok := want.fit(value.Real)
	if !ok || value.single {
		return Value{Real: real, Hashed: real, single: true}, ok
	}
	s.converted = true
	hashed, ok := want.fit(value.Hashed)
	return Value{Real: real, Hashed: hashed}, ok
}

// forms are the elements of a list or an object in both forms.
type forms[C any] struct {
	real, hashed C
	single       bool // they are one, and have no marks
}

func (f forms[C]) value(build func(C) cty.Value, size *size) Value {
	value := Value{Real: build(f.real), single: f.single, size: size}
	if value.Hashed = value.Real; !f.single {
		value.Hashed = build(f.hashed)
	}
	return value
}

func (s *simple) value(term schema.Term) (Value, bool) {
	switch term := term.(type) {
	case schema.Literal:
		return Value{Real: term.Value, Hashed: term.Value, single: true}, true
	case schema.Use:
		return s.reference(term.Reference)
	case schema.Text:
		return s.text(term)
	case schema.List:
		list, ok := s.elements(term, anything)
		if !ok {
			return Value{}, false
		}
		return list.value(cty.TupleVal, s.made), true
	case schema.Object:
		return s.object(term, nil, anything)
	}
	panic(fmt.Sprintf("eval: no value for the term %T", term))
}

// elements are those of a list, each as a type.
func (s *simple) elements(terms schema.List, want constraint) (list forms[[]cty.Value], ok bool) {
	list = forms[[]cty.Value]{real: make([]cty.Value, len(terms)), single: true}
	list.hashed = list.real
	made := s.made
	if s.made = nil; made != nil {
		made.count(len(terms), 0)
	}
	for i, element := range terms {
		value, ok := s.as(element, want)
		if !ok {
			return list, false
		}
		if made != nil {
			made.add(value.Real, 1)
		}
		if list.single && !value.single {
			list.single, list.hashed = false, slices.Clone(list.real) // so far they were the same
		}
		list.real[i], list.hashed[i] = value.Real, value.Hashed
	}
	s.made = made
	return list, true
}

// members are those of an object, each as a type.
func (s *simple) members(terms schema.Object, known []constant, want constraint) (object forms[map[string]cty.Value], ok bool) {
	object = forms[map[string]cty.Value]{real: spare.Get().(map[string]cty.Value), single: true}
	object.hashed = object.real
	made := s.made
	if s.made = nil; made != nil { // what is in the members counts with them
		made.count(len(terms), 0)
	}
	for i, member := range terms {
		var value Value
		if known != nil && known[i].real != cty.NilVal {
			value = known[i].value()
			s.size.long += known[i].long
			value, ok = s.convert(value, want)
		} else {
			value, ok = s.as(member.Term, want)
		}
		if !ok {
			return object, false
		}
		if _, twice := object.real[member.Name]; twice {
			return object, false
		}
		if object.single && !value.single {
			object.single, object.hashed = false, spare.Get().(map[string]cty.Value)
			maps.Copy(object.hashed, object.real) // so far they were the same
		}
		if made != nil { // while it is at hand: to walk through all of them later takes longer with each
			made.text(len(member.Name))
			made.add(value.Real, 1)
		}
		object.real[member.Name], object.hashed[member.Name] = value.Real, value.Hashed
	}
	s.made = made
	return object, true
}

// text is a template of which all parts are known.
func (s *simple) text(parts schema.Text) (Value, bool) {
	var text strings.Builder
	for _, part := range parts {
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
func (s *simple) reference(reference *schema.Reference) (Value, bool) {
	if !reference.Complete() || reference.Address.Keyed {
		return Value{}, false
	}
	value, rest, ok := s.lookup(reference)
	if !ok {
		return Value{}, false
	}
	if len(rest) > 0 {
		real, diags := rest.TraverseRel(value.Real)
		if len(diags) > 0 {
			return Value{}, false
		}
		part := Value{Real: real, Hashed: real, single: value.single}
		if !value.single {
			if part.Hashed, diags = rest.TraverseRel(value.Hashed); len(diags) > 0 {
				return Value{}, false
			}
			part.single = !isMarked(real) && !isMarked(part.Hashed) && real.RawEquals(part.Hashed)
		}
		value = part
	}
	if value.size != nil {
		s.size.include(value.size, shortDepth)
	} else {
		s.size.add(value.Real, shortDepth)
	}
	if s.constant && s.size.long > 0 {
		return Value{}, false // what is made of long texts is made where it is held to all limits
	}
	return s.note(value), true
}

// lookup is what a reference leads to, with the steps that are still to be taken
// from there.
func (s *simple) lookup(reference *schema.Reference) (value Value, rest hcl.Traversal, ok bool) {
	if s.constant {
		value, ok = s.eval.constant(reference)
		return value, reference.Rest(), ok
	}
	if step, ok := schema.Step[hcl.TraverseAttr](reference.Rest()); ok && s.each != nil && reference.Address.Block == "each" {
		switch step.Name { // an object of both would be made for each of many instances
		case "key":
			return s.each.key(), reference.Rest()[1:], true
		case "value":
			return s.each.Value, reference.Rest()[1:], true
		}
	}
	value, diags := s.eval.lookup(reference, s.each)
	s.diags = append(s.diags, diags...)
	return value, reference.Rest(), !diags.HasErrors()
}

// note takes down what is marked in a value that is referred to. Its hashed form
// is the one that loses nothing.
func (s *simple) note(value Value) Value {
	if value.single {
		return value
	}
	marks := value.marks
	if marks == nil {
		marks = marksIn(value.Real)
	}
	s.nested = s.nested || len(marks) > 0 && !value.Real.Type().IsPrimitiveType()
	s.changes = s.changes || Has(value.Hashed, Changes)
	if s.marks == nil {
		s.marks = make(cty.ValueMarks, len(marks))
	}
	maps.Copy(s.marks, marks)
	if value.Real.IsKnown() && hasRun(marks) {
		value.Hashed = counted(value.Real, value.Hashed, nil)
	}
	return value
}
