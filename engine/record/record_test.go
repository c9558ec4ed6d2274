package record_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

func equal[T any](t *testing.T, want, got T, opts ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// asWritten compares records but for what only the file knows.
var asWritten = cmpopts.IgnoreFields(record.Record{}, "Schema", "Checksum")

func hash(digit string) string { return "h1:" + strings.Repeat(digit, 64) }

// sample is a record with something in every field.
func sample(flow, runID string) *record.Record {
	return &record.Record{
		Flow:        flow,
		Runner:      "metaflow",
		RunID:       runID,
		Pathspec:    "TrainFlow/" + runID,
		Store:       "local:01jdj1s3v0000000000000000a",
		ConfigHash:  hash("3"),
		Components:  map[string]string{"parameters": hash("a"), "bundle": hash("b"), "<&>": hash("c")},
		DataVersion: hash("d"),
		Outputs: map[string]record.Output{
			"model":   {Artifact: "model", Digest: hash("e"), DataVersion: hash("e")},
			"summary": {Digest: hash("f"), DataVersion: hash("f"), Value: json.RawMessage(`{"score":0.910,"n":[1,2]}`)},
		},
		Parameters: map[string]json.RawMessage{"seed": json.RawMessage(`7`), "name": json.RawMessage(`"Übung <1>"`)},
		Inputs:     []record.Input{{Leaf: "parameters.clean_run", Flow: "flow.clean", RunID: "16", DataVersion: hash("9")}},
		Started:    time.Date(2024, 11, 22, 10, 30, 0, 123e6, time.UTC),
		Duration:   12.345,
		GitCommit:  "0123456789abcdef0123456789abcdef01234567",
		Platform:   "linux/amd64",
	}
}

func open(root string) *record.Store {
	return record.Open(root, "runs", durable.With(durable.OS()))
}

func address(t testing.TB, text string) schema.Address {
	t.Helper()
	a, err := schema.ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write puts a file below root.
func write(t testing.TB, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
}

func read(t testing.TB, root, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	must(t, err)
	return string(data)
}

// snapshot is every file and folder below root with content, mode and time.
func snapshot(t testing.TB, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		files[rel] = fmt.Sprint(info.Mode(), info.ModTime().UnixNano())
		if d.Type().IsRegular() {
			data, err := os.ReadFile(path)
			files[rel] += " " + string(data)
			return err
		}
		return nil
	}))
	return files
}

// names lists the files below root.
func names(t testing.TB, root string) []string {
	t.Helper()
	var files []string
	must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(root, path)
			files = append(files, rel)
		}
		return err
	}))
	return files
}

// The text of a record, which people read, git merges, and the Python package
// parses. When this changes, the format has changed.
func TestRecordText(t *testing.T) {
	root := t.TempDir()
	must(t, open(root).Select(sample(`flow.train["forest"]`, "17")))
	text := read(t, root, "runs/train/forest.json")
	if *update {
		must(t, os.WriteFile("testdata/forest.json", []byte(text), 0o644))
	}
	equal(t, read(t, "testdata", "forest.json"), text)
}

func TestRoundTrip(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	for _, flow := range []string{"flow.clean", `flow.train["forest"]`, `flow.train["a/b"]`} {
		want := sample(flow, "17")
		must(t, s.Select(want))
		got, problem := s.Selected(address(t, flow))
		if problem != nil {
			t.Fatal(problem)
		}
		equal(t, want, got, asWritten, cmp.Transformer("JSON", compactJSON))
		equal(t, record.Schema, got.Schema)
	}
}

// compactJSON takes the layout off values, which canonical text changes.
func compactJSON(raw json.RawMessage) string {
	var v any
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	if decoder.Decode(&v) != nil {
		return string(raw)
	}
	text, _ := json.Marshal(v)
	return string(text)
}

func TestCurrent(t *testing.T) {
	rec := sample("flow.a", "17")
	h, components, inputs, finished := rec.Current()
	equal(t, hash("3"), h)
	equal(t, rec.Components, components)
	equal(t, rec.Inputs, inputs)
	equal(t, time.Date(2024, 11, 22, 10, 30, 12, 468e6, time.UTC), finished)

	end := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	rec.Equivalent = []record.Equivalent{
		{RunID: "18", ConfigHash: hash("4")},
		{RunID: "19", ConfigHash: hash("5"), Components: map[string]string{"x": "y"}, Inputs: []record.Input{{Leaf: "l"}}, Finished: end},
	}
	h, components, inputs, finished = rec.Current()
	equal(t, hash("5"), h)
	equal(t, rec.CurrentHash(), h)
	equal(t, map[string]string{"x": "y"}, components)
	equal(t, []record.Input{{Leaf: "l"}}, inputs)
	equal(t, end, finished)
}
