package record

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/schema"
)

// Side is what one of two branches had recorded, where git could not merge
// the two records of a flow.
type Side struct {
	Name   string  // "ours" or "theirs", as git calls them
	RunID  string  // as well as it can be read; "" if it cannot
	Record *Record // nil unless all of it is known and fits its checksum
	newer  bool    // it was written by a newer program
}

func (s Side) String() string {
	if s.RunID == "" {
		return "an unknown run (" + s.Name + ")"
	}
	return "run " + shown(s.RunID) + " (" + s.Name + ")"
}

// read takes a side's record from its text, if that is a whole record.
func (s *Side) read(text []byte) {
	rec, problem := parse(text)
	s.Record, s.newer = rec, problem != nil && problem.Newer
	if rec != nil {
		s.RunID = rec.RunID
	}
}

// conflictOf is the problem of a text with the marks that git leaves where two
// branches have recorded different runs; nil of any other.
func conflictOf(text []byte) *Problem {
	ours, theirs, found := splitConflict(text)
	if !found {
		return nil
	}
	sides := []Side{{Name: "ours", RunID: runIDOf(ours)}, {Name: "theirs", RunID: runIDOf(theirs)}}
	sides[0].read(ours)
	sides[1].read(theirs)
	problem := &Problem{Reason: "has git conflict markers", Sides: sides}
	var runs []string
	for _, side := range sides {
		if run := "run " + shown(side.RunID); side.RunID != "" && !slices.Contains(runs, run) {
			runs = append(runs, run)
		}
	}
	if len(runs) > 0 {
		problem.Reason += " (" + strings.Join(runs, " against ") + ")"
	}
	problem.checkNewer()
	return problem
}

// checkNewer says so where a side must not be replaced by this program.
func (p *Problem) checkNewer() {
	newer := slices.ContainsFunc(p.Sides, func(side Side) bool { return side.newer })
	if newer && !p.Newer {
		p.Newer = true
		p.Reason += "; one of them was written by a newer flowrider, use that one"
	}
}

// Whole says whether the record of each side of a conflict is known.
func (p *Problem) Whole() bool {
	return !slices.ContainsFunc(p.Sides, func(side Side) bool { return side.Record == nil })
}

// Complete reads the sides that are not whole from texts, which are ours and
// theirs as git itself still has them. It is needed where one branch alone has
// changed a line between the marks: git merges that line, and what it was on
// the other branch is not in the file.
func (p *Problem) Complete(address schema.Address, ours, theirs []byte) {
	for i, text := range [][]byte{ours, theirs} {
		if i < len(p.Sides) && p.Sides[i].Record == nil {
			p.Sides[i].read(text)
		}
	}
	p.checkNewer()
	p.keepOnly(address)
}

// keepOnly drops the records of sides that are another flow's: git takes a
// record that was removed for one that was renamed to a new one like it.
func (p *Problem) keepOnly(address schema.Address) {
	for i := range p.Sides {
		if rec := p.Sides[i].Record; rec != nil && rec.Flow != address.String() {
			p.Sides[i].Record = nil
		}
	}
}

// splitConflict takes the texts of both sides out of a file with git's marks.
// Whether they are what the branches had, their checksums tell.
func splitConflict(text []byte) (ours, theirs []byte, found bool) {
	in := "both"
	for line := range bytes.Lines(text) {
		if next, is := conflictMark(line); is {
			in, found = next, true
			continue
		}
		if in == "both" || in == "ours" {
			ours = append(ours, line...)
		}
		if in == "both" || in == "theirs" {
			theirs = append(theirs, line...)
		}
	}
	return ours, theirs, found
}

// conflictMark says whether a line is one of git's marks, and what the lines
// after it belong to. The base is shown by merge.conflictStyle=diff3. A record
// has no line of its own that begins like one.
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
// side that is not whole need not be JSON.
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
