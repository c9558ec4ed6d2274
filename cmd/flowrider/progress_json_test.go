package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/internal/testenv"
)

// shown is a watcher that keeps all that people are shown: the plain lines,
// and after each event what the terminal's lines are.
type shown struct {
	*progress
	board  board
	text   bytes.Buffer
	frames []string
	events []apply.Event
}

func newShown() *shown {
	s := &shown{progress: newProgress(asItGoes)}
	s.progress.out, s.progress.err = &s.text, &s.text
	return s
}

func (s *shown) event(event apply.Event) {
	s.progress.event(event)
	s.board.event(event)
	frame := ""
	for _, line := range s.board.lines(event.Time, 100, 10) {
		for _, piece := range line {
			frame += piece.Text
		}
		frame += "\n"
	}
	s.frames = append(s.frames, frame)
	event.Tail = process.Clean(event.Tail)
	s.events = append(s.events, event)
}

// replay makes what people are shown from the lines of apply --json alone.
func replay(t *testing.T, lines []byte) *shown {
	t.Helper()
	s := newShown()
	var outputs []plan.NamedValue
	for line := range bytes.Lines(lines) {
		if err := fitsSchema("apply", line); err != nil {
			t.Error(err)
		}
		var kind struct{ Type string }
		read(t, line, &kind)
		switch kind.Type {
		case "version":
		case "plan":
			s.planned(replayedPlan(t, line))
		case "outputs":
			outputs = replayedOutputs(t, line)
		case "summary":
			var summary apply.Summary
			read(t, line, &summary)
			s.finish(&summary, outputs)
		default:
			var event apply.Event
			read(t, line, &event)
			s.event(event)
		}
	}
	return s
}

func read(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

// replayedPlan is a plan with its records: a flow that is not new has one.
func replayedPlan(t *testing.T, line []byte) *plan.Plan {
	var p plan.Plan
	read(t, line, &p)
	for _, flow := range p.Flows {
		if !slices.ContainsFunc(flow.Reasons, func(r plan.Reason) bool { return r.Code == "new" }) {
			flow.Selected = &record.Record{}
		}
		if flow.RunID != nil {
			flow.Record = flow.Selected
		}
	}
	return &p
}

func replayedOutputs(t *testing.T, line []byte) []plan.NamedValue {
	var o struct {
		Outputs map[string]ctyjson.SimpleJSONValue
	}
	read(t, line, &o)
	var list []plan.NamedValue
	for name, value := range o.Outputs {
		list = append(list, plan.NamedValue{Name: name, Value: eval.Plain(value.Value)})
	}
	slices.SortFunc(list, func(a, b plan.NamedValue) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return list
}

const replayed = `
variable "v" { default = 1 }

flow "command" "a" {
  argv = ["sh", "-c", "echo one; sleep 0; echo two >&2; echo %d > a.txt"]
  env  = { V = var.v }
  output "n" { file = "a.txt" }
}

flow "command" "each" {
  for_each = toset(["x", "y z"])
  argv     = ["sh", "-c", "cat ${flow.a.output.n.path}"]
}

flow "command" "bad" {
  argv = ["sh", "-c", "printf 'gone \\033[31mwrong\\n\\377'; exit 3"]
}

flow "command" "needs_bad" {
  argv       = ["true"]
  depends_on = [flow.bad, flow.a]
}

flow "command" "lost" {
  argv = ["no-such-program"]
}

output "n" { value = flow.a.output.n.digest }
output "v" { value = [1, "two"] }
`

// What people are shown, on a terminal or as plain lines, can be made from the
// lines of apply --json alone: the same text, and the same lines after each
// event. So it is for what runs, fails, is blocked, is up to date and changes.
func TestTheProgressCanBeMadeFromJSON(t *testing.T) {
	if !testenv.Alone(t) { // from the terminals of other tests
		return
	}
	t.Setenv("FLOWRIDER_CACHE_DIR", testenv.Cache(t))
	root := t.TempDir()
	events := 0
	for i, config := range []string{fmt.Sprintf(replayed, 1), fmt.Sprintf(replayed, 1), fmt.Sprintf(replayed, 2)} {
		if err := os.WriteFile(filepath.Join(root, "flowrider.hcl"), []byte(config), 0o644); err != nil {
			t.Fatal(err)
		}
		project, diags := engine.Load(root, engine.LoadOptions{})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		var lines bytes.Buffer
		want, stream := newShown(), newStream(&lines)
		watch := startWatchers(func(string) {}, want, stream)
		summary, outputs, diags, err := project.Apply(context.Background(), engine.ApplyOptions{Parallelism: 2}, engine.Applying{
			Planned: func(planned *plan.Plan, _ hcl.Diagnostics) { watch.planned(planned) }, Event: watch.event,
		})
		if err != nil || diags.HasErrors() {
			t.Fatal(err, diags)
		}
		watch.finish(summary, outputs)
		stream.end(exit(exitFailed))
		if bytes.Contains(lines.Bytes(), []byte(`\u001b`)) {
			t.Errorf("apply %d: control sequences are shown", i+1)
		}
		got := replay(t, lines.Bytes())
		if diff := cmp.Diff(want.text.String(), got.text.String()); diff != "" {
			t.Errorf("apply %d: the plain lines differ (-shown +from JSON):\n%s", i+1, diff)
		}
		if diff := cmp.Diff(want.frames, got.frames); diff != "" {
			t.Errorf("apply %d: the lines on a terminal differ (-shown +from JSON):\n%s", i+1, diff)
		}
		if diff := cmp.Diff(want.events, got.events); diff != "" {
			t.Errorf("apply %d: the events differ (-emitted +from JSON):\n%s", i+1, diff)
		}
		events += len(got.frames)
	}
	if events < 30 {
		t.Errorf("only %d events were seen", events)
	}
}

// gone is a reader that has gone away.
type gone struct{ writes int }

func (g *gone) Write([]byte) (int, error) {
	g.writes++
	return 0, syscall.EPIPE
}

// That nobody reads the lines any more is said once, and ends nothing.
func TestJSONWithoutAReader(t *testing.T) {
	said, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	defer func(stderr *os.File) { os.Stderr = stderr }(os.Stderr)
	os.Stderr = said
	reader := &gone{}
	stream := newStream(reader)
	stream.planned(&plan.Plan{})
	stream.finish(&apply.Summary{}, nil)
	if err := stream.end(nil); err != nil || reader.writes != 1 {
		t.Errorf("err = %v, written %d times", err, reader.writes)
	}
	text, err := os.ReadFile(said.Name())
	if diff := cmp.Diff("note: what apply does is not written any more: broken pipe; it goes on\n", string(text)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
