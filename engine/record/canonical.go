package record

import (
	"fmt"
	"time"

	"github.com/flowrider/flowrider/internal/sealed"
)

// kind is what records are among the sealed texts.
var kind = sealed.Kind{Noun: "record", Member: "schema", Format: Schema}

// encode gives the canonical text of a record, with its checksum. Equal
// records have equal texts.
func encode(rec *Record) ([]byte, error) {
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
	text, err := sealed.Encode(&normal)
	if err != nil {
		return nil, fmt.Errorf("record of %s is not JSON: %w", rec.Flow, err)
	}
	return text, nil
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
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
