package apply_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/runner/command"
	"github.com/flowrider/flowrider/schema"
)

// These stories run real commands, since they are about the files in the
// project.

func (p *project) write(name, content string) {
	p.Helper()
	path := filepath.Join(p.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		p.Fatal(err)
	}
}

// read gives a file's content; "(none)" if there is no such file.
func (p *project) read(name string) string {
	content, err := os.ReadFile(filepath.Join(p.root, name))
	if err != nil {
		return "(none)"
	}
	return string(content)
}

// ends applies and expects how each flow ends, in the order of "a=fresh b=…".
// It gives the notes.
func (p *project) ends(want string) (notes []string) {
	p.Helper()
	result := p.apply(context.Background(), nil)
	if result.err != nil {
		p.Fatal(result.err)
	}
	states := map[string]apply.State{}
	for _, word := range strings.Fields(want) {
		name, state, _ := strings.Cut(word, "=")
		states["flow."+name] = apply.State(state)
	}
	equal(p.TB, states, result.states())
	for _, event := range result.events {
		switch {
		case event.Type == "note":
			notes = append(notes, event.Reason)
		case event.State == apply.Failed:
			notes = append(notes, event.Reason)
		}
	}
	return notes
}

// displaced lists what was moved aside, with its content.
func (p *project) displaced() map[string]string {
	found := map[string]string{}
	paths, _ := filepath.Glob(filepath.Join(p.root, ".flowrider/displaced/*/*"))
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			p.Fatal(err)
		}
		found[filepath.Base(path)] += string(content)
	}
	return found
}

// What is changed about the place of an output takes effect without a run.
func TestOutputMovesToItsNewPlace(t *testing.T) {
	const config = `
		variable "v" { default = "1" }
		flow "command" "a" {
			argv = ["sh", "-c", "echo $0 > out.txt", var.v]
			bundle { include = [] }
			output "n" {
				file    = "out.txt"
				publish = PLACE
			}
		}`
	at := func(place string) string { return strings.Replace(config, "PLACE", place, 1) }
	p := newProject(t, at(`"first.txt"`), command.Runner{})
	p.ends("a=succeeded")
	equal(t, "1\n", p.read("first.txt"))
	equal(t, "(none)", p.read("out.txt"))

	p.write(schema.FileName, at(`"second/place.txt"`))
	equal(t, nil, p.ends("a=fresh"))
	equal(t, "1\n", p.read("second/place.txt"))

	p.variables["v"] = "2" // what flowrider has put there it writes over
	equal(t, nil, p.ends("a=succeeded"))
	equal(t, "2\n", p.read("second/place.txt"))

	p.write("third.txt", "mine")
	p.write(schema.FileName, at(`"third.txt"`))
	equal(t, 1, len(p.ends("a=fresh")))
	equal(t, "2\n", p.read("third.txt"))
	equal(t, map[string]string{"third.txt": "mine"}, p.displaced())

	p.write(schema.FileName, at(`false`))
	p.write("third.txt", "mine again")
	equal(t, nil, p.ends("a=fresh"))
	equal(t, "mine again", p.read("third.txt"))
}

// Two flows with the same inputs share a run, and each has its own place.
func TestTwinsHaveTheirOwnPlaces(t *testing.T) {
	p := newProject(t, `
		flow "command" "a" {
			argv = ["sh", "-c", "date +%N > out.txt"]
			bundle { include = [] }
			output "n" {
				file    = "out.txt"
				publish = "a.txt"
			}
		}
		flow "command" "b" {
			argv  = ["sh", "-c", "date +%N > out.txt"]
			after = [flow.a]
			bundle { include = [] }
			output "n" {
				file    = "out.txt"
				publish = "b.txt"
			}
		}`, command.Runner{})
	equal(t, nil, p.ends("a=succeeded b=reused"))
	equal(t, p.read("a.txt"), p.read("b.txt"))
	if p.read("b.txt") == "(none)" {
		t.Error("nothing is there")
	}
	equal(t, nil, p.ends("a=fresh b=fresh"))
	p.write("b.txt", "mine")
	equal(t, 1, len(p.ends("a=fresh b=fresh")))
	equal(t, map[string]string{"b.txt": "mine"}, p.displaced())
}

