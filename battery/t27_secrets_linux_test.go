package battery_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/internal/testenv"
)

// canaryCount is how many secrets there are, all of them in each flow.
const canaryCount = 200

// canary is a secret that is in nothing but what this test looks for.
type canary struct {
	value string
	lines []string // that are hidden by themselves
}

// canaries are tokens, passwords with all that has to be quoted somewhere,
// texts of other alphabets, and keys of several lines.
func canaries(random *rand.Rand) (list []canary) {
	word := func(size int) string {
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
		text := make([]byte, size)
		for i := range text {
			text[i] = letters[random.IntN(len(letters))]
		}
		return string(text)
	}
	for i := range canaryCount {
		c := canary{value: word(12 + random.IntN(60))}
		switch i % 4 {
		case 1:
			c.value = word(14) + `'"\ $&/+=%<>#?` + word(14) + "`;" + word(13)
		case 2:
			c.value = word(14) + "ß密🔑é" + word(15)
		case 3:
			c.lines = []string{word(64), word(64), word(40)}
			c.value = strings.Join(c.lines, "\n") + "\n"
		}
		list = append(list, c)
	}
	return list
}

// window is how many bytes of a form in a row count as a hit: what encodings
// leave at the ends of a hidden value is less.
const window = 12

// traps are all pieces of that size of all forms of the canaries.
type traps map[[window]byte]int

func setTraps(list []canary) traps {
	t := traps{}
	for i, c := range list {
		for _, text := range append(c.lines, c.value) {
			for _, form := range formsOf(text) {
				for at := 0; at+window <= len(form); at++ {
					t[[window]byte([]byte(form[at:]))] = i
				}
			}
		}
	}
	return t
}

// formsOf are the forms of a text, made with nothing of flowrider's.
func formsOf(text string) []string {
	inJSON, _ := json.Marshal(text)
	forms := []string{
		text, strings.ReplaceAll(text, "\n", "\r\n"), string(inJSON), strconv.Quote(text), strconv.QuoteToASCII(text), url.QueryEscape(text), url.PathEscape(text),
		hex.EncodeToString([]byte(text)), strings.ToUpper(hex.EncodeToString([]byte(text))),
		strings.ReplaceAll(text, `'`, `'\''`), strings.ReplaceAll(text, `'`, `'"'"'`),
	}
	for before := range 3 {
		for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			digits := alphabet.EncodeToString(append(make([]byte, before), text...))
			forms = append(forms, digits[(before*8+5)/6:(before+len(text))*8/6])
		}
	}
	return forms
}

// search finds the canaries of which something is in the data.
func (t traps) search(data []byte) map[int]string {
	found := map[int]string{}
	for at := 0; at+window <= len(data); at++ {
		if c, ok := t[[window]byte(data[at:])]; ok {
			found[c] = string(data[max(0, at-60):min(len(data), at+window)])
		}
	}
	return found
}

// unseen are control sequences and characters, as they are taken out wherever
// something is shown.
var unseen = regexp.MustCompile(`(?:\x1b\[|\x{9b})[0-?]*[ -/]*[@-~]|\x1b\][^\x07\n]*\x07|\x1b[ -/]*[0-Z\\^-~]|[\x00-\x08\x0e-\x1f\x7f-\x{9f}]`)

// shown is what is seen of data.
func shown(data []byte) []byte { return unseen.ReplaceAll(data, nil) }

// sweep is a search of all that a project has made.
type sweep struct {
	*project
	traps
	bytes, places int
	marks         int
}

func (s *sweep) look(where string, data []byte) {
	s.t.Helper()
	s.bytes, s.places, s.marks = s.bytes+len(data), s.places+1, s.marks+bytes.Count(data, []byte(redact.Mark))
	found := s.search(data)
	maps.Copy(found, s.search(shown(data)))
	for c, piece := range found {
		s.t.Errorf("%s: %d canaries are in it; of number %d: %q", where, len(found), c, piece)
		return
	}
}

