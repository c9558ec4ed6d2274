package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
)

// build makes the program that is measured.
func build(folder string) string {
	program := filepath.Join(folder, "flowrider")
	run(exec.Command("go", "build", "-o", program, "./cmd/flowrider"))
	return program
}

// apply applies a workflow as flows that sleep, whose history knows how long
// each takes, and gives the time that the program took, from its start to its
// end.
func apply(program, root string, w workflow, slots int) float64 {
	check(os.RemoveAll(root))
	check(os.MkdirAll(root, 0o777))
	check(os.WriteFile(filepath.Join(root, "flowrider.hcl"), []byte(configuration(w)), 0o666))
	remember(root, w)
	command := exec.Command(program, "apply", "--quiet", "--parallelism", fmt.Sprint(slots), "--chdir", root)
	begun := time.Now()
	run(command)
	return time.Since(begun).Seconds()
}

// configuration is a flow for each task, which needs those of its parents.
func configuration(w workflow) string {
	var text strings.Builder
	for i, t := range w.tasks {
		fmt.Fprintf(&text, "flow \"command\" \"t%d\" {\n  argv = [\"sleep\", \"%.3f\"]\n  salt = \"%d\"\n  bundle { include = [] }\n", i, t.seconds, i)
		var needs []string
		for _, parent := range t.parents {
			needs = append(needs, fmt.Sprintf("flow.t%d", parent))
		}
		fmt.Fprintf(&text, "  depends_on = [%s]\n}\n", strings.Join(needs, ", "))
	}
	return text.String()
}

// remember writes a history in which each flow has run once, of another
// configuration.
func remember(root string, w workflow) {
	records := record.Open(root, "runs", durable.With(durable.OS()))
	for i, t := range w.tasks {
		check(records.Append(&record.Record{
			Schema: record.Schema, Flow: fmt.Sprintf("flow.t%d", i), Runner: "command", RunID: fmt.Sprintf("before-%d", i),
			ConfigHash: fmt.Sprintf("h1:%02x", i%256), Components: map[string]string{}, DataVersion: "run:before", Started: time.Now().UTC().Truncate(time.Millisecond),
			Duration: t.seconds, Platform: "none",
		}))
	}
}

// run runs a command, whose output is only of interest if it fails.
func run(command *exec.Cmd) {
	if output, err := command.CombinedOutput(); err != nil {
		log.Fatalf("%s: %v\n%s", command, err, output)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
