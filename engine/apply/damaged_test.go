package apply_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/runner/command"
	"github.com/flowrider/flowrider/schema"
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

// A damaged output is never handed to a flow: it is stored again from its place
// in the project.
func TestDamagedOutputIsNotUsed(t *testing.T) {
	p := newProject(t, chain, command.Runner{})
	p.ends("a=succeeded b=succeeded")
	p.damage("a.txt")
	p.replace = []string{"flow.b"}
	notes := p.ends("a=fresh b=succeeded")
	if len(notes) != 1 || !strings.Contains(notes[0], "the output n of flow.a was damaged in the store") || !strings.Contains(notes[0], "stored again from a.txt") {
		t.Errorf("notes %q", notes)
	}
	equal(t, "good\n", p.read("b.txt"))
	equal(t, map[string]string{"a.txt": "bad\n"}, p.displaced())
	equal(t, nil, p.ends("a=fresh b=succeeded"))
}

// Where it has no place in the project, the next apply makes it anew.
func TestDamagedOutputWithoutAPlace(t *testing.T) {
	p := newProject(t, strings.Replace(chain, `{ file = "a.txt" }`, "{\nfile = \"a.txt\"\npublish = false\n}", 1), command.Runner{})
	p.ends("a=succeeded b=succeeded")
	p.damage("a.txt")
	p.replace = []string{"flow.b"}
	notes := p.ends("a=fresh b=failed")
	if len(notes) != 1 || !strings.Contains(notes[0], "the output n of flow.a, which it uses, is damaged in the store") {
		t.Errorf("notes %q", notes)
	}
	equal(t, "good\n", p.read("b.txt"))
	equal(t, map[string]string{"a.txt": "bad\n"}, p.displaced())
	equal(t, nil, p.ends("a=succeeded b=succeeded"))
}

// A flow that changes what it was given to read is not recorded, in whatever
// way it does so, and no other one reads what it left.
func TestOutputChangedByItsReader(t *testing.T) {
	for name, change := range map[string]string{
		"rewritten":         "chmod u+w $IN; echo bad! > $IN",
		"replaced":          "echo evil > x; mv -f x $IN",
		"and its time back": "chmod u+w $IN; cp -p $IN x; echo evil > $IN; touch -r x $IN",
		"put back":          "cp -p $IN x; chmod u+w $IN; echo evil > $IN; cat x > $IN",
		"removed":           "rm -f $IN",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(chain, "cat $IN > b.txt", "cat $IN > b.txt; "+change, 1) + `
				flow "command" "c" {
					after = [flow.b]
					argv  = ["sh", "-c", "cat $IN > c.txt"]
					env   = { IN = flow.a.output.n.path }
					bundle { include = [] }
					output "n" { file = "c.txt" }
				}`
			p := newProject(t, text, command.Runner{})
			notes := p.ends("a=succeeded b=failed c=succeeded")
			if len(notes) != 1 || !strings.HasPrefix(notes[0], "it changed the output n of flow.a in the store, which is read-only; copy it first") {
				t.Errorf("notes %q", notes)
			}
			if _, err := os.Stat(filepath.Join(p.root, "b.txt")); err == nil {
				t.Error("b.txt was published")
			}
			equal(t, "good\n", p.read("c.txt"))
			p.ends("a=fresh b=failed c=fresh")
			if err := os.WriteFile(filepath.Join(p.root, schema.FileName), []byte(chain), 0o644); err != nil {
				t.Fatal(err)
			}
			equal(t, nil, p.ends("a=fresh b=succeeded"))
			equal(t, "good\n", p.read("b.txt"))
		})
	}
}

// What leaves the content as it is changes nothing: a hard link, a mode.
func TestOutputUsedAsItIs(t *testing.T) {
	p := newProject(t, strings.Replace(chain, "cat $IN > b.txt", "chmod u+w $IN; chmod u-w $IN; ln $IN b.txt", 1), command.Runner{})
	equal(t, nil, p.ends("a=succeeded b=succeeded"))
	equal(t, nil, p.ends("a=fresh b=fresh"))
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
