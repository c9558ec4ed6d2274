package apply_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/flowrider/flowrider/engine/apply"
)

var update = flag.Bool("update", false, "write what is seen into the files of testdata")

// Each file of testdata is a story: a configuration, then applies one after
// another, each with what is done before it and the events that come of it, flow
// by flow.
// What can be done:
//
//	give ADDRESS TEXT     the flow's result from here on
//	fail ADDRESS REASON   its runs fail from here on
//	mend ADDRESS          … and do no more
//	hang ADDRESS          its process does not end by itself
//	var NAME VALUE        a variable from here on
//	replace ADDRESS       force the flow to run in this apply
//	interrupt ADDRESS     interrupt this apply when the flow runs
//	parallelism NUMBER    how many flows run at once: 1 if it is not said
func TestTraces(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tell(t, archive)
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// tell goes through a story. With -update it writes the events down.
func tell(t *testing.T, archive *txtar.Archive) {
	t.Helper()
	s := &story{runner: newFake(), hangs: map[string]bool{}}
	for i, section := range archive.Files {
		switch {
		case section.Name == "flowrider.hcl":
			s.project = newProject(t, string(section.Data), s.runner)
			s.parallelism = 1
		case strings.HasPrefix(section.Name, "do "):
			for line := range strings.Lines(string(section.Data)) {
				s.do(strings.TrimSpace(line))
			}
		case strings.HasPrefix(section.Name, "events "):
			got := s.events()
			if *update {
				archive.Files[i].Data = []byte(got)
			} else {
				equal(t, string(section.Data), got)
			}
		default:
			t.Fatalf("section %q", section.Name)
		}
	}
}

type story struct {
	*project
	runner    *fake
	hangs     map[string]bool
	interrupt string
}

func (s *story) do(line string) {
	words := append(strings.SplitN(line, " ", 3), "", "")
	switch address, text := words[1], words[2]; words[0] {
	case "give":
		s.runner.gives[address] = text
	case "fail":
		s.runner.fails[address] = text
	case "mend":
		delete(s.runner.fails, address)
		delete(s.hangs, address)
	case "hang":
		s.hangs[address] = true
	case "var":
		s.variables[address] = text
	case "replace":
		s.replace = append(s.replace, address)
	case "parallelism":
		s.parallelism, _ = strconv.Atoi(address)
	case "interrupt":
		s.interrupt = address
	default:
		s.Fatalf("nobody knows how to %s", line)
	}
}

// events applies and writes down what was told, and what is recorded then.
func (s *story) events() string {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	s.runner.began = func(address string) []string {
		if s.hangs[address] {
			return []string{"/bin/sleep", "1000"}
		}
		return []string{"/bin/true"}
	}
	result := s.apply(ctx, func(event apply.Event) {
		if event.State == apply.Running && event.Address == s.interrupt {
			cancel(fmt.Errorf("interrupted"))
		}
	})
	s.interrupt, s.replace = "", nil

	// What settles and what runs go side by side: each flow's events have one
	// order, and those of two have not.
	slices.SortStableFunc(result.events, func(a, b apply.Event) int { return strings.Compare(a.Address, b.Address) })
	var text strings.Builder
	for _, event := range result.events {
		fmt.Fprintf(&text, "%s %s", event.Address, event.State)
		if event.Reason != "" {
			fmt.Fprintf(&text, ": %s", event.Reason)
		}
		if event.RunID != "" {
			fmt.Fprintf(&text, ", run %s", event.RunID)
		}
		text.WriteString("\n")
	}
	if result.err != nil {
		fmt.Fprintf(&text, "error: %v\n", result.err)
	}
	recorded := s.recorded()
	text.WriteString("recorded:")
	for _, address := range slices.Sorted(maps.Keys(recorded)) {
		fmt.Fprintf(&text, " %s", recorded[address])
	}
	return text.String() + "\n"
}
