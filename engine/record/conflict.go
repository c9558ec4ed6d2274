package record

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// findConflict looks for the marks that git leaves where two branches have
// recorded different runs, and for the run IDs of the two sides. A record has
// no line of its own that begins like one.
func findConflict(text []byte) (runIDs []string, found bool) {
	var ours, theirs bytes.Buffer
	in := "both"
	for line := range bytes.Lines(text) {
		next, is := conflictMark(line)
		if is {
			in, found = next, true
			continue
		}
		if in == "both" || in == "ours" {
			ours.Write(line)
		}
		if in == "both" || in == "theirs" {
			theirs.Write(line)
		}
	}
	if !found {
		return nil, false
	}
	for _, side := range [][]byte{ours.Bytes(), theirs.Bytes()} {
		if id := runIDOf(side); id != "" && !slices.Contains(runIDs, id) {
			runIDs = append(runIDs, id)
		}
	}
	return runIDs, true
}

// conflictMark says whether a line is one of git's marks, and what the lines
// after it belong to. The base is shown by merge.conflictStyle=diff3.
func conflictMark(line []byte) (next string, is bool) {
	if len(line) < 7 || len(line) > 7 && line[7] != ' ' && line[7] != '\r' && line[7] != '\n' {
		return "", false
	}
	switch string(line[:7]) {
	case "<<<<<<<":
		return "ours", true
	case "|||||||":
		return "base", true
	case "=======":
		return "theirs", true
	case ">>>>>>>":
		return "both", true
	}
	return "", false
}

// runIDLine finds the run ID of a record, and not one of its inputs or
// equivalents, which are indented further.
var runIDLine = regexp.MustCompile(`(?m)^  "run_id": ("(?:[^"\\]|\\.)*")`)

// runIDOf reads the run ID of one side of a conflict, as well as it goes: a
// merge of several hunks need not be JSON.
func runIDOf(side []byte) string {
	var rec struct {
		RunID string `json:"run_id"`
	}
	if json.Unmarshal(side, &rec) == nil && rec.RunID != "" {
		return rec.RunID
	}
	if match := runIDLine.FindSubmatch(side); match != nil && json.Unmarshal(match[1], &rec.RunID) == nil {
		return rec.RunID
	}
	return ""
}

func conflictProblem(runIDs []string) *Problem {
	reason := "has git conflict markers"
	if len(runIDs) > 0 {
		var names []string
		for _, id := range runIDs {
			names = append(names, "run "+shown(id))
		}
		reason += " (" + strings.Join(names, " against ") + ")"
	}
	return &Problem{Reason: reason, RunIDs: runIDs}
}
