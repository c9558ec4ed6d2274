package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
)

// symbols are what stands before a flow in a plan, in the legend's order.
var symbols = []struct {
	symbol, meaning string
	is              func(*plan.Flow) bool
}{
	{"+", "will run, for the first time", func(f *plan.Flow) bool { return f.Verdict == plan.Run && f.IsNew() }},
	{"~", "will run again", func(f *plan.Flow) bool { return f.Verdict == plan.Run && !f.IsNew() }},
	{"?", "may run, if what it needs comes out different", func(f *plan.Flow) bool { return f.Verdict == plan.MayRun }},
	{"<", "will reuse an earlier run", func(f *plan.Flow) bool { return f.Verdict == plan.Reuse }},
	{"!", "cannot run", func(f *plan.Flow) bool { return f.Verdict == plan.Blocked }},
	{"@", "pinned to a run", func(f *plan.Flow) bool { return f.Verdict == plan.Pinned }},
	{"=", "up to date", func(f *plan.Flow) bool { return f.Verdict == plan.Fresh }},
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
// symbols used, and the summary last. verbose explains each flow, also those
// that are up to date.
func writePlan(w io.Writer, p *plan.Plan, verbose bool) { writePlanFor(w, p, verbose, true) }

// writePlanFor is writePlan, also for an apply, which does by itself what there
// is to do.
func writePlanFor(w io.Writer, p *plan.Plan, verbose, remedies bool) {
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
		writeFlowLine(w, flow)
		if verbose {
			explained := p.Explain(flow)
			if !remedies {
				explained.Remedies, explained.Undo = nil, nil
			}
			writeExplained(w, "    ", explained, false)
			fmt.Fprintln(w)
			continue
		}
		writeFlow(w, flow)
	}
	lines := 0
	for _, flow := range p.Flows {
		if flow.Asserted {
			fmt.Fprintf(w, "  # %s goes by run %s, which is asserted (accept or import)\n", flow.Address, *flow.RunID)
			lines++
		}
		if flow.MovedFrom != "" {
			fmt.Fprintf(w, "  # %s was %s: apply renames its record\n", flow.Address, flow.MovedFrom)
			lines++
		}
	}
	writeUndeclared(w, "  # ", p.Undeclared)
	if len(shown)+lines+len(p.Undeclared) > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, planSummary(p))
}

func writeUndeclared(w io.Writer, before string, list []string) {
	for _, address := range list {
		fmt.Fprintf(w, "%s%s has a record and is not declared any more; flowrider gc --records removes it\n", before, address)
	}
}

