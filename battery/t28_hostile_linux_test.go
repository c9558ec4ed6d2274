package battery_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/flowrider/flowrider/internal/testenv"
)

// A witness is this test's own program, run as a flow: it writes down what it
// was given, exactly.
func init() {
	if path := os.Getenv("BATTERY_WITNESS"); path != "" {
		text, err := json.Marshal(map[string]any{"args": os.Args[1:], "parameters": os.Getenv("FLOWRIDER_PARAMETERS"), "value": os.Getenv("BATTERY_VALUE")})
		if err == nil {
			err = os.WriteFile(path, text, 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

const hostileCount = 300

// hostileTexts are what has broken something before, and made of it at random.
// Texts are in their composed form, into which HCL brings all, and have no mark
// of byte order in front, which HCL takes away in its JSON syntax.
func hostileTexts(random *rand.Rand) []string {
	list := []string{
		"", " ", "\n", "\t", "\r\n", "-", "--", "-rf", "--help", "--version", "-c", "--run-id-file=/tmp/x", "=", "a=b", "--a=b=c", "'", `"`, "`", `\`, `\\`, `\n`, "$HOME", "${HOME}", "$${x}",
		"%{ if true }x%{ endif }", "%%{x}", "$(touch pwned)", "`touch pwned`", "; touch pwned", "| touch pwned", "&& touch pwned", "> pwned", "< /etc/passwd", "*", "?", "[a-z]", "{a,b}", "~", "~root",
		"!!", "#x", "//x", "/* x */", "a b", "a  b ", " a", "/", "..", "../..", "../../etc/passwd", "/etc/passwd", "C:\\x", "NUL", "con", ".", "...", "null", "true", "false", "0", "-0", "1e400", "NaN",
		"\x01\x02\x1b[31m\x7f", "\x1b]0;title\x07", "::error::x", "##[group]x", "\u200b", "\u202e", "x\ufeff", "\u2028", "é", "ß", "密碼", "🔑", "👩‍👩‍👧‍👦", "\U0010ffff", "\ufffd", "@flow", "@-", "@/etc/passwd",
		"{\"a\": 1}", "[1, 2", "<script>alert(1)</script>", "&amp;", "%s%n%x", "%2e%2e%2f", "' OR 1=1 --", "a\nb\nc", "a\rb", strings.Repeat("x", 4096), strings.Repeat("ü", 2000), strings.Repeat("-", 300), strings.Repeat("\n", 300),
		"flow.a.run_id", "${flow.a.run_id}", "(sensitive)", "@run:1", "(ambient)", "--tag=x", "run", "show", "resume", "PATH=/tmp", "LD_PRELOAD=x",
	}
	alphabet := []rune("ab- =\"'`\\$%{}()[]<>|&;*?!#~\n\t\r/.,:@^é密🔑\u0301\u200b\x1b\x01")
	for len(list) < hostileCount {
		text := make([]rune, 1+random.IntN(40))
		for i := range text {
			text[i] = alphabet[random.IntN(len(alphabet))]
		}
		list = append(list, norm.NFC.String(string(text)))
	}
	return list
}

// inTemplate is a text as HCL's JSON syntax takes it for itself.
func inTemplate(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text)
}

// fakes are what poses as a tool or as a module of Python's: run, each of them
// leaves a trace.
var (
	fakePrograms = []string{"git", "python3", "python", "sh", "bash", "env", "uv", "pip", "pip3", "conda", "metaflow", "sbatch", "squeue", "cat", "ls", "tar"}
	fakeModules  = []string{"json", "os", "sys", "socket", "traceback", "importlib", "io", "re", "site", "sitecustomize", "usercustomize", "encodings", "types", "struct"}
)

func (p *project) plantFakes() {
	p.t.Helper()
	for _, name := range fakePrograms {
		for _, folder := range []string{"", "bin"} {
			path := filepath.Join(folder, name)
			p.write(path, "#!/bin/sh\necho program "+name+" >> \"$FAKES\"\nexit 1\n")
			if err := os.Chmod(filepath.Join(p.dir, path), 0o755); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	for _, name := range fakeModules {
		p.write(name+".py", "import posix\nfd = posix.open(posix.environ[b'FAKES'], posix.O_WRONLY | posix.O_APPEND | posix.O_CREAT)\nposix.write(fd, b'module "+name+"\\n')\n")
	}
}

// witness reads what a witness has written down.
func (p *project) witness(name string) (seen struct {
	Args              []string
	Parameters, Value string
}) {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, name))
	if err == nil {
		err = json.Unmarshal(text, &seen)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return seen
}

// Hostile texts arrive as they are, byte by byte, as arguments, parameters,
// variables, and as names of instances; and nothing that poses as a tool or a
// module in the project's folder is run by flowrider.
func TestT28HostileTextsAndFakeTools(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 28))
	texts := hostileTexts(random)
	if len(texts) < hostileCount {
		t.Fatalf("there are %d texts", len(texts))
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := newProject(t, t.TempDir(), hostileConfig)
	fakes := filepath.Join(t.TempDir(), "fakes")
	p.env = append(p.env, "FAKES="+fakes)
	for i, entry := range p.env { // relative entries first, as some people have it
		if path, ok := strings.CutPrefix(entry, "PATH="); ok {
			p.env[i] = "PATH=.::bin:" + path
		}
	}
	p.plantFakes()
	p.write("hooks.py", "import json, os\n\ndef answer(values):\n    return json.loads(json.dumps(values))\n")

	var argv, list []string
	keys, instances := map[string]string{}, []string{}
	for i, text := range texts {
		argv, list = append(argv, inTemplate(text)), append(list, inTemplate(text))
		if i < 60 && text != "" {
			keys[inTemplate(text)] = fmt.Sprint(i)
			instances = append(instances, text)
		}
	}
	escaped, _ := json.Marshal(map[string]any{"flow": map[string]any{"command": map[string]any{
		"arguments": map[string]any{
			"argv": append([]string{self}, argv...), "env": map[string]string{"BATTERY_WITNESS": "${path.root}/arguments.json"}, "bundle": map[string]any{"include": []string{}},
			"parameters": map[string]any{"list": "${hook.answer}"}, "tags": list, "description": inTemplate(strings.Join(texts[:100], " ")),
		},
		"instance": map[string]any{
			"for_each": keys, "argv": []string{self, "${each.key}"}, "bundle": map[string]any{"include": []string{}},
			"env": map[string]string{"BATTERY_WITNESS": "${path.root}/instance-${each.value}.json", "BATTERY_VALUE": "${each.key}"},
		},
	}}, "hook": map[string]any{"python": map[string]any{"answer": map[string]any{"function": "hooks:answer", "args": []any{list}}}}})
	p.write("texts.flow.hcl.json", string(escaped))

	for _, arguments := range [][]string{{"init", "-q"}, {"-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "--allow-empty", "-m", "x"}} {
		if out, err := exec.Command("git", append([]string{"-C", p.dir}, arguments...)...).CombinedOutput(); err != nil {
			t.Fatalf("git: %v\n%s", err, out)
		}
	}
	p.must("plan")
	p.must("apply")
	if shown := p.must("show", "flow.tools", "--json").out; !strings.Contains(shown, `"git_commit":"`) {
		t.Errorf("git was not found behind the fakes: %s", shown)
	}
	seen := p.witness("arguments.json")
	exact := 0
	for i, text := range texts {
		if i < len(seen.Args) && seen.Args[i] == text {
			exact++
		} else {
			t.Errorf("argument %d is not %q", i, text)
		}
	}
	if len(seen.Args) != len(texts) {
		t.Errorf("%d arguments arrived, of %d", len(seen.Args), len(texts))
	}
	var parameters struct{ List []string }
	if err := json.Unmarshal([]byte(seen.Parameters), &parameters); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(texts, parameters.List); diff != "" {
		t.Errorf("parameters, through a hook and back (-want +got):\n%s", diff)
	}
	for key, number := range keys {
		text := texts[slices.IndexFunc(texts, func(text string) bool { return inTemplate(text) == key })]
		if one := p.witness("instance-" + number + ".json"); one.Value != text || len(one.Args) != 1 || one.Args[0] != text {
			t.Errorf("instance %q was given %q and %q", text, one.Args, one.Value)
		}
	}
	// They are found again, by all who read.
	var status struct {
		Flows []struct{ Address, Verdict string }
	}
	if err := json.Unmarshal([]byte(p.must("status", "--json").out), &status); err != nil {
		t.Fatal(err)
	}
	fresh := 0
	for _, flow := range status.Flows {
		if flow.Verdict == "fresh" {
			fresh++
		} else {
			t.Errorf("%s is %s", flow.Address, flow.Verdict)
		}
	}
	if want := 1 + 1 + len(instances); fresh != want {
		t.Errorf("%d flows are fresh, of %d", fresh, want)
	}
	p.must("explain", "flow.arguments")
	p.must("exec", "flow.tools", "--", "true")
	if left, err := os.ReadFile(fakes); !os.IsNotExist(err) {
		t.Errorf("fakes were run: %s %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "pwned")); err == nil {
		t.Error("a text was taken for a command")
	}
	metaflow := hostileMetaflow(t, self, texts)
	testenv.Figure(t, "T28", "%d of %d hostile texts arrived byte by byte as arguments, %d as parameters and tags of Metaflow, and all as parameters through a hook; %d as names of instances; 0 of %d fake programs and modules were run",
		exact, len(texts), metaflow, len(instances), 2*len(fakePrograms)+len(fakeModules))
}

// hostileMetaflow gives the texts to a Metaflow flow whose Python is a witness,
// and says how many have arrived both as parameters and as tags.
func hostileMetaflow(t *testing.T, self string, texts []string) (exact int) {
	t.Helper()
	p := newProject(t, t.TempDir(), "")
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "python3")); err != nil {
		t.Fatal(err)
	}
	for i, entry := range p.env {
		if path, ok := strings.CutPrefix(entry, "PATH="); ok {
			p.env[i] = "PATH=" + bin + ":" + path
		}
	}
	parameters, tags := map[string]string{}, []string{}
	for i, text := range texts {
		parameters[fmt.Sprintf("p%d", i)], tags = inTemplate(text), append(tags, inTemplate(text))
	}
	p.write("flow.py", "")
	config, _ := json.Marshal(map[string]any{"flow": map[string]any{"metaflow": map[string]any{"m": map[string]any{
		"file": "flow.py", "parameters": parameters, "tags": tags, "env": map[string]string{"BATTERY_WITNESS": "${path.root}/metaflow.json"},
	}}}})
	p.write("m.flow.hcl.json", string(config))
	if ended := p.run("apply"); ended.code != 3 { // a witness is no run
		t.Fatalf("exit %d\n%s", ended.code, ended.errors)
	}
	args := p.witness("metaflow.json").Args
	for i, text := range texts {
		if slices.Contains(args, fmt.Sprintf("--p%d=%s", i, text)) && slices.Contains(args, "--tag="+text) {
			exact++
		} else {
			t.Errorf("Metaflow was not given %q", text)
		}
	}
	return exact
}

const hostileConfig = `
flow "command" "tools" {
  argv = ["sh", "-c", "true"]
  env  = { COMMIT = ambient(git.commit) }
  bundle { include = [] }
}
`
