package command

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/flowrider/flowrider/engine/printed"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

const maxPrinted = runner.MaxPrinted

// keepPrinted takes what the process printed as a value.
func keepPrinted(job *runner.Job, output runner.Output) (record.Output, error) {
	file, err := os.Open(job.Stdout())
	if err != nil {
		return record.Output{}, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxPrinted+1))
	if err != nil {
		return record.Output{}, err
	}
	if len(text) > maxPrinted {
		return record.Output{}, runner.Failf("its output %q is longer than 1 MiB; write it to a file instead", output.Name)
	}
	value := json.RawMessage(text)
	switch {
	case !utf8.Valid(text):
		return record.Output{}, runner.Failf("what it printed for its output %q is not UTF-8; write it to a file instead", output.Name)
	case output.Stdout == "text":
		encoded, err := json.Marshal(string(text))
		if err != nil {
			panic(err) // a string always encodes
		}
		value = encoded
	case !json.Valid(text):
		return record.Output{}, runner.Failf("what it printed for its output %q is no JSON", output.Name)
	}
	if problem := unusable(value); problem != "" {
		return record.Output{}, runner.Failf("what it printed for its output %q %s", output.Name, problem)
	}
	value = compact(value)
	sum := sha256.Sum256(value)
	digest := "h1:" + hex.EncodeToString(sum[:])
	return record.Output{
		Digest: digest, Value: value,
		DataVersion: job.DataVersion(job.Attempt, output.Name, "content:"+hex.EncodeToString(sum[:])),
	}, nil
}

// unusable says why a valid JSON text cannot be a value of the configuration;
// "" if it can.
func unusable(text json.RawMessage) string {
	switch deep, number := printed.Unusable(text); {
	case deep:
		return fmt.Sprintf("is nested deeper than %d levels; write it to a file instead", printed.MaxNested)
	case number != "":
		return fmt.Sprintf("has the number %s, which is out of range", number)
	}
	return ""
}

// compact is a JSON text with sorted keys and without blanks, so that layout
// does not count. Numbers keep their digits.
func compact(text json.RawMessage) json.RawMessage {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return text
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return text
	}
	return encoded
}
