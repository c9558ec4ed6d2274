package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/process"
)

const functions = `
import os, sys, time

def add(a, b=1):
    print("a hook may print", file=sys.stderr)
    print("to both")
    return {"sum": a + b, "list": (1, 2), "none": None}

def fail(n):
    return deeper(n)

def deeper(n):
    raise KeyError(n)

def quits():
    sys.exit(3)

def dies():
    os._exit(7)

def sleeps():
    time.sleep(600)

def odd():
    return {1, 2}

def nan():
    return float("nan")

def huge():
    return "x" * (2 << 20)

def where():
    return [os.getcwd(), sys.path[0], __name__]

def forks():
    os.fork()
    return "one"

def closes():
    os.closerange(3, 64)
    time.sleep(600)

def twice():
    return {1: "a", "1": "b"}

def lone():
    return "\ud800"

class Holder:
    @staticmethod
    def method():
        return "found"
`

func interpreter(t *testing.T) Interpreter {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("SKIPPED: there is no python3 on PATH")
	}
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("hooks.py", functions)
	// None of the project's files may stand in for what the shim needs.
	for _, name := range []string{"json.py", "socket.py", "traceback.py", "importlib.py"} {
		write(name, "raise ImportError('the wrong module')\n")
	}
	return Interpreter{Python: python, Dir: dir, Env: process.Environ(os.Environ(), []string{"PYENV*"}), Timeout: time.Minute}
}

func text(t *testing.T, r Result) string {
	t.Helper()
	if r.Err != nil {
		t.Fatalf("%v", r.Err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, r.Value); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestValuesCrossAsJSONAndPrintsDoNoHarm(t *testing.T) {
	i := interpreter(t)
	var log bytes.Buffer
	i.Log = &log
	results := Python(context.Background(), i, []Call{
		{Module: "hooks", Function: "add", Args: []json.RawMessage{json.RawMessage("2")}},
		{Module: "hooks", Function: "add", Kwargs: map[string]json.RawMessage{"a": json.RawMessage("2"), "b": json.RawMessage("0.5")}},
		{Module: "hooks", Function: "Holder.method"},
		{Module: "hooks", Function: "where"},
	})
	if got, want := text(t, results[0]), `{"sum":3,"list":[1,2],"none":null}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := text(t, results[1]), `{"sum":2.5,"list":[1,2],"none":null}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := text(t, results[2]), `"found"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	dir, _ := filepath.EvalSymlinks(i.Dir)
	if got := text(t, results[3]); !strings.HasPrefix(got, `["`+dir+`","`+dir+`"`) {
		t.Errorf("the hook ran in %s, want %s", got, dir)
	}
	if !strings.Contains(log.String(), "to both") {
		t.Errorf("what the hook printed is lost: %q", log.String())
	}
	if entries, _ := filepath.Glob(filepath.Join(i.Dir, "__pycache__")); entries != nil {
		t.Error("byte code was written into the project")
	}
}

// What goes wrong in one call is that call's failure; the others have their
// answers.
func TestFailuresAreOfOneCallAlone(t *testing.T) {
	i := interpreter(t)
	i.Timeout = 20 * time.Second
	call := func(function string, args ...string) Call {
		c := Call{Module: "hooks", Function: function}
		for _, arg := range args {
			c.Args = append(c.Args, json.RawMessage(arg))
		}
		return c
	}
	calls := []Call{
		call("fail", "1"), call("quits"), call("dies"), call("odd"), call("nan"), call("huge"),
		{Module: "nowhere", Function: "f"}, call("missing"), call("twice"), call("lone"), call("closes"), call("forks"), call("add", "1"),
	}
	want := []string{
		"KeyError: 1", "sys.exit(3)", "exit status 7", "builtins.set", "no JSON", "at most 1048576",
		"No module named 'nowhere'", "has no attribute 'missing'",
		"two keys", "surrogates", "closed the descriptor", "", "",
	}
	for k, result := range Python(context.Background(), i, calls) {
		var failure *Failure
		if want[k] == "" {
			text(t, result)
		} else if !errors.As(result.Err, &failure) || !strings.Contains(failure.Message, want[k]) {
			t.Errorf("%s: got %v, want a failure with %q", calls[k].Function, result.Err, want[k])
		}
	}
}

func TestTheTracebackBeginsInTheUsersCode(t *testing.T) {
	i := interpreter(t)
	result := Python(context.Background(), i, []Call{{Module: "hooks", Function: "fail", Args: []json.RawMessage{json.RawMessage("1")}}})[0]
	var failure *Failure
	if !errors.As(result.Err, &failure) {
		t.Fatalf("got %v", result.Err)
	}
	var files []string
	for line := range strings.Lines(failure.Traceback) {
		if _, rest, ok := strings.Cut(line, "in "); ok && strings.Contains(line, "File ") {
			files = append(files, strings.TrimSpace(rest))
		}
	}
	if diff := cmp.Diff([]string{"fail", "deeper"}, files); diff != "" {
		t.Errorf("frames (-want +got):\n%s\n%s", diff, failure.Traceback)
	}
}

func TestACallThatTakesTooLongIsGivenUp(t *testing.T) {
	i := interpreter(t)
	i.Timeout = 4 * time.Second // enough for Python to start beside other tests
	results := Python(context.Background(), i, []Call{{Module: "hooks", Function: "sleeps"}})
	var failure *Failure
	if !errors.As(results[0].Err, &failure) || !strings.Contains(failure.Message, "no answer within 4s") {
		t.Errorf("got %v", results[0].Err)
	}
}

// A Python that does not start is the machine's failure, not the hook's.
func TestAPythonThatDoesNotStart(t *testing.T) {
	i := interpreter(t)
	i.Python = "/bin/false"
	err := Python(context.Background(), i, []Call{{Module: "hooks", Function: "add"}})[0].Err
	var failure *Failure
	if err == nil || errors.As(err, &failure) || !strings.Contains(err.Error(), "does not start") {
		t.Errorf("got %v", err)
	}
}

func TestAnInterruptEndsTheCall(t *testing.T) {
	i := interpreter(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	results := Python(ctx, i, []Call{{Module: "hooks", Function: "sleeps"}})
	if !errors.Is(results[0].Err, context.Canceled) {
		t.Errorf("got %v", results[0].Err)
	}
}

func TestCacheBelievesNothingTorn(t *testing.T) {
	cache := Cache{Dir: filepath.Join(t.TempDir(), "hooks")}
	call := Call{Module: "m", Function: "f", Args: []json.RawMessage{json.RawMessage("1")}}
	key := Key(call, "code", "env")
	for _, other := range []string{Key(call, "other", "env"), Key(call, "code", "other"), Key(Call{Module: "m", Function: "f"}, "code", "env")} {
		if other == key {
			t.Error("the key does not depend on code, environment and arguments")
		}
	}
	if _, ok := cache.Find(key); ok {
		t.Error("an empty cache has an answer")
	}
	cache.Keep(key, json.RawMessage(`{"a":1}`))
	if value, ok := cache.Find(key); !ok || string(value) != `{"a":1}` {
		t.Errorf("got %s, %v", value, ok)
	}
	file := filepath.Join(cache.Dir, key+".json")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		for _, damaged := range [][]byte{whole[:n], append(append(append([]byte{}, whole[:n]...), whole[n]^1), whole[n+1:]...)} {
			if err := os.WriteFile(file, damaged, 0o666); err != nil {
				t.Fatal(err)
			}
			if value, ok := cache.Find(key); ok && string(value) != `{"a":1}` {
				t.Fatalf("believed %s", damaged)
			}
		}
	}
}
