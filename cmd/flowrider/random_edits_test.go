package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flowrider/flowrider/internal/testenv"
)

// agree COUNT makes so many random edits of the fixture, and after each expects
// that apply does what plan said: of a flow that may run anything, of any other
// exactly that.
func agree(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) != 1 {
		ts.Fatalf("usage: agree COUNT")
	}
	count, err := strconv.Atoi(arguments[0])
	ts.Check(err)
	e := &editor{ts: ts, random: rand.New(rand.NewPCG(testenv.Seed(ts), 0)), seen: map[string]int{}}
	for range count {
		flags := e.edit()
		ts.Check(ts.Exec("flowrider", append([]string{"plan", "--json"}, flags...)...))
		expected := decodePlan(ts, ts.ReadFile("stdout"))
		_ = ts.Exec("flowrider", append([]string{"apply", "--json"}, flags...)...) // a flow may fail
		e.compare(expected, ts.ReadFile("stdout"))
	}
	ts.Logf("%v", e.seen)
}

// editor makes the random edits.
type editor struct {
	ts     *testscript.TestScript
	random *rand.Rand
	seen   map[string]int // how often apply ended a verdict in a state
}

// edit changes one thing, and gives the flags of plan and apply for it. What
// makes flows fail is mended soon: what is behind them could not be seen.
func (e *editor) edit() []string {
	if e.random.IntN(2) == 0 {
		e.rewrite("; exit 1", "")
	}
	name := string("abcx"[e.random.IntN(4)])
	edits := []func() []string{
		func() []string { return []string{"--var", fmt.Sprint("v=", []int{1, 2, 11, 12, 21}[e.random.IntN(5)])} },
		func() []string { return []string{"--replace", "flow." + name} },
		func() []string { return []string{"flow." + name} },
		func() []string { return e.argument(name, "volatile", "true", "false") },
		func() []string { return e.argument(name, "salt", `"1"`, `"2"`) },
		func() []string { return e.argument(name, "tags", `["t"]`, `["u"]`) },
		func() []string { return e.argument(name, "data_version", `"content"`, `"run"`, `"key"`) },
		func() []string { return e.argument(name, "expires_after", `"1ns"`, `"1h"`) },
		func() []string { return e.argument(name, "depends_on", "[]", "[flow.x]") },
		func() []string { return e.rewrite("echo "+name+" >> $COUNT", "echo "+name+" >> $COUNT; exit 1") },
		func() []string { return e.rewrite("echo "+name+" >> $COUNT", "echo "+name+" >> $COUNT; true") },
		func() []string { return e.rewrite(`"`+name+`" {`, `"`+name+`" { # a comment`) },
		func() []string { return e.file("code.txt", fmt.Sprint(e.random.IntN(3))) },
		func() []string { return e.file("runs/"+name+".json", "torn") },
		func() []string { return e.remove("runs/" + name + ".json") },
		func() []string { return e.remove(name + ".txt") },
		func() []string { return e.remove(".flowrider/history") },
		func() []string { return e.remove(".flowrider/manifests") },
		func() []string { return e.remove(".flowrider/blobs") },
	}
	i := e.random.IntN(len(edits))
	flags := edits[i]()
	e.ts.Logf("edit %d of %s %q", i, name, flags)
	return flags
}

// argument gives a flow an argument with one of these values, in place of the
// one that it has.
func (e *editor) argument(flow, name string, values ...string) []string {
	if flow == "x" && name == "depends_on" {
		return nil // it would depend on itself
	}
	head := fmt.Sprintf("flow \"command\" %q {", flow)
	text := e.ts.ReadFile("flowrider.hcl")
	before, after, _ := strings.Cut(text, head)
	body, rest, _ := strings.Cut(after, "\n}\n")
	lines := slices.DeleteFunc(strings.Split(body, "\n"), func(line string) bool {
		return strings.HasPrefix(strings.TrimSpace(line), name+" =")
	})
	lines = append(lines, fmt.Sprintf("  %s = %s", name, values[e.random.IntN(len(values))]))
	return e.file("flowrider.hcl", before+head+strings.Join(lines, "\n")+"\n}\n"+rest)
}

func (e *editor) rewrite(old, now string) []string {
	return e.file("flowrider.hcl", strings.ReplaceAll(e.ts.ReadFile("flowrider.hcl"), old, now))
}

func (e *editor) file(name, content string) []string {
	e.ts.Check(os.MkdirAll(filepath.Dir(e.ts.MkAbs(name)), 0o777))
	e.ts.Check(os.WriteFile(e.ts.MkAbs(name), []byte(content), 0o666))
	return nil
}

func (e *editor) remove(name string) []string {
	e.ts.Check(os.RemoveAll(e.ts.MkAbs(name)))
	return nil
}

// outcomes are the states in which a flow with a verdict may end. What is
// blocked in apply needs a flow that has failed there.
var outcomes = map[string][]string{
	"fresh":   {"fresh"},
	"reuse":   {"reused"},
	"run":     {"succeeded", "failed", "blocked"},
	"may_run": {"fresh", "reused", "succeeded", "failed", "blocked"},
}

// compare holds what apply wrote, a JSON object a line, against what plan said
// just before.
func (e *editor) compare(expected []plannedFlow, written string) {
	states := map[string]string{}
	var failed bool
	for line := range strings.Lines(written) {
		var event struct {
			Type, Address, State string
			Flows                []plannedFlow
		}
		e.ts.Check(json.Unmarshal([]byte(line), &event))
		switch event.Type {
		case "plan":
			if got, want := fmt.Sprint(event.Flows), fmt.Sprint(expected); got != want {
				e.ts.Fatalf("apply planned %s, plan %s", got, want)
			}
		case "flow":
			states[event.Address] = event.State
			failed = failed || event.State == "failed"
		}
	}
	for _, flow := range expected {
		state := states[flow.Address]
		e.seen[flow.Verdict+" "+state]++
		if !slices.Contains(outcomes[flow.Verdict], state) || state == "blocked" && !failed {
			e.ts.Fatalf("plan said %s of %s, and apply ended it as %q", flow.Verdict, flow.Address, state)
		}
	}
}
