package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// exampleProject is what the examples of all commands are about.
const exampleProject = `
variable "n_gram" { default = 3 }
environment "pip" "ml" {
  packages = { metaflow = "" }
}
flow "command" "clean" {
  argv = ["echo", var.n_gram]
  output "n" { stdout = "text" }
}
flow "command" "train" {
  for_each = toset(["forest", "knn"])
  argv     = ["echo", "warning", each.key, flow.clean.run_id]
}
flow "command" "slow" { argv = ["true"] }
flow "command" "report" {
  argv = concat(["sh", "-c", "echo > report.html"], [for t in flow.train : t.run_id])
  output "html" { file = "report.html" }
}
output "report" { value = flow.report.output.html.path }
`

// notRun are examples that need more than a folder and commands.
var notRun = map[string]string{
	"flowrider exec flow.clean -- show":                                "a Metaflow flow",
	"flowrider exec flow.clean -- run":                                 "a Metaflow flow",
	"flowrider exec flow.report -- python -m pdb report.py":            "a debugger",
	"flowrider import flow.clean 1795310316549508":                     "a Metaflow run",
	"flowrider import flow.clean CleanFlow/1795310316549508 --replace": "a Metaflow run",
	"flowrider env lock":                                               "a package index",
	"flowrider env lock ml":                                            "a package index",
	"flowrider env lock --check":                                       "a package index",
	"flowrider env build":                                              "a package index",
	"flowrider env build ml":                                           "a package index",
}

// Each example of a command's help does what it says, or is known not to.
func TestExamplesOfHelp(t *testing.T) {
	t.Parallel()
	folder, environ := t.TempDir(), testenv.Environ(t)
	for i, entry := range environ {
		if strings.HasPrefix(entry, "PATH=") {
			environ[i] = "PATH=" + os.Getenv("PATH")
		}
	}
	environ = append(environ, "HOME="+folder)
	shell := func(folder, command string) (string, int) {
		t.Helper()
		run := exec.Command("sh", "-c", command)
		run.Dir, run.Env = folder, environ
		out, err := run.CombinedOutput()
		if run.ProcessState == nil {
			t.Fatal(err)
		}
		return string(out), run.ProcessState.ExitCode()
	}
	base := filepath.Join(folder, "base")
	for _, name := range []string{"base", ".zfunc", ".config/fish/completions", ".local/share/bash-completion/completions"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(base, "flowrider.hcl"), []byte(exampleProject), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, code := shell(base, "flowrider fmt && flowrider apply && flowrider workspace new dev && flowrider workspace select default && flowrider plan --replace flow.slow && flowrider history flow.clean --json | sed 's/.*\"run_id\":\"\\([^\"]*\\)\".*/\\1/' > ../run"); code != 0 {
		t.Fatal(out)
	}
	id, err := os.ReadFile(filepath.Join(folder, "run"))
	if err != nil {
		t.Fatal(err)
	}
	ran := map[string]bool{}
	for _, command := range shownCommands() {
		for line := range strings.Lines(command.Example) {
			example, _, _ := strings.Cut(strings.TrimSpace(line), "   #")
			example = strings.TrimSpace(example)
			_, skipped := notRun[example]
			ran[example] = true
			if skipped || needsMore(example) {
				continue
			}
			os.RemoveAll(filepath.Join(folder, "copy"))
			out, code := shell(folder, "cp -a base copy; cd copy; "+prepared(example)+sixteen.ReplaceAllString(example, strings.TrimSpace(string(id))))
			if code != 0 {
				t.Errorf("%s ends with exit code %d:\n%s", example, code, out)
			}
		}
	}
	for example := range notRun {
		if !ran[example] {
			t.Errorf("%s is no example: take it from the list", example)
		}
	}
}

// prepared is what an example supposes that somebody has typed before.
func prepared(example string) string {
	switch {
	case strings.Contains(example, "tonight.plan") && !strings.Contains(example, "--out"):
		return "flowrider plan --var n_gram=5 --out tonight.plan > /dev/null; "
	case strings.HasPrefix(example, "flowrider workspace new dev"):
		return "flowrider workspace delete dev; "
	case strings.HasPrefix(example, "flowrider init"):
		return "rm flowrider.hcl; mkdir pipelines; "
	}
	return ""
}

var sixteen = regexp.MustCompile(`\b\d{16}\b`)

// needsMore says whether an example is piped into a program that is not here.
func needsMore(example string) bool {
	parts := strings.Split(example, " | ")
	return slices.ContainsFunc(parts[1:], func(part string) bool {
		_, err := exec.LookPath(strings.Fields(part)[0])
		return err != nil
	})
}
