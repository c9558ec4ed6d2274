package command

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
)

// run starts a command as it is and gives what it prints.
func run(t *testing.T, command process.Command) string {
	t.Helper()
	c := exec.Command(command.Path, command.Args...)
	c.Dir, c.Env = command.Dir, []string{}
	for name, value := range command.Env {
		c.Env = append(c.Env, name+"="+value)
	}
	printed, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	return string(printed)
}

// A name without a slash is a program on the child's PATH, of which the
// environment's own folder is the first; a name with one is in the bundle,
// whatever the working folder.
func TestProgramIsLookedUp(t *testing.T) {
	files := map[string]string{
		".flowrider/bundle/tool*":      "#!/bin/sh\necho of the bundle",
		".flowrider/bundle/sub/other*": "#!/bin/sh\necho of a folder of the bundle",
		"environment/bin/tool*":        "#!/bin/sh\necho of the environment",
		"system/bin/tool*":             "#!/bin/sh\necho of the system",
		"system/bin/base*":             "#!/bin/sh\necho of the system, too",
	}
	for _, test := range []struct{ name, args, want string }{
		{"on PATH", `argv = ["tool"]`, "of the environment\n"},
		{"further down on PATH", `argv = ["base"]`, "of the system, too\n"},
		{"in the bundle", `argv = ["./tool"]`, "of the bundle\n"},
		{"in a folder of the bundle", `argv = ["sub/other"]`, "of a folder of the bundle\n"},
		{"in the bundle, from a working folder", "argv = [\"./tool\"]\nworkdir = \"sub\"", "of the bundle\n"},
		{"absolute", `argv = ["/bin/echo", "-n", "a b", "*", ""]`, "a b * "},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := newJob(t, test.args)
			build(t, job.Root, files)
			job.Env["PATH"] = filepath.Join(job.Root, "environment/bin") + ":" + filepath.Join(job.Root, "system/bin") + ":/usr/bin:/bin"
			command, err := Runner{}.Command(job)
			must(t, err)
			equal(t, test.want, run(t, command))
		})
	}
}

func TestShellIsUsedOnlyWhereAskedFor(t *testing.T) {
	for _, test := range []struct{ name, args, want string }{
		{"without", `argv = ["echo", "$((1 + 2)) | cat > x"]`, "$((1 + 2)) | cat > x\n"},
		{"shell = false", "argv = [\"echo\", \"a | b\"]\nshell = false", "a | b\n"},
		{"with", "argv = [\"echo $((1 + 2)) | tr 3 4; pwd | sed 's:.*/::'\"]\nshell = true", "4\nbundle\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			command, err := Runner{}.Command(newJob(t, test.args))
			must(t, err)
			equal(t, test.want, run(t, command))
		})
	}
}

func TestCommandRunsInTheBundleOrBelow(t *testing.T) {
	for _, test := range []struct{ workdir, want string }{
		{``, "bundle"},
		{`workdir = "."`, "bundle"},
		{`workdir = "sub/deep"`, "bundle/sub/deep"},
		{`workdir = "inside"`, "bundle/inside"},   // a link that stays in the bundle
		{`workdir = "results"`, "bundle/results"}, // the folder of an output, not there before
		{`workdir = "sub/../sub/"`, "bundle/sub"}, // as the user writes it
		{`workdir = "name with \n"`, "bundle/name with \n"},
	} {
		job := newJob(t, `argv = ["true"]`+"\n"+test.workdir, file("n", "results/n.txt"))
		build(t, job.Dir, map[string]string{"sub/deep/": "", "inside -> sub": "", "name with \n/": ""})
		command, err := Runner{}.Command(job)
		must(t, err)
		equal(t, filepath.Join(job.Root, ".flowrider", test.want), command.Dir)
	}
}

// The folders of declared outputs are there before the start, so that no
// command has to make them; the outputs themselves are not.
func TestFoldersOfOutputsAreMade(t *testing.T) {
	job := newJob(t, `argv = ["sh", "-c", "echo a > out/deep/a.txt; echo b > b.txt; mkdir out/model"]`,
		file("a", "out/deep/a.txt"), file("b", "b.txt"), file("model", "out/model"), runner.Output{Name: "printed", Stdout: "text"})
	command, err := Runner{}.Command(job)
	must(t, err)
	equal(t, map[string]string{"out/deep/": ""}, tree(t, job.Dir))
	run(t, command)
	equal(t, map[string]string{"out/deep/a.txt": "a\n", "b.txt": "b\n", "out/model/": ""}, tree(t, job.Dir))
}

