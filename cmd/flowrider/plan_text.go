package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
)

// symbols are what stands before a flow in a plan, in the legend's order.
var symbols = []struct {
	symbol, meaning string
	is              func(*plan.Flow) bool
}{
	{"+", "will run, for the first time", func(f *plan.Flow) bool { return f.Verdict == plan.Run && f.Selected == nil }},
	{"~", "will run again", func(f *plan.Flow) bool { return f.Verdict == plan.Run && f.Selected != nil }},
	{"?", "may run, if what it needs comes out different", func(f *plan.Flow) bool { return f.Verdict == plan.MayRun }},
	{"<", "will reuse an earlier run", func(f *plan.Flow) bool { return f.Verdict == plan.Reuse }},
	{"!", "cannot run", func(f *plan.Flow) bool { return f.Verdict == plan.Blocked }},
	{"=", "up to date", func(f *plan.Flow) bool { return f.Verdict == plan.Fresh || f.Verdict == plan.Pinned }},
}

func symbolOf(flow *plan.Flow) string {
	for _, s := range symbols {
		if s.is(flow) {
			return s.symbol
		}
	}
	panic("no symbol for verdict " + string(flow.Verdict))
}

// writePlan writes a plan for people: what changes, with a legend of the
// symbols used, and the summary last. verbose shows what is up to date too.
func writePlan(w io.Writer, p *plan.Plan, verbose bool) {
	used := map[string]bool{}
	var shown []*plan.Flow
	for _, flow := range p.Flows {
		if symbol := symbolOf(flow); verbose || symbol != "=" {
			shown = append(shown, flow)
			used[symbol] = true
		}
	}
	for _, s := range symbols {
		if used[s.symbol] {
			fmt.Fprintf(w, "  %s %s\n", s.symbol, s.meaning)
		}
	}
	if len(shown) > 0 {
		fmt.Fprintln(w)
	}
	for _, flow := range shown {
		writeFlow(w, flow)
	}
	for _, address := range p.Undeclared {
		fmt.Fprintf(w, "  # %s has a record and is not declared any more\n", address)
	}
	if len(shown)+len(p.Undeclared) > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, planSummary(p))
}

// planSummary is the last line: Plan: 2 to run, 1 may run, 12 up to date.
func planSummary(p *plan.Plan) string {
	s := p.Summary
	if !p.Pending() && s.Blocked == 0 {
		return fmt.Sprintf("Nothing to do: %s up to date.", plural(s.Fresh+s.Pinned, "flow is", "flows are"))
	}
	parts := []string{fmt.Sprintf("%d to run", s.Run)}
	for _, part := range []struct {
		count int
		text  string
	}{{s.MayRun, "may run"}, {s.Reuse, "to reuse"}, {s.Blocked, "blocked"}, {s.Pinned, "pinned"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.text))
		}
	}
	return "Plan: " + strings.Join(append(parts, fmt.Sprintf("%d up to date", s.Fresh)), ", ") + "."
}

func plural(count int, one, many string) string {
	if count == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", count, many)
}

func writeFlow(w io.Writer, flow *plan.Flow) {
	fmt.Fprintf(w, "  %s %s\n", symbolOf(flow), flow.Address)
	for _, reason := range flow.Reasons {
		line := reasonTexts[reason.Code]
		if line == "" {
			line = strings.ReplaceAll(reason.Code, "_", " ")
		}
		if reason.Detail != "" {
			line += ": " + firstLine(reason.Detail)
		}
		fmt.Fprintf(w, "      %s\n", diag.Printable(line))
		writeChanges(w, reason)
	}
}

// reasonTexts are the reasons in words.
var reasonTexts = map[string]string{
	"new":                    "it has no record yet",
	"previous_failed":        "its last attempt failed",
	"result_missing":         "its recorded result is missing",
	"parameters_changed":     "its parameters changed",
	"command_changed":        "its command changed",
	"env_changed":            "its environment variables changed",
	"options_changed":        "its options changed",
	"hook_changed":           "the value of a hook changed",
	"hook_may_change":        "the value of a hook is not known yet",
	"code_changed":           "its files changed",
	"environment_changed":    "its environment changed",
	"environment_may_change": "its environment may change",
	"salt_changed":           "its salt changed",
	"input_changed":          "what it needs changed",
	"input_may_change":       "what it needs may change",
	"forced":                 "it is forced to",
}

// mostChanges is how many changes of one reason are shown; the rest is
// counted.
const mostChanges = 10

func writeChanges(w io.Writer, reason plan.Reason) {
	for i, change := range reason.Changes {
		if i == mostChanges {
			fmt.Fprintf(w, "        … and %d more\n", len(reason.Changes)-mostChanges)
			return
		}
		fmt.Fprintf(w, "        %s\n", diag.Printable(changeText(change)))
	}
}

func changeText(change plan.Change) string {
	switch {
	case change.Kind != "":
		return fmt.Sprintf("%s %s", map[string]string{"added": "+", "removed": "-", "changed": "~"}[change.Kind], change.Path)
	case change.Flow != "":
		source := change.Flow
		if change.Output != "" {
			source += ".output." + change.Output
		}
		if change.Unknown {
			return fmt.Sprintf("%s: %s (known after apply)", change.Path, source)
		}
		return fmt.Sprintf("%s: %s: %s -> %s", change.Path, source, shorten(change.Old), shorten(change.New))
	case change.Unknown:
		return fmt.Sprintf("%s: %s -> (known after apply)", change.Path, shorten(change.Old))
	}
	return fmt.Sprintf("%s: %s -> %s", change.Path, shorten(change.Old), shorten(change.New))
}

// shorten cuts long values, and digests to what people compare.
func shorten(value json.RawMessage) string {
	text := []rune(string(value))
	switch {
	case len(text) == 0:
		return "(none)"
	case len(text) > 60 && slices.Contains(text, ':') && !slices.Contains(text, ' '):
		return string(text[:20]) + "…"
	case len(text) > 60:
		return string(text[:57]) + "…"
	}
	return string(text)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func writeNotes(w io.Writer, notes []string) {
	for _, note := range notes {
		fmt.Fprintf(w, "note: %s\n", diag.Printable(note))
	}
}
