package battery_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/testenv"
)

// TestT17NoRecordWithoutSuccess lets flows end in all ways that are no success:
// each exit status but 0, each signal, and status 0 with no run, one that is
// another's, or a part of the result missing. None of them is recorded, and each
// says what was wrong.
func TestT17NoRecordWithoutSuccess(t *testing.T) {
	t.Parallel()
	ends := map[string]unsuccessful{}
	for code := 1; code <= 255; code++ {
		ends[fmt.Sprintf(`flow.ends["exit %d"]`, code)] = unsuccessful{fmt.Sprintf("exit %d", code), fmt.Sprintf("exit status %d", code)}
	}
	ends[`flow.ends["exit 127"]`] = unsuccessful{"exit 127", "exit status 127, with which a shell says that it did not find a program"}
	for signal := 1; signal <= 64; signal++ {
		ends[fmt.Sprintf(`flow.ends["signal %d"]`, signal)] = killedBy(signal)
	}
	for how, reason := range withoutRun {
		ends[fmt.Sprintf(`flow.runs[%q]`, how)] = unsuccessful{how, reason}
	}
	ends["flow.lacks"] = unsuccessful{"", `it exited 0 without writing its output "n", the file n.txt`}
	if len(ends) != 330 {
		t.Fatalf("%d ways to end", len(ends))
	}

	p := newProject(t, t.TempDir(), unsuccessfulConfig(ends))
	p.write("flow.py", "# FakeFlow\n")
	p.write("bin/python3", fakeMetaflow)
	if err := os.Chmod(filepath.Join(p.dir, "bin", "python3"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i, variable := range p.env {
		if path, ok := strings.CutPrefix(variable, "PATH="); ok {
			p.env[i] = "PATH=" + filepath.Join(p.dir, "bin") + ":" + path
		}
	}
	ended := p.run("apply", "--json", "--parallelism", "8")
	if ended.code != 3 {
		t.Errorf("exit %d\n%s", ended.code, ended.errors)
	}
	want, got := map[string]string{}, failures(ended.out)
	for address, end := range ends {
		want[address] = end.reason
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("failures (-want +got)\n%s", diff)
	}
	runs, problems := recorded(p.dir)
	if len(runs) != 1 || runs["flow.good"] != "1001" || len(problems) > 0 {
		t.Errorf("recorded: %v %v", runs, problems)
	}
	testenv.Figure(t, "T17", "%d ways to end without success: %d failed and said why, %d recorded", len(ends), len(got), len(runs)-1)
}

// unsuccessful is a way to end that is no success.
type unsuccessful struct{ how, reason string }

// killedBy is the end of a shell that sends itself a signal. By a few signals a
// process is not ended: it is stopped, and goes on when it is told to, or takes
// no notice.
func killedBy(signal int) unsuccessful {
	end := unsuccessful{fmt.Sprintf("kill -%d $$; exit 99", signal), fmt.Sprintf("killed by signal %d (%v)", signal, syscall.Signal(signal))}
	switch syscall.Signal(signal) {
	case syscall.SIGKILL:
		end.reason = "killed by signal 9 (out of memory?)"
	case syscall.SIGCHLD, syscall.SIGCONT, syscall.SIGURG, syscall.SIGWINCH:
		end.reason = "exit status 99"
	case syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU:
		end = unsuccessful{"while kill -CONT $$; do sleep 0.02; done & " + end.how, "exit status 99"}
	}
	return end
}

// withoutRun are ways in which Metaflow may exit with status 0 without a run
// that is this attempt's and good; see fakeMetaflow.
var withoutRun = map[string]string{
	"none":       "exited 0 without starting a run; its file has to end with a __main__ guard that calls the flow",
	"empty":      "exited 0 without starting a run; its file has to end with a __main__ guard that calls the flow",
	"half":       "exited 0, but its run 2002 is not in .metaflow; only runs in the local datastore can be read so far",
	"old":        "exited 0, but it has not started run 1001, whose ID it has left",
	"unknown":    "exited 0, but its run 77 is not in .metaflow; only runs in the local datastore can be read so far",
	"outside":    "exited 0, but its run ../FakeFlow/1001 is not in .metaflow; only runs in the local datastore can be read so far",
	"junk":       "exited 0, but its run two\nlines is not in .metaflow; only runs in the local datastore can be read so far",
	"failed":     "exited 0, but its end task has not finished (.metaflow/FakeFlow/3003/end/1)",
	"unfinished": "exited 0, but its end task has not finished (.metaflow/FakeFlow/4004/end/1)",
	"lacks":      `output "n": the end task has no artifact "n" (it has m); a join keeps only what it merges`,
}

// fakeMetaflow is a program that leaves what Metaflow leaves, and ends with
// status 0.
const fakeMetaflow = `#!/bin/sh
for argument; do
  case $argument in
  --how=*) how=${argument#*=} ;;
  --tag=*) tag=${argument#*=} ;;
  --run-id-file=*) file=${argument#*=} ;;
  esac
done
run() {
  at=$METAFLOW_DATASTORE_SYSROOT_LOCAL/.metaflow/FakeFlow/$1
  mkdir -p "$at/_meta" "$at/_parameters/0/_meta" "$at/end/1"
  echo "{\"tags\":[\"$tag\"]}" > "$at/_meta/_self.json"
  echo '{"value":"end"}' > "$at/_parameters/0/_meta/sysmeta_end_step_1.json"
  echo '{"objects":{}}' > "$at/_parameters/0/0.data.json"
  echo "{\"objects\":{\"m\":\"0123\",\"_task_ok\":\"$2\",\"_success\":\"$2\"}}" > "$at/end/1/0.data.json"
  : > "$at/_parameters/0/0.DONE.lock"
  : > "$at/end/1/0.DONE.lock"
}
yes=868436778cb011a1c6230bc12534683ab0b7f1c3
no=2473d4676d5b2aba674167293142f8031ada401b
case $how in
good) run 1001 $yes; printf 1001 > "$file" ;;
none) ;;
empty) : > "$file" ;;
half) run 20022002 $yes; printf 2002 > "$file" ;;
old) printf 1001 > "$file" ;;
unknown) printf 77 > "$file" ;;
outside) printf ../FakeFlow/1001 > "$file" ;;
junk) printf 'two\nlines' > "$file" ;;
failed) run 3003 $no; printf 3003 > "$file" ;;
unfinished) run 4004 $yes; rm "$at/end/1/0.DONE.lock"; printf 4004 > "$file" ;;
lacks) run 5005 $yes; printf 5005 > "$file" ;;
esac
`

func unsuccessfulConfig(ends map[string]unsuccessful) string {
	lines := map[string]map[string]string{"ends": {}, "runs": {}}
	for address, end := range ends {
		if name, key, ok := strings.Cut(strings.TrimPrefix(address, "flow."), "["); ok {
			lines[name][strings.Trim(key, `"]`)] = end.how
		}
	}
	text, err := json.Marshal(lines)
	if err != nil {
		panic(err)
	}
	return `
locals { lines = jsondecode(` + hclText(string(text)) + `) }
flow "command" "ends" {
  for_each = local.lines.ends
  argv     = ["sh", "-c", each.value]
  bundle { include = [] }
}
flow "command" "lacks" {
  argv = ["true"]
  output "n" { file = "n.txt" }
  bundle { include = [] }
}
flow "metaflow" "good" {
  file       = "flow.py"
  parameters = { how = "good" }
  bundle { include = ["flow.py"] }
}
flow "metaflow" "runs" {
  for_each   = local.lines.runs
  file       = "flow.py"
  parameters = { how = each.value }
  after      = [flow.good]
  output "n" { artifact = "n" }
  bundle { include = ["flow.py"] }
}
`
}

// hclText is a text as HCL writes it.
func hclText(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(string(quoted))
}

// failures are the reasons of the flows that have failed, by address, as apply
// --json tells them.
func failures(out string) map[string]string {
	reasons := map[string]string{}
	for line := range strings.Lines(out) {
		var event struct{ Type, Address, State, Reason string }
		if json.Unmarshal([]byte(line), &event) == nil && event.Type == "flow" && event.State == "failed" {
			reasons[event.Address] = event.Reason
		}
	}
	return reasons
}
