package apply_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/runner/command"
)

const chain = `
	flow "command" "a" {
		argv = ["sh", "-c", "echo good > a.txt"]
		bundle { include = [] }
		output "n" { file = "a.txt" }
	}
	flow "command" "b" {
		argv = ["sh", "-c", "cat $IN > b.txt"]
		env  = { IN = flow.a.output.n.path }
		bundle { include = [] }
		output "n" { file = "b.txt" }
	}`

// damage writes over an output in the store, and tells of nothing else.
func (p *project) damage(name string) {
	p.Helper()
	paths, _ := filepath.Glob(filepath.Join(p.root, ".flowrider/blobs/*", name))
	if len(paths) != 1 {
		p.Fatalf("%s is in the store %d times", name, len(paths))
	}
	if err := os.Remove(paths[0]); err != nil {
		p.Fatal(err)
	}
	if err := os.WriteFile(paths[0], []byte("bad\n"), 0o444); err != nil {
		p.Fatal(err)
	}
}

// A damaged output is never handed to a flow, and the next apply has it again
// from its place in the project.
func TestDamagedOutputIsNotUsed(t *testing.T) {
	p := newProject(t, chain, command.Runner{})
	p.ends("a=succeeded b=succeeded")
	p.damage("a.txt")
	p.replace = []string{"flow.b"}
	notes := p.ends("a=fresh b=failed")
	if len(notes) != 1 || !strings.Contains(notes[0], "the output n of flow.a, which it uses, is damaged in the store") {
		t.Errorf("notes %q", notes)
	}
	equal(t, "good\n", p.read("b.txt"))
	equal(t, map[string]string{"a.txt": "bad\n"}, p.displaced())

	equal(t, nil, p.ends("a=fresh b=succeeded"))
	equal(t, "good\n", p.read("b.txt"))
}

// A damaged output cannot be put back in its place: its flow runs again at
// once, and what needs it goes on.
func TestDamagedOutputIsMadeAnew(t *testing.T) {
	p := newProject(t, chain, command.Runner{})
	p.ends("a=succeeded b=succeeded")
	p.damage("a.txt")
	if err := os.Remove(filepath.Join(p.root, "a.txt")); err != nil {
		t.Fatal(err)
	}
	notes := p.ends("a=succeeded b=fresh")
	if len(notes) != 1 || !strings.Contains(notes[0], "its content has changed since it was stored") {
		t.Errorf("notes %q", notes)
	}
	equal(t, "good\n", p.read("a.txt"))
	equal(t, map[string]string{"a.txt": "bad\n"}, p.displaced())
	equal(t, nil, p.ends("a=fresh b=fresh"))
}

// What is gone from the store comes back from its place in the project; what
// is gone there too is made again.
func TestLostOutputs(t *testing.T) {
	p := newProject(t, chain, command.Runner{})
	p.ends("a=succeeded b=succeeded")
	if err := os.RemoveAll(filepath.Join(p.root, ".flowrider/blobs")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(p.root, "a.txt")); err != nil {
		t.Fatal(err)
	}
	equal(t, nil, p.ends("a=succeeded b=fresh"))
	equal(t, "good\n", p.read("a.txt"))
	p.replace = []string{"flow.b"}
	equal(t, nil, p.ends("a=fresh b=succeeded"))
}
