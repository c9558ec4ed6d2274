package main

import (
	"io"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/schema"
)

// stream shows an apply as JSON, one object a line: version first, then the
// plan and the events, the summary last. The progress that is shown as text can
// be made from it.
type stream struct{ out io.Writer }

func newStream(out io.Writer) *stream { return &stream{out: out} }

func (s *stream) planned(planned *plan.Plan) {
	writeJSON(s.out, struct {
		Type          string `json:"type"`
		FormatVersion string `json:"format_version"`
		Flowrider     string `json:"flowrider"`
	}{"version", plan.FormatVersion, schema.Version})
	writeJSON(s.out, struct {
		Type string `json:"type"`
		*plan.Plan
	}{"plan", planned})
}

func (s *stream) event(event apply.Event) { writeJSON(s.out, event) }

func (s *stream) finish(summary *apply.Summary, _ []plan.NamedValue) {
	writeJSON(s.out, struct {
		Type string `json:"type"`
		*apply.Summary
	}{"summary", summary})
}
