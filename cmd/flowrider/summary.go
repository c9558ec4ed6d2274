package main

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/process"
)

// What of a summary is shown at most: GitHub takes no more than 1 MiB a step.
const (
	mostRows     = 500
	mostFailures = 20
)

// markdown is the report for people who look at a CI job: what ran and what did
// not, why, and how the failures ended.
func (r *report) markdown() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "## flowrider apply\n\n")
	if r.summary == nil {
		fmt.Fprintf(&out, "Nothing was begun.\n\n%s\n", fenced(process.Clean(r.problem())))
		return out.Bytes()
	}
	line := strings.TrimPrefix(strings.TrimSpace(applySummary(r.summary)), "Apply: ")
	fmt.Fprintf(&out, "%s%s Workspace `%s`, exit code %d.\n", strings.ToUpper(line[:1]), line[1:], r.workspace, exitCode(r.err))
	var failures []apply.Event
	failures = append(failures, r.others...)
	var rows []string
	for _, flow := range r.ended() {
		if flow.State == apply.Failed || flow.State == apply.Stale {
			failures = append(failures, flow.Event)
		}
		if flow.State != apply.Fresh {
			rows = append(rows, flow.row())
		}
	}
	writeRows(&out, rows)
	for i, failure := range failures {
		if i == mostFailures {
			fmt.Fprintf(&out, "\n… and %d more failures.\n", len(failures)-mostFailures)
			break
		}
		writeDetails(&out, failure)
	}
	return out.Bytes()
}

func writeRows(out *bytes.Buffer, rows []string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(out, "\n| Flow | State | Time | Run | Why |\n|---|---|---|---|---|\n")
	for i, row := range rows {
		if i == mostRows {
			fmt.Fprintf(out, "\n… and %d more flows.\n", len(rows)-mostRows)
			break
		}
		out.WriteString(row)
	}
}

// row is a flow as a line of the table.
func (f *reported) row() string {
	time, why := "", f.why
	if f.Duration > 0 {
		time = took(seconds(f.Duration))
	}
	if why == "" || f.State == apply.Failed || f.State == apply.Cancelled {
		why = firstLine(process.Clean(f.Reason))
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", cell(f.Address), f.State, time, cell(f.RunID), cell(why))
}

// cell is a text in a table: all that Markdown reads in it is taken literally.
func cell(text string) string {
	text = html.EscapeString(diag.Printable(text))
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "\n", " ").Replace(text)
}

// writeDetails shows how something has failed, folded up.
func writeDetails(out *bytes.Buffer, failure apply.Event) {
	note := failureNote(failure)
	fmt.Fprintf(out, "\n<details><summary>%s: %s</summary>\n\n%s\n</details>\n",
		html.EscapeString(failure.Address), html.EscapeString(diag.Printable(note.Message)), fenced(note.Text))
}

// fenced is a text as code, between fences that it cannot close.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "\n" + strings.ToValidUTF8(strings.TrimRight(text, "\n"), "\uFFFD") + "\n" + fence + "\n"
}
