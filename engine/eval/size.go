package eval

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Limits on values: what is larger belongs into files that flows read. They
// are looked at after each function and each expression, before anything else
// is made of a value, so that values cannot double more than once unseen.
const (
	maxLeaves  = 1_000_000 // of a value, with all that is in it
	maxValue   = 16 << 20  // bytes of all texts in a value
	maxNesting = 200
	numberBits = 4096
	longText   = 1 << 10
	maxLong    = 64 << 20 // bytes of all texts of a configuration that are longer than longText
	maxChain   = 1000     // local values, each needing the next
	maxFlows   = 100_000
)

const (
	tooLarge   = "Value too large"
	outOfRange = "Number out of range"
)

// size is what a value has taken so far, with why it is too large; "" for not.
type size struct {
	leaves, bytes, long int
	deepest             int
	marked              bool // something in it is
	problem             string
	summary             string
}

// sizeOf looks at a value as a whole.
func sizeOf(v cty.Value) *size {
	s := &size{}
	s.add(v, 0)
	return s
}

// include counts a value whose size is known, so deep in another one.
func (s *size) include(known *size, depth int) {
	s.leaves, s.bytes, s.long = s.leaves+known.leaves, s.bytes+known.bytes, s.long+known.long
	switch {
	case known.problem != "":
		s.summary, s.problem = known.summary, known.problem
	case s.leaves > maxLeaves || s.bytes > maxValue || known.deepest+depth > maxNesting:
		s.refuse(tooLarge, "%s", "The values here are too large together.")
	}
}

func (s *size) refuse(summary, format string, args ...any) {
	if s.problem == "" {
		s.summary, s.problem = summary, fmt.Sprintf(format, args...)
	}
}

// add counts a value that is so deep in another one.
func (s *size) add(v cty.Value, depth int) {
	s.deepest = max(s.deepest, depth)
	if v.IsMarked() {
		s.marked = true
		v, _ = v.Unmark()
	}
	if s.leaves++; !v.IsKnown() || v.IsNull() || s.problem != "" {
		return
	}
	switch t := v.Type(); {
	case t == cty.String:
		s.text(len(v.AsString()))
	case t == cty.Number:
		number := v.AsBigFloat()
		if number.IsInf() {
			s.refuse(outOfRange, "A number here is infinite: something is divided by zero.")
		}
		if exponent := number.MantExp(nil); number.IsInf() || exponent > numberBits || exponent < -numberBits {
			s.refuse(outOfRange, "A number here has more than a thousand digits. Nothing that reads it would take it; pass it as a text.")
		}
	case isShaped(v):
		s.elements(v, depth)
	}
}

func (s *size) text(length int) {
	s.bytes += length
	if length > longText {
		s.long += length
	}
	switch {
	case length > maxText:
		s.refuse(tooLarge, "A text here has more than %d MiB. Let the flow read it from a file.", maxText>>20)
	case s.bytes > maxValue:
		s.refuse(tooLarge, "The texts in this value have more than %d MiB. Let the flow read them from a file.", maxValue>>20)
	}
}

func (s *size) elements(v cty.Value, depth int) {
	length := 0
	if v.Type().IsObjectType() {
		length = len(v.Type().AttributeTypes())
	} else {
		length = v.LengthInt()
	}
	if s.count(length, depth); s.problem != "" || length == 0 {
		return
	}
	for it := v.ElementIterator(); it.Next() && s.problem == ""; {
		key, element := it.Element()
		if key.Type() == cty.String && !v.Type().IsSetType() {
			s.text(len(key.AsString()))
		}
		s.add(element, depth+1)
	}
}

// count looks at how many elements there are, so deep in a value.
func (s *size) count(length, depth int) {
	switch {
	case length > maxElements:
		s.refuse(tooLarge, "A list or map here has %d elements, and the most is %d. Let the flow read them from a file.", length, maxElements)
	case s.leaves > maxLeaves:
		s.refuse(tooLarge, "This value has more than %d parts. Let the flow read them from a file.", maxLeaves)
	case depth > maxNesting:
		s.refuse(tooLarge, "This value nests lists and maps more than %d deep.", maxNesting)
	}
}

// within is the error of a value that is too large.
func within(v cty.Value) error {
	if s := sizeOf(v); s.problem != "" {
		return errors.New(s.problem)
	}
	return nil
}

// hasHugeNumber finds numbers that would fill a disk when they are written out.
func hasHugeNumber(v cty.Value) bool {
	return sizeOf(v).summary == outOfRange
}

// hold refuses a value that is too large, by itself or with all others.
func (e *Evaluator) hold(expr hcl.Expression, value cty.Value) *hcl.Diagnostic {
	s := sizeOf(value)
	if e.tooLong(s.long) {
		s.refuse(tooLarge, "The long texts in all values up to this one have more than %d MiB. Let flows read them from files.", maxLong>>20)
	}
	if s.problem == "" {
		return nil
	}
	subject := expr.Range()
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: s.summary, Subject: &subject, Detail: s.problem}
}

// tooLong counts the bytes of more long texts, and says whether they are too many.
func (e *Evaluator) tooLong(more int) bool {
	e.long += more
	return e.long > maxLong
}