// files looks at every file below the folders but what is excepted, and at the
// objects of git.
func (s *sweep) files(when string, except *regexp.Regexp, folders ...string) {
	s.t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() || except != nil && except.MatchString(path) {
				return err
			}
			data, err := os.ReadFile(path)
			s.look(when+": "+path, append([]byte(path+"\n"), data...))
			return err
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	objects := exec.Command("git", "cat-file", "--batch-all-objects", "--batch")
	objects.Dir = s.dir
	if out, err := objects.Output(); err == nil {
		s.look(when+": git's objects", out)
	}
}

// says runs a command and looks at what it says.
func (s *sweep) says(code int, arguments ...string) outcome {
	s.t.Helper()
	ended := s.run(arguments...)
	what := "flowrider " + strings.Join(arguments, " ")
	if ended.code != code {
		s.t.Errorf("%s: exit %d, want %d\n%s%s", what, ended.code, code, s.hide(ended.out), s.hide(ended.errors))
	}
	s.look(what+": standard output", []byte(ended.out))
	s.look(what+": standard error", []byte(ended.errors))
	return ended
}

// hide keeps a test that has failed from filling the screen.
func (s *sweep) hide(text string) string { return text[:min(len(text), 4000)] }

// commandLines looks at those of all processes.
func (s *sweep) commandLines(when string) {
	s.t.Helper()
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range names {
		data, _ := os.ReadFile(name) // perhaps it has ended by now
		s.look(when+": "+name, data)
	}
}

// shouting prints each secret in every way it can think of, in pieces of every
// size, to both streams.
const shouting = `
import base64, json, os, shlex, subprocess, sys, urllib.parse
names = [f"CANARY_{i}" for i in range(int(os.environ["COUNT"]))]
told = 0
for i, name in enumerate(names):
    v = os.environ[name]
    b = v.encode()
    forms = [v, repr(v), json.dumps(v), json.dumps(v, ensure_ascii=False), json.dumps({"log": json.dumps(v)}), shlex.quote(v), repr(b),
             urllib.parse.quote(v), urllib.parse.quote(v, safe=""), urllib.parse.quote_plus(v), b.hex(), b.hex().upper()]
    for before in ("", "a", "ab", "user:"):
        for after in ("", "z", "zz"):
            whole = (before + v + after).encode()
            forms += [base64.b64encode(whole).decode(), base64.urlsafe_b64encode(whole).decode()]
    forms.append(base64.encodebytes(b).decode())
    forms += [line for line in v.split("\n") if len(line) >= 8]
    text = "".join(f"<{form}>\n" for form in forms)
    half = len(v) // 2
    for within in ("\x1b[1m", "\x1b[m\x1b[K", "\x1b[01;31m", "\x1b]0;title\x07", "\x1b(B", "\0", "\x7f", "\u009b1m"):
        text += f"<{v[:half]}{within}{v[half:]}>\n<{within.join(v)}>\n"
    stream = sys.stdout if i % 2 else sys.stderr
    for at in range(0, len(text), 1 + i % 97):
        stream.write(text[at:at + 1 + i % 97])
        if i % 5 == 0:
            stream.flush()
    stream.flush()
    told += 1
print("told", told, "secrets", flush=True)
`

