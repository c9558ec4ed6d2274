package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/flowrider/flowrider/schema"
)

// parse reads the text of a record. It gives the record or a problem, never
// both and never neither. The problem has no path yet.
func parse(text []byte) (*Record, *Problem) {
	if problem := conflictOf(text); problem != nil {
		return nil, problem
	}
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, &Problem{Reason: "is empty"}
	case !utf8.Valid(text):
		return nil, &Problem{Reason: "is not UTF-8 text"}
	}
	var rec Record
	if !isIntact(text) || json.Unmarshal(text, &rec) != nil || rec.Schema != Schema {
		normal, problem := kind.Open(text)
		if problem != nil {
			return nil, &Problem{Reason: problem.Reason, Newer: problem.Newer}
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
