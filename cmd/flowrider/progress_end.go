package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
)

// writeStale says in which way a flow is not what the plan says.
func writeStale(w io.Writer, event apply.Event) {
	fmt.Fprintf(w, "\nThe plan is stale for %s: since it was made,\n", event.Address)
	writeReasons(w, "  ", event.Reasons, mostChanges)
}

func writeFailure(w io.Writer, failure apply.Event) {
	fmt.Fprintf(w, "\n%s failed%s: %s\n", failure.Address, afterAttempts(failure), inert(diag.Printable(strings.TrimRight(failure.Reason, "\n"))))
	writeTail(w, failure.Tail)
	if failure.Log != "" {
		fmt.Fprintf(w, "All of it: flowrider logs %s\n", diag.ShellQuote(failure.Address))
	}
}

// afterAttempts says how often a flow was tried that has failed, if that was
// more than once.
func afterAttempts(failure apply.Event) string {
	if failure.Attempt < 2 {
		return ""
	}
	return fmt.Sprintf(" after %d attempts", failure.Attempt)
}

// applySummary is the last line: Apply: 6 succeeded, 2 up to date, in 41s; saved
// 2h 10m. Saved is what those runs took that need not be made, which is worth a
// word from a minute on.
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
	text := "Apply: " + strings.Join(parts, ", ")
	if s.Succeeded+s.Failed > 0 {
		text = "\n" + text + ", in " + took(seconds(s.Duration))
	}
	if saved := seconds(s.Saved); saved >= time.Minute {
		text += "; saved " + inSeconds(saved)
	}
	return text + "."
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
