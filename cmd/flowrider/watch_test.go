package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
)

// slow is a reader that reads nothing until it is let.
type slow struct {
	begun, let, caughtUp chan struct{}
	seen                 []apply.Event
}

func (s *slow) planned(*plan.Plan) {
	close(s.begun)
	<-s.let
}

func (s *slow) event(event apply.Event) {
	s.seen = append(s.seen, event)
	if event.Count != nil && event.Done == mostWaiting {
		close(s.caughtUp)
	}
}

func (s *slow) finish(*apply.Summary, []plan.NamedValue) {}

// An apply goes on while nobody reads what is shown of it: nothing is lost but
// output, and that is counted.
func TestASlowReaderStopsNoApply(t *testing.T) {
	reader := &slow{begun: make(chan struct{}), let: make(chan struct{}), caughtUp: make(chan struct{})}
	watch := startWatchers(nil, reader)
	watch.planned(&plan.Plan{})
	<-reader.begun
	for i := range mostWaiting {
		watch.event(apply.Event{Type: "flow", Count: &apply.Count{Done: i}})
	}
	watch.event(apply.Event{Type: "log", Address: "flow.a", Text: "12345"})
	watch.event(apply.Event{Type: "log", Address: "flow.a", Text: "678", Dropped: 2})
	watch.event(apply.Event{Type: "flow", Count: &apply.Count{Done: mostWaiting}})
	close(reader.let)
	<-reader.caughtUp
	watch.event(apply.Event{Type: "log", Address: "flow.a", Text: "9"})
	watch.finish(nil, nil)
	if len(reader.seen) != mostWaiting+2 {
		t.Fatalf("%d events were seen, want %d", len(reader.seen), mostWaiting+2)
	}
	for i, event := range reader.seen[:mostWaiting+1] {
		if event.Done != i {
			t.Fatalf("event %d is %v", i, event)
		}
	}
	if diff := cmp.Diff(apply.Event{Type: "log", Address: "flow.a", Text: "9", Dropped: 10}, reader.seen[mostWaiting+1]); diff != "" {
		t.Error(diff)
	}
}

// faulty is a display with a fault of ours.
type faulty struct{ slow }

func (*faulty) event(apply.Event) { panic("on purpose") }

// A fault in what is shown comes to light when the apply is over.
func TestAFaultInWhatIsShownStopsNoApply(t *testing.T) {
	watch := startWatchers(nil, &faulty{})
	watch.event(apply.Event{})
	<-watch.told
	watch.event(apply.Event{})
	defer func() {
		if fault := recover(); fault != "on purpose" {
			t.Errorf("close panics with %v", fault)
		}
		watch.close() // and once only
	}()
	watch.finish(nil, nil)
}

func TestOutputOfFlowsThatRunAtOnce(t *testing.T) {
	var o output
	var w strings.Builder
	say := func(flow, text string, dropped int64) {
		o.event(&w, apply.Event{Type: "log", Address: "flow." + flow, Text: text, Dropped: dropped})
	}
	say("a", "one\ntw", 0)
	say("b", "uno\n\n", 0)
	say("a", "o\nthr", 0)
	say("b", strings.Repeat("x", longestPartial), 0)
	say("a", "end\n", 12)
	say("c", "no end", 0)
	say("d", "neither", 0)
	o.event(&w, apply.Event{Type: "flow", Address: "flow.c", State: apply.Failed})
	o.finish(&w)
	want := fmt.Sprintf(`flow.a | one
flow.b | uno
flow.b | 
flow.a | two
flow.b | %s
flow.a | thr… 12 bytes left out
flow.a | end
flow.c | no end
flow.d | neither
`, strings.Repeat("x", longestPartial))
	if diff := cmp.Diff(want, w.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSummaryLines(t *testing.T) {
	for _, test := range []struct {
		summary apply.Summary
		want    string
	}{
		{apply.Summary{}, "Apply: nothing to do."},
		{apply.Summary{Fresh: 2, Duration: 3}, "Apply: 2 up to date."},
		{apply.Summary{Fresh: 2, Saved: 7842}, "Apply: 2 up to date; saved 2h 10m."},
		{apply.Summary{Succeeded: 6, Fresh: 2, Duration: 41, Saved: 59}, "\nApply: 6 succeeded, 2 up to date, in 41s."},
		{apply.Summary{Succeeded: 1, Failed: 1, Duration: 59.96, Saved: 60.2}, "\nApply: 1 succeeded, 1 failed, in 1m 0s; saved 1m 0s."},
		{apply.Summary{Failed: 1, Duration: 0.21, Saved: 266400}, "\nApply: 1 failed, in 200ms; saved 3d 2h."},
	} {
		if got := applySummary(&test.summary); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
