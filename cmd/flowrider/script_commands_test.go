package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// commands are what scenarios have besides testscript's own.
var commands = map[string]func(*testscript.TestScript, bool, []string){
	"exits":   exits,
	"replace": replace,
	"lines":   lines,
	"nobody":  nobody,
	"runid":   runid,
	"example": example,
	"fenced":  fencedFile,
	"schema":  schemaFile,
	"stable":  stableFile,
	"xml":     xmlFile,
}

// schema NAME FILE… holds files to a schema in docs/schemas.
func schemaFile(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) < 2 {
		ts.Fatalf("usage: schema NAME FILE...")
	}
	for _, name := range arguments[1:] {
		ts.Check(fitsSchema(arguments[0], []byte(ts.ReadFile(name))))
	}
}

// fenced PAGE FILE writes the block that stands in a page of docs as that file.
func fencedFile(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) != 2 {
		ts.Fatalf("usage: fenced PAGE FILE")
	}
	page, err := os.ReadFile(filepath.Join(repository, "docs", arguments[0]))
	ts.Check(err)
	for _, parts := range block.FindAllStringSubmatch(string(page), -1) {
		if parts[2] == arguments[1] {
			ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(arguments[1])), 0o777))
			ts.Check(os.WriteFile(ts.MkAbs(arguments[1]), []byte(parts[3]), 0o666))
			return
		}
	}
	ts.Fatalf("docs/%s has no block %s", arguments[0], arguments[1])
}

// stable FILE… puts stand-ins where a file has times and run IDs.
func stableFile(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) == 0 {
		ts.Fatalf("usage: stable FILE...")
	}
	for _, name := range arguments {
		text := ts.ReadFile(name)
		for _, v := range append(volatile, volatileAttributes...) {
			text = v.pattern.ReplaceAllString(text, strings.ReplaceAll(v.standIn, "%d", "N"))
		}
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o666))
	}
}

// xml FILE… expects well-formed XML of characters that XML has.
func xmlFile(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) == 0 {
		ts.Fatalf("usage: xml FILE...")
	}
	for _, name := range arguments {
		decoder := xml.NewDecoder(strings.NewReader(ts.ReadFile(name)))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			ts.Check(err)
		}
	}
}

// nobody CODE ARG… runs flowrider as a user without rights, who owns all files
// of the scenario, and expects an exit code. What only root may do fails then.
func nobody(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) < 2 {
		ts.Fatalf("usage: nobody CODE ARG...")
	}
	if os.Getuid() != 0 {
		exits(ts, false, append([]string{arguments[0], "flowrider"}, arguments[1:]...))
		return
	}
	work := ts.Getenv("WORK")
	program := filepath.Join(work, ".nobody", "flowrider")
	if _, err := os.Stat(program); err != nil {
		// The folders around are root's alone.
		for folder := work; folder != filepath.Clean(os.TempDir()) && folder != "/"; folder = filepath.Dir(folder) {
			ts.Check(os.Chmod(folder, 0o755))
		}
		self, err := os.Executable()
		ts.Check(err)
		ts.Check(os.MkdirAll(filepath.Dir(program), 0o755))
		ts.Check(ts.Exec("cp", self, program))
		ts.Setenv("FLOWRIDER_CACHE_DIR", filepath.Join(work, ".cache"))
	}
	ts.Check(ts.Exec("chown", "-R", "65534:65534", work))
	exits(ts, false, append([]string{arguments[0], "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program}, arguments[1:]...))
}

// example FOLDER PATH… copies files and folders of this repository into a new
// folder of the scenario.
func example(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) < 2 {
		ts.Fatalf("usage: example FOLDER PATH...")
	}
	for _, name := range arguments[1:] {
		from, to := filepath.Join(repository, name), filepath.Join(ts.MkAbs(arguments[0]), name)
		info, err := os.Stat(from)
		ts.Check(err)
		ts.Check(os.MkdirAll(filepath.Dir(to), 0o777))
		if info.IsDir() {
			ts.Check(os.CopyFS(to, os.DirFS(from)))
			continue
		}
		content, err := os.ReadFile(from)
		ts.Check(err)
		ts.Check(os.WriteFile(to, content, 0o666))
	}
}

// repository is the folder of the module, absolute: scenarios run elsewhere.
var repository = func() string {
	folder, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		panic(err)
	}
	return folder
}()

// exits CODE PROGRAM ARG… runs a program that is expected to end with a code.
func exits(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	err := ts.Exec(arguments[1], arguments[2:]...)
	code := "0"
	if err != nil {
		if code = regexp.MustCompile(`\d+$`).FindString(err.Error()); code == "" {
			ts.Fatalf("%v", err)
		}
	}
	if code != arguments[0] {
		ts.Fatalf("exit code %s, want %s", code, arguments[0])
	}
}

// replace FILE OLD NEW edits a file: every OLD in it becomes NEW.
func replace(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	text := ts.ReadFile(arguments[0])
	if !strings.Contains(text, arguments[1]) {
		ts.Fatalf("%s does not contain %q", arguments[0], arguments[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(arguments[0]), []byte(strings.ReplaceAll(text, arguments[1], arguments[2])), 0o666))
}

// lines FILE WORD… compares the lines of a file, in order, with the words; a
// file that is not there has none. With sorted before FILE their order does
// not matter.
func lines(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) < 1 {
		ts.Fatalf("usage: lines FILE WORD...")
	}
	content, err := os.ReadFile(ts.MkAbs(arguments[0]))
	if err != nil && !os.IsNotExist(err) {
		ts.Check(err)
	}
	got := strings.Join(strings.Fields(string(content)), " ")
	if want := strings.Join(arguments[1:], " "); got != want {
		ts.Fatalf("%s has %q, want %q", arguments[0], got, want)
	}
}
