package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/flowrider/flowrider/schema"
)

// parse reads the text of a record. It gives the record or a problem, never
// both and never neither. The problem has no path yet.
func parse(text []byte) (*Record, *Problem) {
	if runIDs, found := findConflict(text); found {
		return nil, conflictProblem(runIDs)
	}
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, &Problem{Reason: "is empty"}
	case !utf8.Valid(text):
		return nil, &Problem{Reason: "is not UTF-8 text"}
	}
	var rec Record
	if !isIntact(text) || json.Unmarshal(text, &rec) != nil || rec.Schema != Schema {
		normal, problem := inspect(text)
		if problem != nil {
			return nil, problem
		}
		rec = Record{}
		if err := json.Unmarshal(normal, &rec); err != nil {
			return nil, &Problem{Reason: "is not a record: " + err.Error()}
		}
	}
	if err := rec.validate(); err != nil {
		return nil, &Problem{Reason: "is not a record: " + err.Error()}
	}
	return &rec, nil
}

// inspect looks closely at a text that is not letter by letter what this
// program writes. One that was only laid out anew, by an editor or by git's
// line endings, still says the same; its canonical text is returned.
func inspect(text []byte) ([]byte, *Problem) {
	fields, err := decodeFields(text)
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, &Problem{Reason: "is cut short"}
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
		return nil, &Problem{Reason: fmt.Sprintf("is not JSON (line %d: %s)", line, syntax)}
	case errors.Is(err, errTrailing):
		return nil, &Problem{Reason: "has text after its end"}
	case err != nil:
		return nil, &Problem{Reason: "is not a record: " + err.Error()}
	}
	// The format number comes first: a newer format may have another checksum.
	number, _ := fields["schema"].(json.Number)
	format, err := strconv.Atoi(number.String())
	switch {
	case err != nil || format < 1:
		return nil, &Problem{Reason: "has no format number"}
	case format > Schema:
		return nil, newerProblem(number.String())
	}
	stated, _ := fields["checksum"].(string)
	if stated == "" {
		return nil, &Problem{Reason: "has no checksum"}
	}
	delete(fields, "checksum")
	body, err := indent(fields)
	if err != nil || checksum(body) != stated {
		return nil, &Problem{Reason: "was edited: its checksum does not fit"}
	}
	fields["checksum"] = stated
	normal, err := indent(fields)
	if err != nil {
		return nil, &Problem{Reason: "is not a record: " + err.Error()}
	}
	return normal, nil
}

func newerProblem(format string) *Problem {
	return &Problem{
		Reason: fmt.Sprintf("was written by a newer flowrider (record format %s, this one knows %d); use that one", format, Schema),
		Newer:  true,
	}
}

// validate checks what every record has. It is asked of records before they
// are written, too.
func (rec *Record) validate() error {
	address, err := schema.ParseAddress(rec.Flow)
	switch {
	case err != nil || address.Block != "flow" || address.String() != rec.Flow:
		return fmt.Errorf("%q is not the address of a flow", rec.Flow)
	case rec.RunID == "" || !utf8.ValidString(rec.RunID):
		return fmt.Errorf("run ID %q of %s is not usable", rec.RunID, rec.Flow)
	}
	for _, hash := range rec.hashes() {
		if hash == "" || strings.ContainsFunc(hash, unicode.IsControl) || !utf8.ValidString(hash) {
			return fmt.Errorf("config hash %q of %s is not usable", hash, rec.Flow)
		}
	}
	return nil
}

// shown is text from a file as it can be shown in a message.
func shown(text string) string {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