// TestT27SecretsStayHidden lets flows, hooks and mistakes give away 200 secrets
// in all ways that end in something written or shown, and looks for them there.
func TestT27SecretsStayHidden(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 27))
	list := canaries(random)
	p := newProject(t, t.TempDir(), secretConfig)
	home := p.getenv("HOME")
	p.write("shout.py", shouting)
	p.write("hooks.py", secretHooks)
	for i, c := range list {
		p.env = append(p.env, fmt.Sprintf("CANARY_%d=%s", i, c.value))
	}
	p.env = append(p.env, "GO="+filepath.Join(home, "go"))
	s := &sweep{project: p, traps: setTraps(list)}
	if found := s.search([]byte(strings.Join(p.env, "\n"))); len(found) != canaryCount {
		t.Fatalf("of %d canaries, the search finds %d", canaryCount, len(found))
	}

	// A success, verbose; then what reads of it.
	s.says(0, "apply", "--verbose", "flow.shouts", "--junit", "junit.xml", "--summary", "summary.md")
	log := s.says(0, "logs", "flow.shouts")
	if !strings.Contains(log.out, "told 200 secrets") || s.marks < 20*canaryCount {
		t.Fatalf("the flow has not told its secrets: %d marks\n%s", s.marks, log.out[max(0, len(log.out)-500):])
	}
	s.says(0, "apply", "--json", "--replace", "flow.shouts", "flow.shouts")
	s.says(0, "apply", "flow.file")
	s.says(0, "verify", "flow.file")
	// Failures: a traceback, a signal, a result with a secret in it.
	s.says(3, "apply", "flow.raises", "flow.dies", "flow.result")
	s.says(3, "apply", "--json", "flow.raises", "flow.dies", "flow.result", "--junit", "junit2.xml", "--summary", "summary2.md")
	// Hooks: one that fails, one that gives away what it was given, and one that
	// is sensitive and fails.
	for _, flow := range []string{"flow.hook_raises", "flow.hook_tells", "flow.hook_hides"} {
		s.says(1, "plan", flow, "--verbose")
		s.says(1, "apply", flow, "--json")
	}
	s.says(0, "apply", "flow.hook_gives", "--verbose")
	// Plans and what else there is to read.
	s.says(0, "plan", "--out", "saved.plan", "--replace", "flow.file", "flow.file")
	s.says(0, "show", "saved.plan", "--json")
	s.says(0, "apply", "saved.plan")
	for _, command := range [][]string{
		{"plan", "--json", "flow.shouts", "flow.raises", "--replace", "flow.shouts"}, {"status", "flow.shouts", "flow.raises", "flow.dies", "flow.result"}, {"status", "--json", "flow.raises"},
		{"explain", "flow.raises"}, {"explain", "flow.shouts", "--json"}, {"show", "flow.shouts", "--json"}, {"history", "flow.shouts", "--json"},
		{"output", "--json"}, {"output"}, {"bundle", "ls", "flow.shouts"}, {"logs", "flow.raises"}, {"logs", "flow.dies", "--json"}, {"gc", "--dry-run"}, {"validate"},
	} {
		s.says(0, command...)
	}
	// Mistakes in the configuration, at the place of a secret.
	for i, mistake := range []string{
		`argv = ["x", local.token]`, `parameters = { a = "${local.token}" }`, `env = { A = local.token + 1 }`, `env = { A = jsondecode(local.token) }`,
		`env = { A = regex("nothing-like-it", local.token) }`, `env = { A = element([local.token], "x") }`, `env = { A = parseint(local.token, 10) }`,
		`for_each = { a = local.token }`, `for_each = toset([local.token])`, `secrets = { A = { file = local.token, more = local.token } }`, `timeout = local.token`,
	} {
		p.write("mistake.flow.hcl", "flow \"command\" \"mistake\" {\n  argv = [\"true\"]\n  "+strings.Replace(mistake, `argv = ["x", `, `tags = ["x", `, 1)+"\n}\n")
		s.says(1, append([]string{"plan", "flow.mistake"}, [][]string{{}, {"--json"}}[i%2]...)...)
	}
	os.Remove(filepath.Join(p.dir, "mistake.flow.hcl"))

	// While a flow runs: the command lines of all processes. Then apply is killed.
	command := p.command("apply", "flow.waits")
	command.Stdout, command.Stderr = nil, nil
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the flow that waits", func() bool { _, err := os.Stat(filepath.Join(home, "go.waits")); return err == nil })
	s.commandLines("while a flow runs")
	command.Process.Signal(syscall.SIGKILL)
	command.Wait()
	private := regexp.MustCompile(`/[0-9A-Z]{26}\.scratch/secrets/`)
	s.files("after a kill", private, p.dir, home, filepath.Join(p.getenv("FLOWRIDER_CACHE_DIR"), "python"))
	until(t, "the end of the flow that waits", func() bool { return len(p.traced()) == 0 })

	// The next apply removes what was delivered; then everything is looked at.
	os.WriteFile(filepath.Join(home, "go"), nil, 0o644)
	s.says(0, "apply", "flow.waits")
	for _, arguments := range [][]string{{"init", "-q"}, {"add", "-A", "-f", "."}, {"-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "all"}} {
		git := exec.Command("git", arguments...)
		git.Dir, git.Env = p.dir, p.env
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("git: %v\n%s", err, out)
		}
	}
	s.files("at the end", nil, p.dir, home)
	testenv.Figure(t, "T27", "%d canary secrets, looked for in every byte of %d files, streams and command lines (%.1f MB): %s hits; %d times a value was hidden",
		canaryCount, s.places, float64(s.bytes)/1e6, map[bool]string{true: "some", false: "0"}[t.Failed()], s.marks)
}

