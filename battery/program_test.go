// Package battery_test drives the whole built program through what machines
// do: disks that fill up, that fail, that lose their power. It is tests alone;
// what one package can hold by itself is tested beside that package.
//
// The tests are numbered. docs/reliability.md says what each number does and
// what was seen; TestPage holds that page and writes it.
package battery_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/testenv"
)

// repository is the root folder, as tests see it.
const repository = ".."

func TestMain(m *testing.M) {
	testenv.HearSignals()
	code := m.Run()
	for _, dir := range building.dirs {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// building is what this process has built.
var building struct {
	sync.Mutex
	dirs []string
}

// program is the path of flowrider, built once, with the tags if there are
// any. A process that testenv.Private starts has that of its parent.
func program(t testing.TB, tags string) string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	variable := "FLOWRIDER_BATTERY_PROGRAM_" + tags
	if path := os.Getenv(variable); path != "" {
		return path
	}
	lookAtSources(t)
	dir, err := os.MkdirTemp("", "flowrider-battery-")
	if err != nil {
		t.Fatal(err)
	}
	building.dirs = append(building.dirs, dir)
	path := filepath.Join(dir, "flowrider")
	build := exec.Command("go", "build", "-tags", tags, "-o", path, "./cmd/flowrider")
	build.Dir = repository
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // others run it too
		t.Fatal(err)
	}
	os.Setenv(variable, path)
	return path
}

// lookAtSources reads the folders that the program is built from. go test keeps
// the results of tests until something has changed that they have looked at;
// at what go build has looked, it does not know.
func lookAtSources(t testing.TB) {
	t.Helper()
	err := filepath.WalkDir(repository, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && len(entry.Name()) > 2 && entry.Name()[0] == '.' {
			return filepath.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// project is a folder in which the program is run.
type project struct {
	t       testing.TB
	dir     string
	program string
	env     []string
	user    *syscall.Credential // nil for the caller
}

// newProject is a project in a folder, with a configuration.
func newProject(t testing.TB, dir, config string) *project {
	t.Helper()
	p := &project{t: t, dir: dir, program: program(t, ""), env: testenv.Environ(t)}
	p.write("flowrider.hcl", config)
	return p
}

func (p *project) write(name, content string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(content), 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// read is a file's content; "" if there is none.
func (p *project) read(name string) string {
	content, _ := os.ReadFile(filepath.Join(p.dir, name))
	return string(content)
}

// outcome is how a command has ended.
type outcome struct {
	code        int
	out, errors string
}

// run runs the program to its end.
func (p *project) run(arguments ...string) outcome {
	p.t.Helper()
	var out, errs bytes.Buffer
	command := p.command(arguments...)
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return outcome{command.ProcessState.ExitCode(), out.String(), errs.String()}
}

// command is the program, to be started in the project.
func (p *project) command(arguments ...string) *exec.Cmd {
	command := exec.Command(p.program, arguments...)
	command.Dir, command.Env = p.dir, p.env
	command.SysProcAttr = &syscall.SysProcAttr{Credential: p.user}
	return command
}

// must runs a command that has to end with 0.
func (p *project) must(arguments ...string) outcome {
	p.t.Helper()
	ended := p.run(arguments...)
	if ended.code != 0 {
		p.t.Fatalf("flowrider %s: exit %d\n%s%s", strings.Join(arguments, " "), ended.code, ended.out, ended.errors)
	}
	return ended
}

// reported are the run IDs that apply or accept with --json has reported as
// recorded, by the addresses of their flows.
func reported(out string) map[string]string {
	runs := map[string]string{}
	var accepted struct {
		Flows []struct {
			Address string
			RunID   string `json:"run_id"`
		}
	}
	if json.Unmarshal([]byte(out), &accepted) == nil {
		for _, flow := range accepted.Flows {
			runs[flow.Address] = "asserted " + flow.RunID
		}
	}
	for line := range strings.Lines(out) {
		var event struct {
			Type    string
			Address string
			State   string
			RunID   string `json:"run_id"`
		}
		if json.Unmarshal([]byte(line), &event) != nil || event.Type != "flow" {
			continue // the last line of a program that was killed may be torn
		}
		if event.State == "succeeded" || event.State == "fresh" || event.State == "reused" {
			runs[event.Address] = event.RunID
		}
	}
	return runs
}

// runOf is the run that a record is of, as reported and recorded give it.
func runOf(rec *record.Record) string {
	if rec.Asserted {
		return "asserted " + rec.RunID
	}
	return rec.RunID
}

// recorded are the runs of the selected records, and the problems of those that
// are not whole.
func recorded(dir string) (runs map[string]string, problems []*record.Problem) {
	all, problems := record.Open(dir, "runs", durable.Writer{}).All()
	runs = map[string]string{}
	for _, selected := range all {
		runs[selected.Address.String()] = runOf(selected.Record)
	}
	return runs, problems
}