// planSummary is the last line: Plan: 2 to run, 1 may run, 12 up to date.
func planSummary(p *plan.Plan) string {
	s := p.Summary
	if !p.Pending() && s.Blocked == 0 {
		pinned := ""
		if s.Pinned > 0 {
			pinned = fmt.Sprintf(", %d pinned", s.Pinned)
		}
		if s.Fresh+s.Pinned == 0 {
			return "Nothing to do: there are no flows to plan."
		}
		return fmt.Sprintf("Nothing to do: %s up to date%s.", plural(s.Fresh, "flow is", "flows are"), pinned)
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

// writeFlowLine is a flow with its symbol.
func writeFlowLine(w io.Writer, flow *plan.Flow) {
	line := fmt.Sprintf("  %s %s", symbolOf(flow), flow.Address)
	if (flow.Verdict == plan.Reuse || flow.Verdict == plan.Pinned) && flow.RunID != nil {
		line += " (run " + *flow.RunID + ")"
	}
	fmt.Fprintln(w, line)
}

// writeFlow is what stands below a flow's line.
func writeFlow(w io.Writer, flow *plan.Flow) {
	writeReasons(w, "      ", flow.Reasons, mostChanges)
	writeResumes(w, "      ", flow)
	writeElsewhere(w, "      ", flow)
	if flow.Pin != nil {
		fmt.Fprintf(w, "      without the pin it %s\n", verdicts[flow.Pin.WouldBe])
		writeReasons(w, "        ", flow.Pin.Reasons, mostChanges)
	}
}

// writeReasons writes each reason with at most so many of its changes.
func writeReasons(w io.Writer, indent string, reasons []plan.Reason, most int) {
	for _, reason := range reasons {
		fmt.Fprintf(w, "%s%s\n", indent, diag.Printable(reasonLine(reason)))
		for i, change := range reason.Changes {
			if i == most {
				fmt.Fprintf(w, "%s  … and %d more\n", indent, len(reason.Changes)-most)
				break
			}
			fmt.Fprintf(w, "%s  %s\n", indent, diag.Printable(changeText(change)))
		}
	}
}

// writeResumes says what a flow goes on with.
func writeResumes(w io.Writer, indent string, flow *plan.Flow) {
	if flow.Resumes != nil {
		fmt.Fprintf(w, "%sit %s; apply --no-resume begins from the beginning\n", indent, diag.Printable(flow.Resumes.String()))
	}
}

// writeElsewhere says which run counts where that of the committed record
// lies in another store.
func writeElsewhere(w io.Writer, indent string, flow *plan.Flow) {
	switch {
	case flow.ChoiceRunID != "":
		fmt.Fprintf(w, "%srun %s is this machine's choice; run %s of the committed record lies in another store\n", indent, flow.ChoiceRunID, flow.CommittedRunID)
	case flow.CommittedRunID != "" && flow.Verdict == plan.Fresh:
		fmt.Fprintf(w, "%srun %s of the committed record lies in another store; its outputs are here\n", indent, flow.CommittedRunID)
	case flow.CommittedRunID != "":
		fmt.Fprintf(w, "%sthe committed record stays as it is: what runs here is this machine's choice\n", indent)
	}
}

// reasonLine is a reason in words, without its changes.
func reasonLine(reason plan.Reason) string {
	line := reasonTexts[reason.Code]
	if line == "" {
		line = strings.ReplaceAll(reason.Code, "_", " ")
	}
	if reason.Detail != "" {
		line += ": " + firstLine(reason.Detail)
	}
	return line
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
	"imported":               "it is imported",
	"hook_may_change":        "the value of a hook is not known yet",
	"code_changed":           "its files changed",
	"environment_changed":    "its environment changed",
	"environment_may_change": "its environment may change",
	"salt_changed":           "its salt changed",
	"pinned":                 "it is pinned",
	"input_changed":          "what it needs changed",
	"input_may_change":       "what it needs may change",
	"input_blocked":          "what it needs cannot run",
	"not_planned":            "this was not planned",
	"forced":                 "it is forced to",
	"expired":                "its result has expired",
	"volatile":               "it is volatile",
	"record_changed":         "its committed record is not right",
	"same_inputs":            "another flow has the same inputs",
	"record_damaged":         "its record is not believed",
	"record_newer":           "its record is left as it is",
	"record_conflict":        "two branches have recorded a run of it",
	"run_unchecked":          "its run cannot be checked",
}

// mostChanges is how many changes of one reason are shown; the rest is
// counted.
const mostChanges = 10

func changeText(change plan.Change) string {
	old, now := pair(change.Old, change.New)
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
		return fmt.Sprintf("%s: %s: %s -> %s", change.Path, source, old, now)
	case change.Unknown:
		return fmt.Sprintf("%s: %s -> (known after apply)", change.Path, old)
	}
	return fmt.Sprintf("%s: %s -> %s", change.Path, old, now)
}

// pair shows an old and a new value. Long ones are cut to where they differ.
func pair(old, now json.RawMessage) (string, string) {
	before, after := []rune(string(old)), []rune(string(now))
	same := 0
	for same < len(before) && same < len(after) && before[same] == after[same] {
		same++
	}
	from := 0
	if same > mostRunes/2 {
		from = same - mostRunes/3
	}
	return excerpt(before, from), excerpt(after, from)
}

// mostRunes is how much of a value is shown.
const mostRunes = 60

func excerpt(text []rune, from int) string {
	if len(text) == 0 {
		return "(none)"
	}
	if len(text) <= mostRunes {
		return string(text)
	}
	out := text[min(from, len(text)):]
	prefix, suffix := "", ""
	if from > 0 {
		prefix = "…"
	}
	if len(out) > mostRunes {
		out, suffix = out[:mostRunes], "…"
		if text[0] == '"' {
			suffix += "\""
		}
	}
	return prefix + string(out) + suffix
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
