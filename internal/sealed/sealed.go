// Package sealed writes values as canonical JSON with a checksum of their own,
// and takes apart why a text is not one that was written so: torn, edited, or
// of a newer program. Records and saved plans are such texts.
//
// It does not know what the values mean, and reads and writes no files.
package sealed

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Kind is one kind of text. Of its members, "checksum" is this package's; the
// one with the format number comes after it in the alphabet.
type Kind struct {
	Noun   string // what it is called in messages: record
	Member string // the member that holds the format number: schema
	Format int    // the newest format that this program knows
}

// Problem says why a text is not believed, as the end of a sentence that
// begins with the file's name.
type Problem struct {
	Reason string
	Newer  bool // written by a newer program
}

func (p *Problem) Error() string { return p.Reason }

var (
	errTrailing       = errors.New("text after the end")
	errNotObject      = errors.New("not an object")
	errNothingFollows = errors.New("it has no member that comes after its checksum")
)

// Encode gives the canonical text of a value, which is a JSON object, with its
// checksum: sorted keys, indented by two spaces so that people and git can
// read it, and a line break at its end. Equal values have equal texts.
func Encode(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	fields, err := decode(text)
	if err != nil {
		return nil, err
	}
	text, _, err = seal(fields)
	return text, err
}

// What stands before and in place of a checksum that is not known yet. In a
// canonical text only a member of the object itself begins a line so.
const (
	checksumBegins = "\n  \"checksum\": \""
	noChecksum     = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
)

// seal gives the canonical text of fields and its checksum, which is set in
// afterwards: to write all of it a second time would cost as much as the first.
func seal(fields map[string]any) (text []byte, checksum string, err error) {
	fields["checksum"] = noChecksum
	if text, err = indent(fields); err != nil {
		return nil, "", err
	}
	head, rest, ok := bytes.Cut(text, []byte(checksumBegins+noChecksum+"\",\n"))
	if !ok {
		return nil, "", errNothingFollows
	}
	checksum = Checksum(head, []byte("\n"), rest)
	copy(text[len(head)+len(checksumBegins):], checksum)
	return text, checksum, nil
}

// Checksum is that of a canonical text without the line that holds the
// checksum.
func Checksum(body ...[]byte) string {
	sum := sha256.New()
	for _, part := range body {
		sum.Write(part)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// Open looks closely at a text that somebody may have touched. One that was
// only laid out anew, by an editor or by git's line endings, still says the
// same: it gives the canonical text.
func (k Kind) Open(text []byte) (normal []byte, problem *Problem) {
	fields, err := decode(text)
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
		return nil, &Problem{Reason: fmt.Sprintf("is not a %s: %v", k.Noun, err)}
	}
	// The format number comes first: a newer format may have another checksum.
	number, _ := fields[k.Member].(json.Number)
	format, err := strconv.Atoi(number.String())
	switch {
	case err != nil || format < 1:
		return nil, &Problem{Reason: "has no format number"}
	case format > k.Format:
		return nil, &Problem{Newer: true, Reason: fmt.Sprintf(
			"was written by a newer flowrider (%s format %s, this one knows %d); use that one", k.Noun, number, k.Format)}
	}
	stated, _ := fields["checksum"].(string)
	if stated == "" {
		return nil, &Problem{Reason: "has no checksum"}
	}
	normal, checksum, err := seal(fields)
	if err != nil || checksum != stated {
		return nil, &Problem{Reason: "was edited: its checksum does not fit"}
	}
	return normal, nil
}

// decode reads one JSON object and nothing after it. Numbers keep their
// spelling.
func decode(text []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errTrailing
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, errNotObject
	}
	return fields, nil
}

// indent writes fields as canonical JSON. encoding/json sorts the keys.
func indent(fields map[string]any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(fields)
	return text.Bytes(), err
}
