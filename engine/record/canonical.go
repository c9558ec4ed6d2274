package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// encode gives the canonical text of a record, with its checksum: JSON with
// sorted keys, indented by two spaces so that people and git can read it, and
// a line break at its end. Equal records have equal texts.
func encode(rec *Record) ([]byte, error) {
	body, err := bodyOf(rec)
	if err != nil {
		return nil, err
	}
	fields, err := decodeFields(body)
	if err != nil {
		return nil, err
	}
	fields["checksum"] = checksum(body)
	return indent(fields)
}

// bodyOf is the canonical text without the checksum: what the checksum is of.
func bodyOf(rec *Record) ([]byte, error) {
	normal := *rec
	normal.Schema = Schema
	normal.Started = rec.Started.UTC()
	normal.Components = orEmpty(rec.Components)
	normal.Equivalent = nil
	for _, e := range rec.Equivalent {
		e.Finished = e.Finished.UTC()
		e.Components = orEmpty(e.Components)
		normal.Equivalent = append(normal.Equivalent, e)
	}
	text, err := json.Marshal(&normal)
	if err != nil {
		return nil, fmt.Errorf("record of %s is not JSON: %w", rec.Flow, err)
	}
	fields, err := decodeFields(text)
	if err != nil {
		return nil, err
	}
	delete(fields, "checksum")
	return indent(fields)
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// decodeFields reads one JSON object and nothing after it. Numbers keep their
// spelling.
func decodeFields(text []byte) (map[string]any, error) {
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

var (
	errTrailing  = errors.New("text after the end")
	errNotObject = errors.New("not an object")
)

// indent writes fields as canonical JSON. encoding/json sorts the keys.
func indent(fields map[string]any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(fields)
	return text.Bytes(), err
}

// Finished is when the recorded run ended, by its start and duration.
func (rec *Record) Finished() time.Time {
	return rec.Started.Add(time.Duration(rec.Duration * float64(time.Second)))
}

// CurrentHash is the config hash that the record stands for now: that of its
// newest equivalent, else that of the recorded run.
func (rec *Record) CurrentHash() string {
	hash, _, _, _ := rec.Current()
	return hash
}

// Current is what was run last with the recorded result: the newest
// equivalent's config hash, components, inputs and end, else the recorded
// run's own.
func (rec *Record) Current() (hash string, components map[string]string, inputs []Input, finished time.Time) {
	if last := len(rec.Equivalent) - 1; last >= 0 {
		e := rec.Equivalent[last]
		return e.ConfigHash, e.Components, e.Inputs, e.Finished
	}
	return rec.ConfigHash, rec.Components, rec.Inputs, rec.Finished()
}

// hashes are all config hashes that the record was made with, oldest first,
// each once.
func (rec *Record) hashes() []string {
	hashes := []string{rec.ConfigHash}
	for _, e := range rec.Equivalent {
		known := false
		for _, h := range hashes {
			known = known || h == e.ConfigHash
		}
		if !known {
			hashes = append(hashes, e.ConfigHash)
		}
	}
	return hashes
}
