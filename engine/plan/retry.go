package plan

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/internal/diag"
)

// Retry says whether a flow that has failed is tried again. The zero Retry
// tries once.
type Retry struct {
	Attempts int // in all
	Delay    time.Duration
	Any      bool             // after any failure; else only after these
	Codes    []int            // exit codes
	Patterns []*regexp.Regexp // of the end of the log, or of the reason
	Timeout  bool
	Killed   bool

	doubts []string // what was probably meant otherwise
}

// takeRetry reads a retry block.
func takeRetry(terms *Terms, values map[string]eval.Value, instance *eval.Instance) (diags hcl.Diagnostics) {
	var moreDiags hcl.Diagnostics
	block := instance.Flow.Retry
	if value, ok := values["attempts"]; ok {
		attempts, moreDiags := whole(value, 1, "attempts", block.Element("attempts", ""))
		diags = append(diags, moreDiags...)
		terms.Retry.Attempts = int(attempts)
	}
	if text, ok := values["delay"].Text(); ok {
		terms.Retry.Delay, moreDiags = duration(text, block.Argument("delay"))
		diags = append(diags, moreDiags...)
	}
	on, ok := values["on"]
	if !ok {
		terms.Retry.Any = true
		return diags
	}
	argument := block.Argument("on")
	list := on.Unmarked()
	if !list.CanIterateElements() || list.Type().IsMapType() || list.Type().IsObjectType() {
		return append(diags, problemAt(argument, "Unsuitable value", "on is a list, as in [137, \"connection reset\", \"timeout\", \"killed\"]."))
	}
	place := elementPlaces(argument, list.LengthInt())
	for i, element := range list.AsValueSlice() {
		diags = append(diags, terms.Retry.add(element, place(i))...)
	}
	return diags
}

// add takes one element of on in, which stands at a place.
func (r *Retry) add(element cty.Value, at hcl.Range) hcl.Diagnostics {
	if element.IsNull() || element.Type() != cty.Number && element.Type() != cty.String {
		return hcl.Diagnostics{problemIn(at, "Unsuitable value", "on has exit codes, which are numbers, and texts: \"timeout\", \"killed\" or regular expressions.")}
	}
	if element.Type() == cty.Number {
		code, diags := whole(eval.Plain(element), 0, "on", at)
		if code > 255 {
			return hcl.Diagnostics{problemIn(at, "Unsuitable value", fmt.Sprintf("%d is no exit code; they go up to 255.", code))}
		}
		r.Codes = append(r.Codes, int(code))
		return diags
	}
	switch text := element.AsString(); text {
	case "timeout":
		r.Timeout = true
	case "killed":
		r.Killed = true
	default:
		pattern, err := regexp.Compile(text)
		if err != nil {
			return hcl.Diagnostics{problemIn(at, "Unsuitable value", fmt.Sprintf("%q is no regular expression: %s. A backslash before a sign stands for the sign itself, as in \"\\\\(\".", text, misreading(err)))}
		}
		if near := diag.Suggest(text, []string{"timeout", "killed"}); near != "" && regexp.QuoteMeta(text) == text {
			r.doubts = append(r.doubts, fmt.Sprintf("%s:%d: retry on %q tries again after failures that have this text in the log; did you mean %q?",
				at.Filename, at.Start.Line, text, near))
		}
		r.Patterns = append(r.Patterns, pattern)
	}
	return nil
}

// misreading says why a text is no regular expression.
func misreading(err error) string {
	wrong, ok := errors.AsType[*syntax.Error](err)
	if !ok {
		return "it cannot be read"
	}
	switch wrong.Code {
	case syntax.ErrMissingParen:
		return "a ( in it has no )"
	case syntax.ErrUnexpectedParen:
		return "a ) in it has no ("
	case syntax.ErrMissingBracket:
		return "a [ in it has no ]"
	case syntax.ErrMissingRepeatArgument:
		return fmt.Sprintf("%s repeats what is before it, and there is nothing", wrong.Expr)
	case syntax.ErrInvalidPerlOp:
		return fmt.Sprintf("%s is not known, as lookahead and lookbehind are not", wrong.Expr)
	}
	return fmt.Sprintf("%s in it has no meaning", wrong.Expr)
}

// After says whether an attempt that ended with an exit code as a shell has it
// (128 and the signal for one that was killed) is followed by another one, as
// far as the kind of failure goes. texts are what patterns are looked for in.
func (r *Retry) After(code int, timedOut, killed bool, texts ...string) bool {
	switch {
	case r.Any, r.Timeout && timedOut, r.Killed && killed:
		return true
	case !timedOut && slices.Contains(r.Codes, code):
		return true
	}
	return slices.ContainsFunc(r.Patterns, func(pattern *regexp.Regexp) bool {
		return slices.ContainsFunc(texts, pattern.MatchString)
	})
}
