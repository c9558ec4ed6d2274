package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/screen"
)

// progress shows an apply as it goes, as numbered plain lines.
type progress struct {
	out, err io.Writer
	volume   volume
	failures []apply.Event
	running  map[string]time.Time // since when
	counts   string               // [done/total] of the newest event
	beaten   time.Time            // when it was said what is running
	output   output
	live     bool                                         // what runs is seen elsewhere
	paint    func(style screen.Style, text string) string // gives a text its colour
}

// volume is how much is shown.
type volume int

const (
	failuresAlone volume = iota // and the summary
	asItGoes                    // also the plan, and what becomes of each flow
	allOutput                   // also what flows print
)

func (p *planning) volume() (volume, error) {
	switch {
	case p.quiet && p.verbose:
		return 0, errors.New("--quiet says less and --verbose more; leave one of them away")
	case p.quiet:
		return failuresAlone, nil
	case p.verbose:
		return allOutput, nil
	}
	return asItGoes, nil
}

// heartbeat is how often plain lines say what is still running, so that a
// silent hour is seen to be work.
const heartbeat = 30 * time.Second

func newProgress(volume volume) *progress {
	return &progress{out: os.Stdout, err: os.Stderr, volume: volume, running: map[string]time.Time{}, beaten: time.Now(), paint: screen.Look{}.Paint}
}

func (p *progress) planned(planned *plan.Plan) {
	if p.volume == failuresAlone {
		return
	}
	writeNotes(p.err, planned.Notes)
	if planned.Pending() {
		writePlanFor(p.err, planned, p.volume == allOutput, false)
		fmt.Fprintln(p.err)
	}
}

func (p *progress) event(event apply.Event) {
	p.note(event)
	if p.volume == allOutput {
		p.output.event(p.err, event)
	}
	if p.volume == failuresAlone || p.live && event.State == apply.Running {
		return
	}
	if line := eventLine(event); line != "" {
		fmt.Fprintln(p.err, p.paint(styles[event.State], line))
	}
}

// note keeps what is shown later.
func (p *progress) note(event apply.Event) {
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
}

// styles are how the lines of events look on a terminal.
var styles = map[apply.State]screen.Style{
	apply.Retrying: screen.Yellow, apply.Failed: screen.Red,
	apply.Blocked: screen.Yellow, apply.Cancelled: screen.Yellow, apply.Stale: screen.Yellow,
}

// tick says from time to time what is running.
func (p *progress) tick(now time.Time) {
	if p.volume == failuresAlone || now.Sub(p.beaten) < heartbeat {
		return
	}
	p.beaten = now
	for _, address := range slices.Sorted(maps.Keys(p.running)) {
		if since := now.Sub(p.running[address]); since >= heartbeat {
			fmt.Fprintf(p.err, "%-7s %s: still running after %s\n", p.counts, address, took(since))
		}
	}
}

// finish shows failures with the ends of their logs, then the outputs, and
// the summary last.
func (p *progress) finish(summary *apply.Summary, outputs []plan.NamedValue) {
	p.output.finish(p.err)
	for _, failure := range p.failures {
		switch {
		case failure.State == apply.Failed:
			writeFailure(p.err, failure)
		case failure.State == apply.Stale && failure.Type == "flow":
			writeStale(p.err, failure)
		}
	}
	if len(outputs) > 0 && p.volume > failuresAlone {
		fmt.Fprintln(p.out, "Outputs:")
		writeOutputs(p.out, outputs)
	}
	fmt.Fprintln(p.err, applySummary(summary))
	if summary.Stale > 0 {
		fmt.Fprintln(p.err, "Plan again for what is stale: flowrider plan")
	}
}
