package main

import (
	"encoding/json"
	"io"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/schema"
)

// stream shows an apply as JSON, one object a line: version first, then the
// plan, the events and the outputs, and the summary last, however it ends. The
// progress that is shown as text can be made from it.
type stream struct {
	out     io.Writer
	summary *apply.Summary
}

func newStream(out io.Writer) *stream {
	writeJSON(out, struct {
		Type          string `json:"type"`
		FormatVersion string `json:"format_version"`
		Flowrider     string `json:"flowrider"`
	}{"version", plan.FormatVersion, schema.Version})
	return &stream{out: out, summary: &apply.Summary{}}
}

func (s *stream) planned(planned *plan.Plan) {
	writeJSON(s.out, struct {
		Type string `json:"type"`
		*plan.Plan
	}{"plan", planned})
}

func (s *stream) event(event apply.Event) {
	event.Time = event.Time.UTC()
	writeJSON(s.out, event)
}

func (s *stream) finish(summary *apply.Summary, outputs []plan.NamedValue) {
	s.summary = summary
	if len(outputs) > 0 {
		writeJSON(s.out, struct {
			Type    string                     `json:"type"`
			Outputs map[string]json.RawMessage `json:"outputs"`
		}{"outputs", outputValues(outputs)})
	}
}

// end writes what went wrong, unless that was written where it was found, and
// the summary.
func (s *stream) end(err error) error {
	if err != nil && !silent(err) {
		writeJSON(s.out, validation{Type: diagnosticsType, Diagnostics: wrong(err)})
		err = afterwards{err}
	}
	writeJSON(s.out, struct {
		Type string `json:"type"`
		*apply.Summary
		ExitCode int `json:"exit_code"`
	}{"summary", s.summary, exitCode(err)})
	return err
}
