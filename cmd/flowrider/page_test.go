package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/testenv"
)

var update = flag.Bool("update", false, "write what is really printed into docs")

func TestStalenessPage(t *testing.T) {
	t.Parallel()
	playPage(t, "staleness.md")
}

func TestJSONPage(t *testing.T) {
	t.Parallel()
	playPage(t, "json.md")
}

// playPage holds that a page of docs has what flowrider really prints: its
// blocks are typed, in order, and what comes out is compared. In the words
// after ``` stands what a block is:
//
//	hcl flowrider.hcl    the file flowrider.hcl
//	diff clean.sh        an edit of the file clean.sh
//	console              commands, each after a $, with what they print
//
// A stand-in such as RUN-2 in an edit or a command is the ID that was printed.
//
// A line <!-- project NAME --> begins a new, empty folder. The project metaflow
// needs a package index.
func playPage(t *testing.T, page string) {
	t.Helper()
	name := filepath.Join(repository, "docs", page)
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	parts := projectLine.Split(string(content), -1)
	whole := parts[0]
	for i, header := range projectLine.FindAllStringSubmatch(string(content), -1) {
		part := parts[i+1]
		written := part
		t.Run(header[1], func(t *testing.T) {
			if header[1] == "metaflow" {
				testenv.Real(t)
			}
			s := &sheet{t: t, folder: t.TempDir(), environ: append(testenv.Environ(t), "PATH="+os.Getenv("PATH")), standIns: map[string]string{}, printed: map[string]string{}, counts: map[string]int{}}
			written = s.play(part)
			if diff := cmp.Diff(part, written); diff != "" && !*update {
				t.Errorf("%s is out of date, go test ./cmd/flowrider -run Page -update writes it (-page +printed):\n%s", name, diff)
			}
		})
		whole += header[0] + written
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(name, []byte(whole), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// Every reason is explained there, and every case stands in its table.
func TestStalenessPageIsWhole(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(repository, "docs", "staleness.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range slices.Sorted(maps.Keys(reasonTexts)) {
		if !strings.Contains(string(page), "`"+code+"`") {
			t.Errorf("docs/staleness.md does not say what %s is", code)
		}
	}
	cases, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range cases {
		if !strings.Contains(string(page), "(../cmd/flowrider/"+filepath.ToSlash(name)+")") {
			t.Errorf("docs/staleness.md has no link to %s", name)
		}
	}
}

var projectLine = regexp.MustCompile(`(?m)^<!-- project (\w+) -->\n`)

// sheet plays the blocks of one project.
type sheet struct {
	t        *testing.T
	folder   string
	environ  []string
	standIns map[string]string // what stands in the page for what is printed
	printed  map[string]string // and the other way round
	counts   map[string]int
}

// block is a fenced block with a file name or console after its language.
var block = regexp.MustCompile("(?ms)^```(\\w+)(?: (\\S+))?\n(.*?)^```\n")

// play does what the blocks say, and gives the text with what they print now.
func (s *sheet) play(text string) string {
	return block.ReplaceAllStringFunc(text, func(whole string) string {
		parts := block.FindStringSubmatch(whole)
		language, name, body := parts[1], parts[2], parts[3]
		switch {
		case language == "console":
			return "```console\n" + s.console(body) + "```\n"
		case language == "diff":
			s.edit(name, body)
		case name != "":
			s.write(name, body)
		}
		return whole
	})
}

func (s *sheet) write(name, content string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(s.folder, name)), 0o777); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.folder, name), []byte(content), 0o666); err != nil {
		s.t.Fatal(err)
	}
}

// edit replaces the lines of a difference that begin with - or a space by those
// that begin with + or a space.
func (s *sheet) edit(name, difference string) {
	s.t.Helper()
	var old, now strings.Builder
	for line := range strings.Lines(s.real(difference)) {
		if line[0] != '+' {
			old.WriteString(line[1:])
		}
		if line[0] != '-' {
			now.WriteString(line[1:])
		}
	}
	content, err := os.ReadFile(filepath.Join(s.folder, name))
	if err != nil {
		s.t.Fatal(err)
	}
	if count := strings.Count(string(content), old.String()); count != 1 {
		s.t.Fatalf("%s has these lines %d times, want once:\n%s", name, count, old.String())
	}
	s.write(name, strings.Replace(string(content), old.String(), now.String(), 1))
}

// console runs the commands of a block and gives it with what they print.
func (s *sheet) console(body string) string {
	s.t.Helper()
	var out strings.Builder
	for line := range strings.Lines(body) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue
		}
		shell := exec.Command("sh", "-c", s.real(command))
		shell.Dir, shell.Env = s.folder, s.environ
		printed, err := shell.CombinedOutput()
		if shell.ProcessState == nil {
			s.t.Fatalf("%s: %v", command, err)
		}
		out.WriteString(line + s.stable(string(printed)))
	}
	return out.String()
}

// volatile are the parts of what is printed that differ each time, and what
// stands in the page for them. %d counts the different ones.
var volatile = []struct {
	pattern *regexp.Regexp
	standIn string
}{
	{regexp.MustCompile(`\b(?:01[0-9A-HJKMNP-TV-Z]{24}|1[0-9]{15})\b`), "RUN-%d"},
	{regexp.MustCompile(`\b[0-9a-f]{40,64}\b`), "DIGEST-%d"},
	{regexp.MustCompile(`\b(?:linux|darwin)/(?:amd64|arm64)\b`), "linux/amd64"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), "2026-01-02 03:04:05"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`), "2026-01-02T03:04:05Z"},
	{regexp.MustCompile(`"duration_s":[0-9.e-]+`), `"duration_s":0.5`},
	{regexp.MustCompile(`"duration_s": [0-9.e-]+`), `"duration_s": 0.5`},
	{regexp.MustCompile(`\blocal:[0-9a-z]{26}\b`), "local:STORE"},
	{regexp.MustCompile(`\bgo1\.[0-9.]+\b`), "go1.26"},
	{regexp.MustCompile(`\b(?:\d+m )?\d+(?:\.\d+)?m?s\b`), "1s"},
}

// volatileAttributes are such parts of XML.
var volatileAttributes = []struct {
	pattern *regexp.Regexp
	standIn string
}{
	{regexp.MustCompile(`time="[0-9.e-]+"`), `time="0.5"`},
	{regexp.MustCompile(`timestamp="[^"]*"`), `timestamp="2026-01-02T03:04:05"`},
}

func (s *sheet) stable(text string) string {
	text = strings.ReplaceAll(text, s.folder, "…")
	for _, v := range volatile {
		text = v.pattern.ReplaceAllStringFunc(text, func(found string) string {
			if !strings.Contains(v.standIn, "%d") {
				return v.standIn
			}
			key := v.standIn + found[:min(len(found), 40)] // long values are cut where they are shown
			if s.standIns[key] == "" {
				s.counts[v.standIn]++
				s.standIns[key] = fmt.Sprintf(v.standIn, s.counts[v.standIn])
				s.printed[s.standIns[key]] = found
			}
			return s.standIns[key]
		})
	}
	return text
}

// real puts what was printed where a stand-in is.
func (s *sheet) real(text string) string {
	return counted.ReplaceAllStringFunc(text, func(standIn string) string {
		if printed, ok := s.printed[standIn]; ok {
			return printed
		}
		return standIn
	})
}

var counted = regexp.MustCompile(`\bRUN-\d+\b`)
