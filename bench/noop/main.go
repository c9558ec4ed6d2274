// Command noop measures a plan with nothing to do: layered command flows with
// one output each, beside ninja and make with the same graph, run in turn.
//
// It measures whole processes from outside and judges nothing; a peer that is
// not installed is not measured.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	flows := flag.Int("flows", 200, "how many flows")
	rounds := flag.Int("rounds", 11, "how many rounds, after two that do not count")
	files := flag.Int("files", 0, "how many project files of 4 kB every flow sees; then also without the index of files")
	flag.Parse()
	folder, err := os.MkdirTemp("", "flowrider-bench")
	check(err)
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "program")
	run(exec.Command("go", "build", "-o", program, "./cmd/flowrider"))

	writeFiles(filepath.Join(folder, "flowrider", "src"), *files)
	root := prepare(folder, "flowrider", *flows, configuration, program, "apply")
	plan := []string{program, "plan", "--detailed-exitcode", "--chdir", root}
	commands := map[string][]string{"flowrider": plan}
	if *files > 0 {
		commands["--no-cache"] = append(plan[:len(plan):len(plan)], "--no-cache")
	}
	for name, write := range map[string]func(int) (string, string){"ninja": ninjaFile, "make": makefile} {
		path, err := exec.LookPath(name)
		if err != nil {
			fmt.Printf("%s: not measured, it is not installed\n", name)
			continue
		}
		commands[name] = []string{path, "-C", prepare(folder, name, *flows, write, path)}
	}
	measure(commands, *flows, *rounds)
}

// prepare writes a graph for a program and brings it up to date.
func prepare(folder, name string, flows int, write func(int) (string, string), program string, arguments ...string) string {
	dir := filepath.Join(folder, name)
	check(os.MkdirAll(dir, 0o777))
	file, content := write(flows)
	check(os.WriteFile(filepath.Join(dir, file), []byte(content), 0o666))
	command := exec.Command(program, arguments...)
	command.Dir = dir
	run(command)
	return dir
}

// writeFiles writes the files that every flow sees, a hundred to a folder.
func writeFiles(dir string, count int) {
	check(os.MkdirAll(dir, 0o777))
	for i := range count {
		name := filepath.Join(dir, fmt.Sprintf("p%d", i/100), fmt.Sprintf("f%d.py", i))
		check(os.MkdirAll(filepath.Dir(name), 0o777))
		check(os.WriteFile(name, []byte(strings.Repeat(fmt.Sprintln(i), 4000/len(fmt.Sprintln(i)))), 0o666))
	}
}

// needs are the earlier nodes that a node uses: up to three.
func needs(i int) []int {
	var list []int
	for _, back := range []int{10, 17, 23} {
		if i >= back {
			list = append(list, i-back)
		}
	}
	return list
}

func configuration(flows int) (file, content string) {
	var text strings.Builder
	for i := range flows {
		env := []string{}
		for _, need := range needs(i) {
			env = append(env, fmt.Sprintf("N%d = flow.f%d.output.n.path", need, need))
		}
		fmt.Fprintf(&text, "flow \"command\" \"f%d\" {\n  argv = [\"sh\", \"-c\", \"echo %d > f%d.txt\"]\n  env = { %s }\n"+
			"  output \"n\" { file = \"f%d.txt\" }\n  bundle { include = [\"src\"] }\n}\n", i, i, i, strings.Join(env, ", "), i)
	}
	return "flowrider.hcl", text.String()
}

func ninjaFile(flows int) (file, content string) {
	text := "rule r\n  command = echo $out > $out\n"
	for i := range flows {
		text += fmt.Sprintf("build f%d.txt: r", i)
		for _, need := range needs(i) {
			text += fmt.Sprintf(" f%d.txt", need)
		}
		text += "\n"
	}
	return "build.ninja", text
}

func makefile(flows int) (file, content string) {
	text := "all:"
	for i := range flows {
		text += fmt.Sprintf(" f%d.txt", i)
	}
	for i := range flows {
		text += fmt.Sprintf("\nf%d.txt:", i)
		for _, need := range needs(i) {
			text += fmt.Sprintf(" f%d.txt", need)
		}
		text += "\n\techo $@ > $@\n"
	}
	return "Makefile", text
}

// measure runs the commands in turn and prints medians and ratios.
func measure(commands map[string][]string, flows, rounds int) {
	var names []string
	for name := range commands {
		names = append(names, name)
	}
	slices.Sort(names)
	times := map[string][]time.Duration{}
	for round := range rounds + 2 {
		for _, name := range names {
			command := exec.Command(commands[name][0], commands[name][1:]...)
			begun := time.Now()
			run(command)
			if round >= 2 {
				times[name] = append(times[name], time.Since(begun))
			}
		}
	}
	fmt.Printf("%d flows, nothing to do, medians of %d rounds\n", flows, rounds)
	for _, name := range names {
		ratios := make([]float64, rounds)
		for i := range rounds {
			ratios[i] = float64(times["flowrider"][i]) / float64(times[name][i])
		}
		slices.Sort(ratios)
		sorted := slices.Sorted(slices.Values(times[name]))
		fmt.Printf("%-10s %8.1f ms   flowrider/%s %.2f\n", name, float64(sorted[rounds/2].Microseconds())/1000, name, ratios[rounds/2])
	}
}

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
