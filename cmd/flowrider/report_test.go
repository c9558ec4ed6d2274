package main

import (
	"context"
	"encoding/xml"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/testenv"
)

// reportOf is the report of an apply in which everything has failed with the
// same text.
func reportOf(text string) *report {
	r := newReport()
	r.planned(&plan.Plan{Workspace: "default", Flows: []*plan.Flow{{Address: "flow.a"}, {Address: "flow.b"}}})
	r.event(apply.Event{Type: "flow", Address: "flow.a", State: apply.Failed, Reason: text, Tail: text})
	r.event(apply.Event{Type: "flow", Address: "flow.b", State: apply.Blocked, Reason: text, Cause: "flow.a"})
	r.event(apply.Event{Type: "hook", Address: "hook.h", State: apply.Failed, Reason: text})
	r.finish(&apply.Summary{Failed: 1, Blocked: 1}, nil)
	r.err = exit(exitFailed)
	return r
}

// Whatever bytes a flow prints, the report is XML with the same test cases, and
// Markdown in which they stand for nothing but themselves.
func TestReportsOfAnyBytes(t *testing.T) {
	var every []byte
	for i := range 256 {
		every = append(every, byte(i))
	}
	texts := []string{string(every), "]]>", "\ufffe\uffff", "\xed\xa0\x80", "</failure>", "\n```\n````\n</details>\n", ""}
	random := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	for range 200 {
		text := make([]byte, random.IntN(200))
		for i := range text {
			text[i] = byte(random.Uint32())
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		r := reportOf(text)
		var got testSuites
		if err := xml.Unmarshal(r.junit(), &got); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got.Tests != 3 || got.Failures != 2 || got.Skipped != 1 || len(got.Suites[0].Cases) != 3 {
			t.Errorf("%q: got %+v", text, got.testCounts)
		}
		markdown := string(r.markdown())
		if lines := strings.Count(outsideFences(markdown), "\n|"); lines != 4 {
			t.Errorf("%q: the table has %d lines, want 4:\n%s", text, lines, markdown)
		}
		if closed := strings.Count(outsideFences(markdown), "</details>"); closed != 2 {
			t.Errorf("%q: %d details are closed, want 2:\n%s", text, closed, markdown)
		}
	}
}

// outsideFences is what of a text in Markdown is no code.
func outsideFences(markdown string) string {
	var out strings.Builder
	fence := ""
	for line := range strings.Lines(markdown) {
		trimmed := strings.TrimRight(line, "\n")
		switch {
		case fence == "" && strings.HasPrefix(trimmed, "```"):
			fence = trimmed
		case fence != "" && trimmed == fence:
			fence = ""
		case fence == "":
			out.WriteString(line)
		}
	}
	return out.String()
}

// The command of on_finish is ended when its time is over, and one that does
// not read what it is told is not waited for.
func TestOnFinishIsBounded(t *testing.T) {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	if err := runOnFinish(over, t.TempDir(), []string{"sleep", "1000"}, finished{}); err == nil || !strings.Contains(err.Error(), "sleep was ended") {
		t.Errorf("got %v", err)
	}
	large := finished{Flows: []finishedNode{{Reason: strings.Repeat("x", 1<<20)}}}
	if err := runOnFinish(context.Background(), t.TempDir(), []string{"true"}, large); err != nil {
		t.Error(err)
	}
	if err := runOnFinish(context.Background(), t.TempDir(), []string{"sh", "-c", "test $(wc -c) -gt 1000000"}, large); err != nil {
		t.Error(err)
	}
}
