package plan_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the plans into the files of testdata")

// Each file of testdata is a story, told in the order of its sections. A
// section "plan: …" is the plan at that point, as JSON; digests are numbered by
// their first appearance, so that one sees which are equal. A section "do: …"
// says what happens then, one thing a line:
//
//	apply                    apply everything
//	give ADDRESS TEXT        the result of the flow's runs from here on
//	fail ADDRESS REASON      its runs fail from here on
//	lose RUN                 a run does not exist any more
//	var NAME VALUE           a variable from here on
//	replace ADDRESS          force the flow to run; "replace" alone: no more
//	lock NAME FACT; FACT …   the environment's lock; without facts it is stale
//	answer FUNCTION JSON     what a hook answers from here on
//	unbuilt                  environments do not stand on this machine any more
//	remove PATH              remove a file or folder
//
// Any other section is a file of the project, written at that point.
func TestPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tell(t, archive)
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func tell(t *testing.T, archive *txtar.Archive) {
	t.Helper()
	p, names := newProject(t), &numbers{}
	for i, section := range archive.Files {
		kind, _, _ := strings.Cut(section.Name, ":")
		switch kind {
		case "do":
			for line := range strings.Lines(string(section.Data)) {
				p.do(strings.TrimSpace(line))
			}
		case "plan":
			got := names.replace(p.json())
			if *update {
				archive.Files[i].Data = []byte(got)
			} else if diff := cmp.Diff(string(section.Data), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", section.Name, diff)
			}
		default:
			p.write(section.Name, string(section.Data))
		}
	}
}

func (p *project) do(line string) {
	p.Helper()
	words := append(strings.SplitN(line, " ", 3), "", "")
	switch name, text := words[1], words[2]; words[0] {
	case "apply":
		p.apply()
	case "give":
		p.gives[name] = text
	case "fail":
		p.fails[name] = text
	case "lose":
		p.gone[name] = true
	case "var":
		p.variables[name] = text
	case "replace":
		p.replace = strings.Fields(name)
	case "lock":
		delete(p.locks, name)
		if text != "" {
			p.locks[name] = strings.ReplaceAll(text, "; ", "\n") + "\n"
		}
	case "answer":
		p.answers[name] = text
	case "unbuilt":
		p.built = false
	case "remove":
		if err := os.RemoveAll(filepath.Join(p.root, name)); err != nil {
			p.Fatal(err)
		}
	default:
		p.Fatalf("nobody knows how to %s", line)
	}
}

// numbers gives each digest a short name.
type numbers struct{ seen []string }

var digests = regexp.MustCompile(`h1:[0-9a-f]{64}`)

func (n *numbers) replace(text string) string {
	return digests.ReplaceAllStringFunc(text, func(digest string) string {
		for i, seen := range n.seen {
			if seen == digest {
				return fmt.Sprintf("h1:%d", i+1)
			}
		}
		n.seen = append(n.seen, digest)
		return fmt.Sprintf("h1:%d", len(n.seen))
	})
}
