package apply_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/engine/runner/command"
	"github.com/flowrider/flowrider/internal/testenv"
)

// T21: somebody writes a flow's files all the time. A flow keeps what it was
// given: that has the digest that is recorded, or the flow was refused.
func TestT21BusyWriter(t *testing.T) {
	p := newProject(t, `
		flow "command" "a" {
			argv     = ["sh", "-c", "cp -a src $KEEP; echo $KEEP"]
			pass_env = ["KEEP"]
			bundle { include = ["src"] }
			output "n" { stdout = "text" }
		}`, command.Runner{})
	for _, name := range []string{"src/calm", "src/busy", "src/big"} {
		p.write(name, "x")
	}
	src := filepath.Join(p.root, "src")
	stop := testenv.Busy(t, map[string]int{filepath.Join(src, "busy"): 3000, filepath.Join(src, "big"): 300_000})
	outcomes := map[string]int{}
	bundles := 0
	for bundles < busyBundles || outcomes["refused"] == 0 && bundles < 20*busyBundles {
		keep := t.TempDir()
		t.Setenv("KEEP", keep)
		digest, refused := p.applyBusily()
		switch {
		case refused != "":
			if !strings.Contains(refused, "src/b") || !strings.Contains(refused, "chang") {
				t.Fatalf("refused, and not for a file that changes: %s", refused)
			}
			outcomes["refused"]++
			bundles++
		case digest == "":
			outcomes["not run again"]++ // that very content has been run
		default:
			ran, err := bundle.List(bundle.Selection{Root: keep, Include: []string{"src"}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if text, _, problem := p.records().Text(digest); problem != nil || !strings.Contains(text, ran.Digest) {
				t.Fatalf("bundle %d: what ran has the digest %s, and recorded is %v\n%s", bundles, ran.Digest, problem, text)
			}
			outcomes["recorded"]++
			bundles++
		}
	}
	stop()
	if outcomes["recorded"] == 0 || outcomes["refused"] == 0 {
		t.Errorf("%v: want some of each", outcomes)
	}
	testenv.Figure(t, "T21", "%d bundles under a busy writer: %d recorded with the digest of what ran, %d refused, 0 others",
		bundles, outcomes["recorded"], outcomes["refused"])
}

// applyBusily applies, and gives the config hash of what has run, or why it was
// refused.
func (p *project) applyBusily() (hash, refused string) {
	p.Helper()
	session := p.session()
	if _, diags := session.Plan(context.Background()); diags.HasErrors() {
		return "", diags.Error()
	}
	var run string
	_, err := apply.Run(context.Background(), session, apply.Tools{
		Python: nothing, GitCommit: nothing, Records: p.records(), Journal: apply.NewJournal(p.records()), Blobs: blob.Open(p.root), Runners: map[string]runner.Runner{"command": p.runner},
	}, apply.Options{Parallelism: 1}, func(event apply.Event) {
		switch event.State {
		case apply.Failed:
			refused = event.Reason
		case apply.Succeeded:
			run = event.RunID
		}
	})
	if err != nil {
		p.Fatal(err)
	}
	if run == "" {
		return "", refused
	}
	all, problems := p.records().All()
	if len(problems) > 0 || len(all) != 1 {
		p.Fatal(problems, all)
	}
	return all[0].Record.ConfigHash, ""
}
