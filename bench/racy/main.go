// Command racy counts changes of inputs that a tool misses for good: the input
// has changed, the tool is asked twice, says that nothing is to do, and the
// output is not made of the input. flowrider, ninja and make build the same graph:
// many outputs, each the copy of one input.
//
// It measures from outside and judges nothing; a tool that is not installed is not
// measured.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// tool is a program that brings outputs up to date.
type tool struct {
	name    string
	file    string // of the graph
	graph   func(recipes []string) string
	command []string
}

// change is what is done to an input after a build; nil for the one that the
// recipe itself does as soon as it has read the input.
type change struct {
	name string
	make func(input, content string)
}

func main() {
	inputs := flag.Int("inputs", 200, "how many inputs change")
	flag.Parse()
	folder, err := os.MkdirTemp("", "flowrider-bench")
	check(err)
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "program")
	run(exec.Command("go", "build", "-o", program, "./cmd/flowrider"))
	tools := []tool{
		{"flowrider", "flowrider.hcl", configuration, []string{program, "apply"}},
		{"ninja", "build.ninja", ninjaFile, []string{"ninja"}},
		{"make", "Makefile", makefile, []string{"make", "-j2"}},
	}
	fmt.Printf("changes missed for good, of %d, in %s\n%-36s", *inputs, fileSystem(folder), "")
	for _, tool := range tools {
		fmt.Printf(" %12s", tool.name)
	}
	fmt.Println()
	for i, c := range changes {
		fmt.Printf("%-36s", c.name)
		for _, tool := range tools {
			fmt.Printf(" %12s", measure(filepath.Join(folder, fmt.Sprint(i), tool.name), tool, c, *inputs))
		}
		fmt.Println()
	}
}

var changes = []change{
	{"changed just after it was read", nil},
	{"same size, mtime restored", func(input, content string) {
		keepTime(input, input, func() { write(input, content) })
	}},
	{"replaced, same size and mtime", func(input, content string) {
		write(input+".new", content)
		keepTime(input, input+".new", func() {})
		check(os.Rename(input+".new", input))
	}},
	{"replaced by an older file", func(input, content string) {
		write(input+".old", content)
		check(os.Chtimes(input+".old", long, long))
		check(os.Rename(input+".old", input))
	}},
	{"mtime in the future", func(input, content string) {
		write(input, content)
		check(os.Chtimes(input, long.AddDate(100, 0, 0), long.AddDate(100, 0, 0)))
	}},
}

// long is a time long ago.
var long = time.Unix(1_000_000_000, 0)

// keepTime gives a file the mtime that another one had before something was done.
func keepTime(of, to string, do func()) {
	info, err := os.Stat(of)
	check(err)
	do()
	check(os.Chtimes(to, info.ModTime(), info.ModTime()))
}

// recipe copies an input with nothing but what the shell can do by itself, and at
// once changes the input where that is asked for.
const recipe = "read x < in/%[1]s; echo $x > out/%[1]s; if [ -e %[2]s/next/%[1]s ]; then echo new > %[2]s/in/%[1]s; rm %[2]s/next/%[1]s; fi"

// measure builds, changes every input, builds twice more, and counts the outputs
// that are not made of their inputs.
func measure(dir string, t tool, c change, inputs int) string {
	path, err := exec.LookPath(t.command[0])
	if err != nil {
		return "not measured"
	}
	for _, folder := range []string{"in", "out", "next"} {
		check(os.MkdirAll(filepath.Join(dir, folder), 0o777))
	}
	var recipes []string
	for i := range inputs {
		write(filepath.Join(dir, "in", name(i)), "old\n")
		if c.make == nil {
			write(filepath.Join(dir, "next", name(i)), "new\n")
		}
		recipes = append(recipes, fmt.Sprintf(recipe, name(i), dir))
	}
	write(filepath.Join(dir, t.file), t.graph(recipes))
	build := func() {
		command := exec.Command(path, t.command[1:]...)
		command.Dir = dir
		run(command)
	}
	build()
	for i := range inputs {
		if c.make != nil {
			c.make(filepath.Join(dir, "in", name(i)), "new\n")
		}
	}
	build()
	build()
	missed := 0
	for i := range inputs {
		content, err := os.ReadFile(filepath.Join(dir, "out", name(i)))
		check(err)
		if !bytes.Equal(content, []byte("new\n")) {
			missed++
		}
	}
	return fmt.Sprint(missed)
}

func name(i int) string { return fmt.Sprintf("f%03d", i) }

func configuration(recipes []string) string {
	var text strings.Builder
	for i, recipe := range recipes {
		fmt.Fprintf(&text, "flow \"command\" %[1]q {\n  argv = [\"sh\", \"-c\", %[2]q]\n  output \"n\" { file = \"out/%[1]s\" }\n  bundle { include = [\"in/%[1]s\"] }\n}\n",
			name(i), "mkdir -p out; "+recipe)
	}
	return text.String()
}

func ninjaFile(recipes []string) string {
	text := "rule r\n  command = $recipe\n"
	for i, recipe := range recipes {
		text += fmt.Sprintf("build out/%[1]s: r in/%[1]s\n  recipe = %[2]s\n", name(i), strings.ReplaceAll(recipe, "$", "$$"))
	}
	return text
}

func makefile(recipes []string) string {
	text := "all:"
	for i := range recipes {
		text += " out/" + name(i)
	}
	for i, recipe := range recipes {
		text += fmt.Sprintf("\nout/%[1]s: in/%[1]s\n\t%[2]s\n", name(i), strings.ReplaceAll(recipe, "$", "$$"))
	}
	return text
}

// fileSystem is the type of the file system that a folder is on.
func fileSystem(folder string) string {
	out, err := exec.Command("df", "--output=fstype", folder).Output()
	if fields := strings.Fields(string(out)); err == nil && len(fields) == 2 {
		return fields[1]
	}
	return folder
}

func write(path, content string) { check(os.WriteFile(path, []byte(content), 0o666)) }

func run(command *exec.Cmd) {
	if out, err := command.CombinedOutput(); err != nil {
		log.Fatalf("%v: %v\n%s", command.Args, err, out)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
