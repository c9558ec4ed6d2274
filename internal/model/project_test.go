package model_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/adopt"
	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/hook"
	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/engine/runner/command"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/model"
	"github.com/flowrider/flowrider/schema"
)

// script is what every flow runs: the sum that model computes, by builtins of
// the shell alone. It writes its outputs before it fails.
const script = `p=${FLOWRIDER_PARAMETERS#*'"p":'}; p=${p%%[,\}]*}; p=${p#\"}; p=${p%\"}
h=0; case $FLOWRIDER_PARAMETERS in *'"h":'*) h=${FLOWRIDER_PARAMETERS#*'"h":'}; h=${h%%[,\}]*};; esac
s=$((p + h + V + ${K:-0} + $1))
for f in src/*; do if [ -f "$f" ]; then read x <"$f"; s=$((s + x)); fi; done
for f in $IN0 $IN1; do read x <"$f"; s=$((s + x)); done
if [ "$2" = true ]; then s=$((s + NOISE)); fi
echo $((s % 3)) >n.txt; echo $((s % 2)) >m.txt
case " $FAIL " in *" $ME "*) exit 1;; esac
`

// write makes the configuration and the files of the project what the world
// says. unhashed stands in every place that must not count.
func write(root string, w *model.World, reversed bool, unhashed int, runs *names) error {
	var text strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	line("# %d", unhashed)
	line("locals {\n script = %s\n}", strings.ReplaceAll(quote(script), "${", "$${"))
	for name := range w.Environments {
		line("environment \"pip\" %q {}", name)
	}
	for _, m := range w.Moves {
		line("moved {\n from = flow.%s\n to = flow.%s\n}", m.From, m.To)
	}
	for name, h := range w.Hooks {
		line("hook \"python\" %q {\n function = \"m:%s\"\n environment = environment.%s\n}", name, name, h.Environment)
	}
	flows := slices.Clone(w.Flows)
	if reversed {
		slices.Reverse(flows)
	}
	for _, f := range flows {
		writeFlow(line, f, unhashed)
		if f.Pin != 0 {
			line(" pin {\n  run_id = %q\n  reason = \"for the test\"\n }", runs.ours[fmt.Sprint("run ", f.Pin)])
		}
		line("}")
	}
	if err := os.WriteFile(filepath.Join(root, schema.FileName), []byte(text.String()), 0o644); err != nil {
		return err
	}
	for name, file := range w.Files {
		mode := os.FileMode(0o644)
		if file.Executable {
			mode = 0o755
		}
		path := filepath.Join(root, "src", name)
		err := os.WriteFile(path, fmt.Appendln(nil, file.Content), mode)
		if err == nil {
			err = os.Chmod(path, mode)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeFlow writes a flow's block, but for its end.
func writeFlow(line func(string, ...any), f *model.Flow, unhashed int) {
	line("flow \"command\" %q {", f.Name)
	line(" description = \"%d\"\n tags = [\"%d\"]\n pass_env = [\"NOISE\", \"FAIL\"]", unhashed, unhashed)
	if f.Keys != nil {
		line(" for_each = toset([%s])", list(f.Keys, quote))
	}
	words := []string{quote("/bin/sh"), quote("-c"), "local.script", quote("sh"), fmt.Sprintf(`"%d"`, f.Word), fmt.Sprintf(`"%t"`, f.Noisy)}
	if len(f.Text) > 0 {
		words = append(words, `"`+list(f.Text, func(a model.Address) string { return "${" + a.String() + ".run_id} " })+`"`)
	}
	line(" argv = [%s]", strings.Join(words, ", "))
	line(" env = {\n  ME = ambient(%q)\n  HOW = ambient(%d)\n  SECRET = sensitive(\"secret-%d\")\n  V = %d", f.Name, unhashed, unhashed, f.Value)
	if f.UsesKey {
		line("  K = each.key")
	}
	for i, read := range f.Reads {
		line("  IN%d = %s.output.%s.path", i, read.From, read.Output)
	}
	line(" }\n parameters = {\n  p = %s", f.Parameter)
	if f.Hook != "" {
		line("  h = hook.%s", f.Hook)
	}
	for i, from := range f.Runs {
		line("  r%d = %s.run_id", i, from)
	}
	line(" }")
	for name, on := range map[string][]model.Address{"depends_on": f.Depends, "after": f.After} {
		if len(on) > 0 {
			line(" %s = [%s]", name, list(on, model.Address.String))
		}
	}
	for name, value := range map[string]string{"salt": f.Salt, "data_version": f.Policy} {
		if value != "" {
			line(" %s = %q", name, value)
		}
	}
	if f.Environment != "" {
		line(" environment = environment.%s", f.Environment)
	}
	if f.Volatile {
		line(" volatile = true")
	}
	if f.ExpiresAfter > 0 {
		line(" expires_after = \"%dm\"", f.ExpiresAfter*60+30)
	}
	if f.File != "" {
		line(" bundle {\n  include = [%q]\n }", "src/"+f.File)
	} else {
		line(" bundle {\n  include = []\n }")
	}
	for _, name := range []string{"n", "m"}[:f.Outputs] {
		line(" output %q {\n  file = \"%s.txt\"\n  publish = false\n }", name, name)
	}
}

func quote(text string) string {
	quoted, _ := json.Marshal(text) // HCL has JSON's escapes, but for <, > and &
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(quoted))
}

func list[T any](all []T, text func(T) string) string {
	var words []string
	for _, one := range all {
		words = append(words, text(one))
	}
	return strings.Join(words, ", ")
}

// place stands in for a pip environment: its lock is what the world says.
type place struct{ in *model.Environment }

func (p place) lock() *environment.Lock {
	facts := fmt.Sprintf("python 3.11\npackage p %d\n", p.in.Packages)
	return &environment.Lock{Digest: manifest.Digest(facts), Facts: facts}
}

func (p place) Locked() (*environment.Lock, error) {
	if !p.in.Locked {
		return nil, &environment.Stale{Reason: "the test says so"}
	}
	return p.lock(), nil
}

func (p place) Lock(context.Context, io.Writer) (*environment.Lock, error) { return p.lock(), nil }

func (p place) Built(*environment.Lock) (*environment.Prefix, bool) {
	return &environment.Prefix{Python: "/bin/true"}, p.in.Built
}

func (p place) Build(context.Context, *environment.Lock, io.Writer) (*environment.Prefix, error) {
	return &environment.Prefix{Python: "/bin/true"}, nil
}

// engine is what of the real engine the test uses, for one project.
type engine struct {
	root    string
	world   *model.World // for what stands in for environments and hooks
	project *record.Store
}

// records is the store of the workspace that is selected.
func (e *engine) records() *record.Store { return e.project.In(e.world.Workspace) }

func newEngine(root string, w *model.World) *engine {
	return &engine{root: root, world: w, project: record.Open(root, "runs", durable.With(durable.OS()))}
}

var runners = map[string]runner.Runner{"command": command.Runner{}}

// session reads the configuration and prepares a walk.
func (e *engine) session(options plan.Options) (*plan.Session, hcl.Diagnostics) {
	config, diags := schema.Load(e.root)
	diags = append(diags, eval.Check(config)...)
	if diags.HasErrors() {
		return nil, diags
	}
	return plan.NewSession(config, eval.Given{Workspace: e.world.Workspace}, plan.Tools{
		Records: e.records(), Blobs: blob.Open(e.root), Runners: runners, Python: func() string { return "" },
		Now: func() time.Time { return time.Now().Add(time.Duration(e.world.Now) * time.Hour) },
		Environment: func(block *schema.Environment, _ map[string]eval.Value) (environment.Environment, hcl.Diagnostics) {
			return place{e.world.Environments[block.Address.Name]}, nil
		},
		Hooks: e.answer,
	}, options)
}

// answer stands in for the Python that hooks are called in.
func (e *engine) answer(_ context.Context, _ hook.Interpreter, calls []hook.Call) []hook.Result {
	var results []hook.Result
	for _, call := range calls {
		results = append(results, hook.Result{Value: fmt.Append(nil, e.world.Hooks[call.Function].Value)})
	}
	return results
}

// apply plans and applies, one flow at a time. The events are those of flows
// that have ended, in order.
func (e *engine) apply(options plan.Options) (*plan.Plan, []apply.Event, error) {
	session, diags := e.session(options)
	if diags.HasErrors() {
		return nil, nil, diags
	}
	planned, diags := session.Plan(context.Background())
	if diags.HasErrors() {
		return nil, nil, diags
	}
	var events []apply.Event
	journal := apply.NewJournal(e.records())
	_, err := apply.Run(context.Background(), session, apply.Tools{
		Records: e.records(), Journal: journal, Blobs: blob.Open(e.root), Runners: runners, Python: func() string { return "" }, GitCommit: func() string { return "" },
	}, apply.Options{Parallelism: 1}, func(event apply.Event) {
		if event.Type == "flow" && (event.State.Ended() || event.State == apply.Running) {
			events = append(events, event)
		}
	})
	return planned, events, errors.Join(err, journal.End(nil))
}

// accept accepts the record of one instance.
func (e *engine) accept(options plan.Options) ([]adopt.Adopted, error) {
	session, diags := e.session(options)
	if diags.HasErrors() {
		return nil, diags
	}
	adopted, diags, err := adopt.Accept(context.Background(), session, e.records())
	if diags.HasErrors() {
		return nil, diags
	}
	return adopted, err
}
