package python

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/testenv"
	"github.com/flowrider/flowrider/schema"
)

var update = flag.Bool("update", false, "write testdata/records anew")

// fixture is one file of testdata/records, and what every reader must make of
// it when it lies where the record of Address belongs. Python reads the same
// list (tests/test_record.py).
type fixture struct {
	File    string `json:"file"`
	Address string `json:"address"`
	Path    string `json:"path"`    // below the folder of records
	Verdict string `json:"verdict"` // believed, newer, or refused
}

const fixtures = "testdata/records"

// TestRecordFixtures holds the fixtures to engine/record: what it writes today
// is what is stored, and it judges each file as the list says.
func TestRecordFixtures(t *testing.T) {
	want := makeFixtures(t)
	if *update {
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(fixtures, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	stored := map[string][]byte{}
	for name, text := range list(t, fixtures) {
		stored[name] = []byte(text)
	}
	if diff := cmp.Diff(want, stored); diff != "" {
		t.Fatalf("%s is not what engine/record writes; if its format was meant to change, run go test ./python -update (-want +got):\n%s", fixtures, diff)
	}
	var cases []fixture
	if err := json.Unmarshal(stored["cases.json"], &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.File, func(t *testing.T) {
			if got := judge(t, c, stored[c.File]); got != c.Verdict {
				t.Errorf("engine/record judges %s as %s, want %s", c.File, got, c.Verdict)
			}
		})
	}
}

// judge puts a text where the record belongs and reads it.
func judge(t *testing.T, c fixture, text []byte) string {
	t.Helper()
	root := t.TempDir()
	path := filepath.Join(root, "runs", filepath.FromSlash(c.Path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	rec, problem := record.Open(root, "runs", durable.Writer{}).Selected(address(t, c.Address))
	switch {
	case rec != nil && problem == nil:
		return "believed"
	case problem != nil && problem.Newer:
		return "newer"
	case problem != nil:
		return "refused"
	}
	return "missing"
}

func address(t *testing.T, text string) schema.Address {
	t.Helper()
	a, err := schema.ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestPythonFindsBlobs holds the place of a stored output to engine/blob.
func TestPythonFindsBlobs(t *testing.T) {
	digest := "h1:" + strings.Repeat("b", 64)
	cmd := exec.Command(anyPython(t), "-c", "import sys, pathlib\nfrom flowrider import record\nprint(record.blob(pathlib.Path('/root'), *sys.argv[1:]))", digest, "a page.html")
	cmd.Env = append(testenv.Environ(t), "PYTHONPATH=.", "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if diff := cmp.Diff(blob.Open("/root").Path(digest, "a page.html"), strings.TrimSpace(string(out))); diff != "" {
		t.Errorf("place of a stored output (-engine/blob +Python):\n%s", diff)
	}
}

// makeFixtures writes valid records with engine/record, and damages copies.
func makeFixtures(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	var cases []fixture
	add := func(file, address, path, verdict string, text []byte) {
		files[file] = text
		cases = append(cases, fixture{file, address, path, verdict})
	}
	for file, rec := range validRecords() {
		path, text := encode(t, rec)
		add(file, rec.Flow, path, "believed", text)
	}
	train := files["metaflow.json"]
	damage := func(file, verdict string, text []byte) {
		if bytes.Equal(text, train) {
			t.Fatalf("%s is not damaged", file)
		}
		add(file, `flow.train["forest"]`, "train/forest.json", verdict, text)
	}
	replace := func(old, with string) []byte {
		return bytes.Replace(train, []byte(old), []byte(with), 1)
	}
	damage("relaid-crlf.json", "believed", bytes.ReplaceAll(train, []byte("\n"), []byte("\r\n")))
	damage("relaid-compact.json", "believed", compact(t, train))
	damage("torn.json", "refused", train[:len(train)/2])
	damage("empty.json", "refused", []byte{})
	damage("trailing.json", "refused", append(bytes.Clone(train), "{}\n"...))
	damage("edited-run.json", "refused", replace("1795303798650001", "1795303798650002"))
	damage("edited-checksum.json", "refused", replace(`"checksum": "sha256:`, `"checksum": "sha256:0`))
	damage("no-checksum.json", "refused", replace(`"checksum"`, `"checksun"`))
	damage("no-utf8.json", "refused", replace("forest", "for\xffst"))
	damage("newer.json", "newer", replace(`"schema": 1`, `"schema": 2`))
	line := `  "run_id": "1795303798650001",` + "\n"
	other := strings.Replace(line, "0001", "0009", 1)
	damage("conflicted.json", "refused", replace(line, "<<<<<<< HEAD\n"+line+"=======\n"+other+">>>>>>> other\n"))
	damage("foreign.json", "refused", files["command.json"])

	slices.SortFunc(cases, func(a, b fixture) int { return strings.Compare(a.File, b.File) })
	text, err := json.MarshalIndent(cases, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	files["cases.json"] = append(text, '\n')
	return files
}

// validRecords are records by the names of their files; between them they have
// every field, and every kind of value and of key.
func validRecords() map[string]*record.Record {
	started := time.Date(2026, 11, 22, 0, 28, 1, 317264899, time.UTC)
	hash := func(digit string) string { return "h1:" + strings.Repeat(digit, 64) }
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	train := &record.Record{
		Flow: `flow.train["forest"]`, Runner: "metaflow", RunID: "1795303798650001",
		Pathspec: "TrainFlow/1795303798650001", Store: "local:01KAMEXAMPLE",
		ConfigHash: hash("1"), SharedHash: hash("c"), DataVersion: hash("2"),
		Components: map[string]string{"parameters": hash("3"), "code": hash("4")},
		Outputs: map[string]record.Output{
			"model": {Artifact: "model", Digest: strings.Repeat("a", 40), DataVersion: hash("5")},
		},
		Parameters: map[string]json.RawMessage{
			"settings": raw(`{"max_depth":6,"rate":1e-07,"spelt":1.50E+2,"whole":1.0,"big":12345678901234567890,"none":null,"empty":{},"list":[1,[],true]}`),
			"text":     raw(`"<a & b> \u2028 \u00e9 \ud83d\ude00 \u0001 \u007f \"q\" \\ /"`),
		},
		Inputs:  []record.Input{{Leaf: "parameters.clean_run", Flow: "flow.clean", RunID: "1795303790000000", DataVersion: hash("6")}},
		Started: started, Duration: 2.0640000000000001, GitCommit: strings.Repeat("c", 40), Platform: "linux/amd64",
		Equivalent: []record.Equivalent{{
			RunID: "1795303798650002", ConfigHash: hash("7"), SharedHash: hash("d"), Components: map[string]string{"code": hash("8")}, Finished: started.Add(time.Hour),
		}},
	}
	report := &record.Record{
		Flow: "flow.report", Runner: "command", RunID: "01KAM00000000000000000000X",
		ConfigHash: hash("9"), DataVersion: hash("a"), Components: map[string]string{},
		Outputs: map[string]record.Output{
			"html":   {File: "out/report.html", Published: "out/report.html", Digest: hash("b"), DataVersion: hash("b")},
			"scores": {Digest: hash("d"), DataVersion: hash("d"), Value: raw(`{"forest":0.99}`)},
		},
		Started: started.Truncate(time.Second), Platform: "linux/amd64", Asserted: true,
	}
	records := map[string]*record.Record{"metaflow.json": train, "command.json": report}
	for file, key := range map[string]string{
		"key-empty.json":    "",
		"key-signs.json":    `.a/b "c" ${d} é%`,
		"key-dots.json":     "v1.0",
		"key-long.json":     strings.Repeat("long-", 40),
		"key-long-cut.json": strings.Repeat("é", 60),
	} {
		records[file] = &record.Record{
			Flow: schema.FlowAddress("part").Instance(key).String(), Runner: "command", RunID: "01KAM00000000000000000000Y",
			ConfigHash: hash("e"), DataVersion: hash("f"), Started: started, Platform: "darwin/arm64",
		}
	}
	return records
}

// encode has engine/record write a record; it gives the file's path below the
// folder of records, and its text.
func encode(t *testing.T, rec *record.Record) (path string, text []byte) {
	t.Helper()
	root := t.TempDir()
	if err := record.Open(root, "runs", durable.Writer{}).Select(rec); err != nil {
		t.Fatal(err)
	}
	runs := filepath.Join(root, "runs")
	err := filepath.WalkDir(runs, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if text != nil {
			return errors.New("more than one file was written")
		}
		path, _ = filepath.Rel(runs, file)
		path = filepath.ToSlash(path)
		text, err = os.ReadFile(file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return path, text
}

func compact(t *testing.T, text []byte) []byte {
	t.Helper()
	var short bytes.Buffer
	if err := json.Compact(&short, text); err != nil {
		t.Fatal(err)
	}
	return short.Bytes()
}