func TestParametersArePassedAsJSON(t *testing.T) {
	for _, test := range []struct{ name, args, want string }{
		{"none", ``, "unset"},
		{"object", `parameters = { n = 3, ratio = 0.1, big = 10000000000000000000000, list = [1, "a"], flag = true, nothing = null, text = "a \"b\"\n" }`,
			`{"big":10000000000000000000000,"flag":true,"list":[1,"a"],"n":3,"nothing":null,"ratio":0.1,"text":"a \"b\"\n"}`},
		{"empty", `parameters = {}`, "{}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			command, err := Runner{}.Command(newJob(t, "argv = [\"sh\", \"-c\", \"printf %s \\\"$${FLOWRIDER_PARAMETERS-unset}\\\"\"]\n"+test.args))
			must(t, err)
			equal(t, test.want, run(t, command))
		})
	}
}

// What cannot be started is refused with the words that the configuration
// needs, and never by starting something else.
func TestCommandRefuses(t *testing.T) {
	for _, test := range []struct{ name, args, want string }{
		{"no program", `argv = []`, "argv names no program"},
		{"empty program", `argv = [""]`, "argv names no program"},
		{"null program", `argv = [null, "a"]`, "argv names no program"},
		{"null argument", `argv = ["echo", null]`, "argv[1] is null"},
		{"unknown program", `argv = ["frobnicate"]`, "frobnicate is not on the PATH"},
		{"in the bundle, not on PATH", `argv = ["tool"]`, "here write ./tool"},
		{"not executable", `argv = ["./plain"]`, "chmod +x"},
		{"program outside", `argv = ["../tool"]`, "../tool lies outside"},
		{"shell with words", "argv = [\"echo\", \"a\"]\nshell = true", "it has 2 elements"},
		{"workdir above", "argv = [\"true\"]\nworkdir = \"..\"", `workdir ".." is not below the bundle`},
		{"workdir above by dots", "argv = [\"true\"]\nworkdir = \"sub/../../x\"", `workdir "sub/../../x" is not below the bundle`},
		{"workdir absolute", "argv = [\"true\"]\nworkdir = \"/tmp\"", `workdir "/tmp" is not below the bundle`},
		{"workdir behind a link", "argv = [\"true\"]\nworkdir = \"data\"", `workdir "data" is no folder of the bundle`},
		{"workdir absent", "argv = [\"true\"]\nworkdir = \"no/such\"", `workdir "no/such" is no folder of the bundle`},
		{"workdir a file", "argv = [\"true\"]\nworkdir = \"plain\"", `workdir "plain" is no folder of the bundle`},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := newJob(t, test.args)
			build(t, job.Dir, map[string]string{"tool*": "", "plain": "", "data -> ../..": ""})
			refuses(t, job, test.want)
		})
	}
	for _, test := range []struct{ name, file, want string }{
		{"above", "../out.txt", "the file ../out.txt is not below the bundle"},
		{"absolute", "/tmp/out.txt", "the file /tmp/out.txt is not below the bundle"},
		{"the bundle itself", ".", "the file . is not below the bundle"},
		{"below a file", "plain/out.txt", "the folder plain cannot be made in the bundle: file exists"},
		{"behind a link", "data/new/out.txt", "the folder data/new cannot be made in the bundle"},
	} {
		t.Run("output "+test.name, func(t *testing.T) {
			job := newJob(t, `argv = ["true"]`, file("n", test.file))
			build(t, job.Dir, map[string]string{"plain": "", "data -> ../..": ""})
			refuses(t, job, test.want)
			equal(t, map[string]string{}, tree(t, job.Project))
		})
	}
}

// What a command prints is taken as one of two kinds.
func TestUnknownKindOfPrintedOutput(t *testing.T) {
	job := newJob(t, `argv = ["true"]`, runner.Output{Name: "n", Stdout: "xml"})
	refuses(t, job, `output "n": stdout is "json" or "text"`)
}

func refuses(t *testing.T, job *runner.Job, want string) {
	t.Helper()
	command, err := Runner{}.Command(job)
	failure, ok := err.(*runner.Failure)
	if !ok || !failure.Usage || !strings.Contains(failure.Reason, want) {
		t.Errorf("got the command %v and the error %v\nwant a refusal with %s", command, err, want)
	}
	if ok && strings.Contains(failure.Reason, job.Root) {
		t.Errorf("the refusal names a path of this machine: %v", failure)
	}
}

// What decides the result is the command line, its folder and its parameters.
func TestSpec(t *testing.T) {
	args := parse(t, `
		argv        = ["a"]
		shell       = true
		workdir     = "sub"
		parameters  = { n = 1 }
		description = "does not count"
		tags        = ["nor", "this"]
		pass_env    = ["NOR", "THAT"]`)
	want := runner.Arguments{}
	for _, name := range []string{"argv", "shell", "workdir", "parameters"} {
		want[name] = args[name]
	}
	spec := Runner{}.Spec(args)
	for name := range args {
		if got, ok := spec[name]; ok != (want[name] != (runner.Arguments{})[name]) || ok && !got.RawEquals(want[name]) {
			t.Errorf("%s is in the specification: %v", name, ok)
		}
	}
}