// secretConfig has a flow for each way in which secrets come out. They are all
// delivered in the same ways: by secrets, by env, as files.
var secretConfig = `
flowrider { on_finish = ["sh", "-c", "cat > finished.json; echo $CANARY_1 $CANARY_4"] }
project "here" {
  root    = "."
  include = ["shout.py"]
}
locals {
  all   = { for i in range(200) : "CANARY_${i}" => env("CANARY_${i}") }
  token = sensitive(env("CANARY_5"))
}
flow "command" "shouts" {
  argv    = ["python3", "shout.py"]
  env     = { COUNT = "200" }
  secrets = local.all
}
flow "command" "file" {
  argv    = ["sh", "-c", "cat $KEY; wc -c < $KEY > size; ls -l $KEY >&2"]
  secrets = { KEY = { file = env("CANARY_3") } }
  output "size" { file = "size" }
}
flow "command" "raises" {
  argv    = ["python3", "-c", "import os; e = dict(os.environ); raise ValueError([e['CANARY_%d' % i] for i in range(200)])"]
  secrets = local.all
}
flow "command" "dies" {
  argv = ["sh", "-xc", ": \"$CANARY_0\" \"$CANARY_1\"; echo \"$CANARY_2\" | base64 >&2; kill -SEGV $$"]
  env  = { for name, value in local.all : name => sensitive(value) }
}
flow "command" "result" {
  argv    = ["python3", "-c", "import json, os; print(json.dumps({'token': os.environ['CANARY_7']}))"]
  secrets = local.all
  output "token" { stdout = "json" }
}
flow "command" "waits" {
  argv     = ["sh", "-c", "cat $KEY; cat /proc/$$/cmdline; echo > $GO.waits; while ! test -e $GO; do sleep 0.05; done"]
  pass_env = ["GO"]
  env      = { BATTERY_TRACE = path.root }
  secrets  = merge(local.all, { KEY = { file = env("CANARY_11") } })
}
hook "python" "raises" {
  function = "hooks:raises"
  args     = [[for value in values(local.all) : sensitive(value)]]
}
flow "command" "hook_raises" {
  argv = ["true"]
  env  = { A = hook.raises }
}
hook "python" "tells" {
  function = "hooks:tells"
  args     = [local.token]
}
flow "command" "hook_tells" {
  argv = ["true"]
  env  = { A = hook.tells.who }
}
hook "python" "hides" {
  function  = "hooks:raises"
  args      = [[local.token]]
  sensitive = true
}
flow "command" "hook_hides" {
  argv    = ["true"]
  secrets = { A = hook.hides }
}
hook "python" "gives" {
  function  = "hooks:gives"
  args      = [local.token]
  sensitive = true
}
flow "command" "hook_gives" {
  argv    = ["sh", "-c", "echo $A"]
  secrets = { A = hook.gives.twice }
}
output "token" {
  value     = local.token
  sensitive = true
}
`

const secretHooks = `
import sys

def raises(tokens):
    print(tokens)
    print(tokens, file=sys.stderr)
    raise ValueError(tokens)

def tells(token):
    return {"who": "me", "with": f"Bearer {token}"}

def gives(token):
    print("before", token)
    return {"twice": token + token[::-1]}
`
