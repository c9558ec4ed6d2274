package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/schema"
)

// stream shows an apply as JSON, one object a line: version first, then the
// plan, the events and the outputs, and the summary last, however it ends. The
// progress that is shown as text can be made from it.
type stream struct {
	out     io.Writer
	lost    bool // nobody reads it any more
	summary *apply.Summary
}

func newStream(out io.Writer) *stream {
	s := &stream{out: out, summary: &apply.Summary{}}
	s.write(struct {
		Type          string `json:"type"`
		FormatVersion string `json:"format_version"`
		Flowrider     string `json:"flowrider"`
	}{"version", plan.FormatVersion, schema.Version})
	return s
}

// write writes one object. A reader that goes away stops no apply, and that is
// said once.
func (s *stream) write(value any) {
	if s.lost {
		return
	}
	if err := encodeJSON(s.out, value); err != nil {
		s.lost = true
		writeNotes(os.Stderr, []string{fmt.Sprintf("what apply does is not written any more: %v; it goes on", err)})
	}
}

func (s *stream) planned(planned *plan.Plan) {
	s.write(struct {
		Type string `json:"type"`
		*plan.Plan
	}{"plan", planned})
}

func (s *stream) event(event apply.Event) {
	event.Time = event.Time.UTC()
	s.write(event)
}

func (s *stream) finish(summary *apply.Summary, outputs []plan.NamedValue) {
	s.summary = summary
	if len(outputs) > 0 {
		s.write(struct {
			Type    string                     `json:"type"`
			Outputs map[string]json.RawMessage `json:"outputs"`
		}{"outputs", outputValues(outputs)})
	}
}

// end writes what went wrong, unless that was written where it was found, and
// the summary.
func (s *stream) end(err error) error {
	if err != nil && !silent(err) {
		s.write(validation{Type: diagnosticsType, Diagnostics: wrong(err)})
		err = afterwards{err}
	}
	s.write(struct {
		Type string `json:"type"`
		*apply.Summary
		ExitCode int `json:"exit_code"`
	}{"summary", s.summary, exitCode(err)})
	return err
}
