package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flowrider/flowrider/internal/testenv"
)

// The scenarios in testdata/cases are the hard cases of when a flow runs, each
// of which has happened to users of some tool; the number is the case's.
func TestCases(t *testing.T) {
	t.Parallel()
	own := maps.Clone(commands)
	maps.Copy(own, map[string]func(*testscript.TestScript, bool, []string){
		"fixture": fixture, "planned": planned, "ran": ran, "snapshot": snapshot, "agree": agree,
	})
	testscript.Run(t, testscript.Params{
		Dir: "testdata/cases", Setup: testenv.Script(t),
		Cmds: own, RequireExplicitExec: true, UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

// fixture makes the folder project with testdata/cases/fixture.hcl as its
// configuration, and goes there. Its flows add their names to $COUNT.
func fixture(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) > 0 {
		ts.Fatalf("usage: fixture")
	}
	content, err := os.ReadFile(filepath.Join(repository, "cmd", "flowrider", "testdata", "cases", "fixture.hcl"))
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs("project"), 0o777))
	ts.Check(ts.Chdir("project"))
	ts.Check(os.WriteFile(ts.MkAbs("flowrider.hcl"), content, 0o666))
	ts.Setenv("COUNT", filepath.Join(ts.Getenv("WORK"), "count"))
}

// ran NAME… compares, in any order, what flows have added to $COUNT since this
// was asked before.
func ran(ts *testscript.TestScript, negated bool, names []string) {
	count := ts.Getenv("COUNT")
	content, err := os.ReadFile(count)
	if err != nil && !os.IsNotExist(err) {
		ts.Check(err)
	}
	got := strings.Fields(string(content))
	slices.Sort(got)
	slices.Sort(names)
	if negated || !slices.Equal(got, names) {
		ts.Fatalf("ran %q, want %q", got, names)
	}
	ts.Check(os.WriteFile(count, nil, 0o666))
}

// planned NAME=VERDICT[:CODE,…]… [-- FLAG…] compares the verdicts of all
// flows, and the codes of their reasons where they are given, with those of
// flowrider plan --json.
func planned(ts *testscript.TestScript, negated bool, arguments []string) {
	var flags []string
	if i := slices.Index(arguments, "--"); i >= 0 {
		arguments, flags = arguments[:i], arguments[i+1:]
	}
	ts.Check(ts.Exec("flowrider", append([]string{"plan", "--json"}, flags...)...))
	flows := decodePlan(ts, ts.ReadFile("stdout"))
	got := map[string]string{}
	want := map[string]string{}
	for _, argument := range arguments {
		name, verdict, _ := strings.Cut(argument, "=")
		want[name] = verdict
	}
	for _, flow := range flows {
		name := strings.TrimPrefix(flow.Address, "flow.")
		if got[name] = flow.Verdict; strings.Contains(want[name], ":") {
			got[name] += ":" + strings.Join(flow.codes(), ",")
		}
	}
	if diff := cmp.Diff(want, got); negated || diff != "" {
		ts.Fatalf("verdicts (-want +got):\n%s", diff)
	}
}

// plannedFlow is what the cases read of a flow in a plan.
type plannedFlow struct {
	Address, Verdict string
	Reasons          []struct{ Code string }
}

func (f plannedFlow) codes() []string {
	var codes []string
	for _, reason := range f.Reasons {
		codes = append(codes, reason.Code)
	}
	return codes
}

func decodePlan(ts *testscript.TestScript, text string) []plannedFlow {
	var plan struct{ Flows []plannedFlow }
	ts.Check(json.Unmarshal([]byte(text), &plan))
	return plan.Flows
}

// runid NAME FLOW puts the run ID of a flow's record into a variable.
func runid(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) != 2 {
		ts.Fatalf("usage: runid NAME FLOW")
	}
	ts.Check(ts.Exec("flowrider", "show", arguments[1], "--json"))
	var record struct {
		RunID string `json:"run_id"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &record))
	ts.Setenv(arguments[0], record.RunID)
}

// snapshot FILE FOLDER writes the names, modes, times and contents of all that
// is in a folder.
func snapshot(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) != 2 {
		ts.Fatalf("usage: snapshot FILE FOLDER")
	}
	var text strings.Builder
	folder := ts.MkAbs(arguments[1])
	ts.Check(filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		var content []byte
		if entry.Type().IsRegular() {
			if content, err = os.ReadFile(name); err != nil {
				return err
			}
		}
		fmt.Fprintf(&text, "%s %v %v %x\n", strings.TrimPrefix(name, folder), info.Mode(), info.ModTime().UnixNano(), sha256.Sum256(content))
		return nil
	}))
	ts.Check(os.WriteFile(ts.MkAbs(arguments[0]), []byte(text.String()), 0o666))
}
