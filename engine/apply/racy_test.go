package apply_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/runner/command"
	"github.com/flowrider/flowrider/internal/testenv"
)

// A flow that prints its file.
const printer = `
	flow "command" "a" {
		argv = ["cat", "src/a"]
		bundle { include = ["src"] }
		output "n" { stdout = "text" }
	}`

// onBoth tells a story about files on the disk and on tmpfs.
func onBoth(t *testing.T, story func(t *testing.T)) {
	t.Run("disk", story)
	if _, err := os.Stat("/dev/shm"); err == nil {
		t.Run("tmpfs", func(t *testing.T) {
			t.Setenv("TMPDIR", "/dev/shm")
			story(t)
		})
	}
}

// verdict is what a new plan says of the flow.
func (p *project) verdict() plan.Verdict {
	p.Helper()
	return p.plan(p.session()).Flow("flow.a").Verdict
}

// printed is what the recorded run has printed.
func (p *project) printed() string {
	p.Helper()
	all, problems := p.records().All()
	if len(problems) > 0 || len(all) != 1 {
		p.Fatal(problems, all)
	}
	return string(all[0].Record.Outputs["n"].Value)
}

// overwrite writes the flow's file in place. All contents have one length.
func (p *project) overwrite(content string) {
	p.Helper()
	f, err := os.OpenFile(filepath.Join(p.root, "src", "a"), os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(content)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		p.Fatal(err)
	}
}

// A file changes after plan has hashed it and before it is bundled: what counts
// is what was bundled.
func TestChangeBetweenPlanAndBundle(t *testing.T) {
	onBoth(t, func(t *testing.T) {
		p := newProject(t, printer, command.Runner{})
		p.write("src/a", "0000-0")
		missed := 0
		for i := range racyTries {
			p.overwrite(fmt.Sprintf("%04d-1", i))
			bundled := fmt.Sprintf("%04d-2", i)
			p.planned = func() { p.overwrite(bundled) }
			if result := p.apply(context.Background(), nil); result.states()["flow.a"] != apply.Succeeded {
				t.Fatal(result.events)
			}
			if p.printed() != fmt.Sprintf("%q", bundled) || p.verdict() != plan.Fresh {
				missed++
			}
			p.overwrite(fmt.Sprintf("%04d-1", i)) // what was planned, and never ran
			if p.verdict() != plan.Run {
				missed++
			}
		}
		t.Logf("%d of %d changes missed", missed, racyTries)
		if missed > 0 {
			t.Errorf("%d of %d changes missed", missed, racyTries)
		}
	})
}

// The flow itself changes the original of the file that it has read: the run
// keeps what it was given, and the next plan sees the change.
func TestEditWhileTheFlowRuns(t *testing.T) {
	const config = `
		flow "command" "a" {
			argv     = ["sh", "-c", "cat src/a; printf %s \"$NEXT\" 1<> \"$ORIGINAL\""]
			pass_env = ["NEXT", "ORIGINAL"]
			bundle { include = ["src"] }
			output "n" { stdout = "text" }
		}`
	onBoth(t, func(t *testing.T) {
		p := newProject(t, config, command.Runner{})
		p.write("src/a", "0000")
		t.Setenv("ORIGINAL", filepath.Join(p.root, "src", "a"))
		missed := 0
		for i := range racyTries {
			t.Setenv("NEXT", fmt.Sprintf("%04d", i+1))
			if result := p.apply(context.Background(), nil); result.states()["flow.a"] != apply.Succeeded {
				t.Fatal(result.events)
			}
			if p.printed() != fmt.Sprintf("\"%04d\"", i) || p.verdict() != plan.Run {
				missed++
			}
		}
		t.Logf("%d of %d changes missed", missed, racyTries)
		if missed > 0 {
			t.Errorf("%d of %d changes missed", missed, racyTries)
		}
	})
}

// A plan with nothing to do reads no file that has settled.
func TestSettledFilesAreNotReadByPlan(t *testing.T) {
	p := newProject(t, printer, command.Runner{})
	p.write("src/a", "x")
	p.ends("a=succeeded")
	opened := testenv.Opened(t, filepath.Join(p.root, "src"))
	for tries := 0; tries < 1_000_000; tries++ { // until the file system's clock has gone on
		if p.verdict(); opened() == 0 {
			break
		}
	}
	for range 3 {
		if verdict := p.verdict(); verdict != plan.Fresh {
			t.Error(verdict)
		}
		if n := opened(); n != 0 {
			t.Errorf("%d files were opened or read", n)
		}
	}
	p.overwrite("y")
	if verdict := p.verdict(); verdict != plan.Run || opened() == 0 {
		t.Error(verdict)
	}
}
