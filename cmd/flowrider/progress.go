package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
)

// progress shows an apply as it goes, as numbered plain lines on standard
// error.
type progress struct {
	mutex    sync.Mutex
	out, err io.Writer
	verbose  bool
	failures []apply.Event
	running  map[string]time.Time // since when
	counts   string               // [done/total] of the newest event
	stop     chan struct{}
}

// heartbeat is how often plain lines say what is still running.
const heartbeat = 30 * time.Second

func newProgress(verbose bool) *progress {
	p := &progress{out: os.Stdout, err: os.Stderr, verbose: verbose, running: map[string]time.Time{}, stop: make(chan struct{})}
	go p.beat()
	return p
}

// beat says from time to time what is running, so that a silent hour is seen
// to be work.
func (p *progress) beat() {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case now := <-ticker.C:
			p.mutex.Lock()
			for _, address := range slices.Sorted(maps.Keys(p.running)) {
				if since := now.Sub(p.running[address]); since >= heartbeat {
					fmt.Fprintf(p.err, "%-7s %s: still running after %s\n", p.counts, address, since.Round(time.Second))
				}
			}
			p.mutex.Unlock()
		}
	}
}

func (p *progress) planned(planned *plan.Plan) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	writeNotes(p.err, planned.Notes)
	if planned.Pending() {
		writePlan(p.err, planned, p.verbose)
		fmt.Fprintln(p.err)
	}
}

func (p *progress) event(event apply.Event) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if event.Type == "flow" {
		p.counts = counter(event)
		delete(p.running, event.Address)
		if event.State == apply.Running {
			p.running[event.Address] = event.Time
		}
	}
	if event.State == apply.Failed || event.State == apply.Blocked || event.State == apply.Stale {
		p.failures = append(p.failures, event)
	}
	if line := eventLine(event); line != "" {
		fmt.Fprintln(p.err, line)
	}
}

func counter(event apply.Event) string { return fmt.Sprintf("[%d/%d]", event.Done, event.Total) }

// eventLine is an event as a plain line; "" for what is not worth one.
func eventLine(event apply.Event) string {
	switch {
	case event.Type == "note":
		return "note: " + diag.Printable(event.Reason)
	case event.Type != "flow" && event.State == apply.Failed:
		return fmt.Sprintf("        %s: failed", event.Address)
	case event.Type != "flow" && event.State == apply.Stale:
		return fmt.Sprintf("        %s: the plan is stale (%s)", event.Address, diag.Printable(firstLine(event.Reason)))
	case event.Type != "flow":
		return fmt.Sprintf("        %s: %s", event.Address, diag.Printable(firstLine(event.Reason)))
	}
	number := counter(event)
	took := time.Duration(event.Duration * float64(time.Second)).Round(100 * time.Millisecond)
	switch event.State {
	case apply.Running:
		return fmt.Sprintf("%-7s %s: running (%s)", number, event.Address, event.Reason)
	case apply.Succeeded:
		if event.Reason != "" {
			return fmt.Sprintf("%-7s %s: succeeded in %s, %s; it keeps run %s", number, event.Address, took, event.Reason, event.RunID)
		}
		return fmt.Sprintf("%-7s %s: succeeded in %s, run %s", number, event.Address, took, event.RunID)
	case apply.Reused:
		if event.Reason != "" {
			return fmt.Sprintf("%-7s %s: reused run %s, %s", number, event.Address, event.RunID, diag.Printable(event.Reason))
		}
		return fmt.Sprintf("%-7s %s: reused run %s", number, event.Address, event.RunID)
	case apply.Failed:
		if event.Duration > 0 {
			return fmt.Sprintf("%-7s %s: failed after %s", number, event.Address, took)
		}
		return fmt.Sprintf("%-7s %s: failed", number, event.Address)
	case apply.Blocked:
		return fmt.Sprintf("%-7s %s: blocked, since %s", number, event.Address, event.Reason)
	case apply.Stale:
		return fmt.Sprintf("%-7s %s: the plan is stale (%s)", number, event.Address, event.Reason)
	case apply.Cancelled:
		return fmt.Sprintf("%-7s %s: cancelled, %s", number, event.Address, event.Reason)
	}
	return ""
}

// finish shows failures with the ends of their logs, then the outputs, and
// the summary last.
func (p *progress) finish(summary *apply.Summary, outputs []plan.NamedValue) {
	close(p.stop)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, failure := range p.failures {
		switch {
		case failure.State == apply.Failed:
			writeFailure(p.err, failure)
		case failure.State == apply.Stale && failure.Type == "flow":
			writeStale(p.err, failure)
		}
	}
	if len(outputs) > 0 {
		fmt.Fprintln(p.out, "Outputs:")
		writeOutputs(p.out, outputs)
	}
	fmt.Fprintln(p.err, applySummary(summary))
	if summary.Stale > 0 {
		fmt.Fprintln(p.err, "Plan again for what is stale: flowrider plan")
	}
}

// writeStale says in which way a flow is not what the plan says.
func writeStale(w io.Writer, event apply.Event) {
	fmt.Fprintf(w, "\nThe plan is stale for %s: since it was made,\n", event.Address)
	writeReasons(w, "  ", event.Reasons, mostChanges)
}

func writeFailure(w io.Writer, failure apply.Event) {
	fmt.Fprintf(w, "\n%s failed: %s\n", failure.Address, diag.Printable(strings.TrimRight(failure.Reason, "\n")))
	writeTail(w, failure.Tail)
	if failure.Log != "" {
		fmt.Fprintf(w, "All of it: flowrider logs %s\n", diag.ShellQuote(failure.Address))
	}
}

// applySummary is the last line: Apply: 6 succeeded, 2 up to date in 41s.
func applySummary(s *apply.Summary) string {
	var parts []string
	for _, part := range []struct {
		count int
		text  string
	}{
		{s.Succeeded, "succeeded"}, {s.Reused, "reused"}, {s.Failed, "failed"},
		{s.Stale, "stale"}, {s.Blocked, "blocked"}, {s.Cancelled, "cancelled"}, {s.Fresh, "up to date"},
	} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.text))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing to do"}
	}
	took := time.Duration(s.Duration * float64(time.Second)).Round(10 * time.Millisecond)
	if s.Succeeded+s.Failed > 0 {
		return fmt.Sprintf("\nApply: %s, in %s.", strings.Join(parts, ", "), took.Round(100*time.Millisecond))
	}
	return fmt.Sprintf("Apply: %s.", strings.Join(parts, ", "))
}

func writeOutputs(w io.Writer, outputs []plan.NamedValue) {
	for _, output := range outputs {
		fmt.Fprintf(w, "  %s = %s\n", output.Name, outputText(output.Value))
	}
}

// outputText is a value as people see it: never a sensitive one.
func outputText(value eval.Value) string {
	switch {
	case eval.Has(value.Real, eval.Sensitive):
		return "(sensitive value)"
	case !value.Unmarked().IsWhollyKnown():
		return "(known after apply)"
	}
	return eval.CanonicalJSON(value.Unmarked())
}