// A forced run whose result differs, although its author asserts that it does
// not: what is placed and what is recorded are the same run's.
func TestForcedRunUnderThePolicyKey(t *testing.T) {
	p := newProject(t, `
		flow "command" "a" {
			argv         = ["sh", "-c", "date +%N > out.txt"]
			data_version = "key"
			bundle { include = [] }
			output "n" { file = "out.txt" }
		}
		flow "command" "b" {
			argv = ["cat", flow.a.output.n.path]
			bundle { include = [] }
		}`, command.Runner{})
	p.ends("a=succeeded b=succeeded")
	first := p.read("out.txt")
	p.replace = []string{"flow.a"}
	p.ends("a=succeeded b=fresh")
	second := p.read("out.txt")
	if first == second {
		t.Fatal("both runs have the same result")
	}
	p.replace = nil
	equal(t, nil, p.ends("a=fresh b=fresh"))
	equal(t, second, p.read("out.txt"))
}

// A file is edited after the flow was decided: what counts are the bytes that
// were copied, so that the next apply knows them.
func TestEditBetweenDecisionAndCopy(t *testing.T) {
	p := newProject(t, `
		flow "command" "a" {
			argv = ["cp", "code", "out.txt"]
			output "n" { file = "out.txt" }
		}`, command.Runner{})
	editing := func(content string) apply.State {
		result := p.apply(context.Background(), func(event apply.Event) {
			if event.State == apply.Preparing {
				p.write("code", content)
			}
		})
		return result.states()["flow.a"]
	}
	p.write("code", "1")
	equal(t, apply.Succeeded, editing("2"))
	equal(t, "2", p.read("out.txt"))
	p.ends("a=fresh")

	p.write("code", "3")
	equal(t, apply.Fresh, editing("2")) // taken back at the last moment
	p.write("code", "4")
	equal(t, apply.Succeeded, editing("5"))
	p.write("code", "6")
	equal(t, apply.Reused, editing("2"))
	equal(t, "2", p.read("out.txt"))
	p.ends("a=fresh")
}

// A file of the project's that is called like an output is no output.
func TestFileOfTheProjectIsNoOutput(t *testing.T) {
	p := newProject(t, `
		flow "command" "a" {
			argv = ["true"]
			output "n" {
				file    = "report.html"
				publish = false
			}
		}`, command.Runner{})
	p.write("report.html", "from the project")
	notes := p.ends("a=failed")
	equal(t, []string{`it exited 0 without writing its output "n", the file report.html`}, notes)
}

// Linked data changes while the flow runs: it is not recorded, and nothing of
// it is placed.
func TestLinkedDataThatChanges(t *testing.T) {
	p := newProject(t, `
		flow "command" "a" {
			argv = ["sh", "-c", "cat data.csv > out.txt; echo 2 > $ROOT/data.csv"]
			env  = { ROOT = ambient(path.root) }
			bundle { link = ["data.csv"] }
			output "n" { file = "out.txt" }
		}`, command.Runner{})
	p.write("data.csv", "1\n")
	p.write("out.txt", "mine")
	notes := p.ends("a=failed")
	if len(notes) != 1 || !strings.Contains(notes[0], "data.csv") {
		t.Errorf("notes %q", notes)
	}
	equal(t, "mine", p.read("out.txt"))
	equal(t, map[string]string{}, p.recorded())
}

// The file with the bare run ID is flowrider's; another one is the user's.
func TestRunIDFile(t *testing.T) {
	p := newProject(t, `
		variable "v" { default = "1" }
		flow "command" "a" {
			argv        = ["echo", var.v]
			run_id_file = "ids/a.run_id"
			bundle { include = [] }
		}`, command.Runner{})
	p.ends("a=succeeded")
	first := p.read("ids/a.run_id")
	equal(t, p.recorded()["flow.a"], first)
	p.write("ids/a.run_id", first+"\n")
	equal(t, nil, p.ends("a=fresh"))
	equal(t, first, p.read("ids/a.run_id"))
	p.variables["v"] = "2"
	equal(t, nil, p.ends("a=succeeded"))
	equal(t, p.recorded()["flow.a"], p.read("ids/a.run_id"))

	p.write("ids/a.run_id", "# Notes of mine\n\nNot to be lost.\n")
	equal(t, 1, len(p.ends("a=fresh")))
	equal(t, p.recorded()["flow.a"], p.read("ids/a.run_id"))
	kept, _ := filepath.Glob(filepath.Join(p.root, ".flowrider/displaced/*/ids/a.run_id"))
	equal(t, 1, len(kept))
}
