package battery_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mitchellh/go-wordwrap"
)

const introduction = `# What flowrider survives, and how that is known

<!-- Written by go test ./battery -run Page -update from the figures that tests
say. Edit battery/render_test.go and battery/catalogue_test.go. -->

What was reported as recorded stays recorded, whole, whatever happens to the
process or to the machine; what was not is run again by the next apply; nothing
has to be repaired or unlocked by hand. These tests try to make that untrue.
Each has a number, asserts its own count, and says what it saw.

The first tier runs on every change, with ` + "`go test ./...`" + `; the full one with
` + "`go test ./... -tags full`" + `, an hour or more. They need Linux, and root for what is
mounted, traced or killed: where that is missing a test is skipped loudly, and
with ` + "`FLOWRIDER_REQUIRE_ROOT=1`" + ` it fails. ` + "`FLOWRIDER_SEED`" + ` repeats a random test.

    export FLOWRIDER_FIGURES=/tmp/figures
    go test ./... -tags full -timeout 3h
    go test ./battery -run Page -update

`

const limits = `
Not testable on one machine, and so not claimed: NFS and Lustre, what a disk does
that says it has flushed and has not, and macOS, where an fsync is asked for in
the strongest way there is and where the disk's own cache is trusted.
`

// write is docs/reliability.md.
func (p page) write(places map[string]string) string {
	var text strings.Builder
	text.WriteString(introduction)
	fmt.Fprintf(&text, "Machine: %s.\n\n", p.machine)
	text.WriteString("| | what is done | what was seen | tier | seed |\n|---|---|---|---|---|\n")
	for _, e := range catalogue {
		said := slices.DeleteFunc(slices.Clone(p.figures), func(f figure) bool { return f.id != e.id })
		if e.late != "" || len(said) == 0 {
			continue
		}
		for i, f := range said {
			id, does := e.id, e.does
			if i > 0 {
				id, does = "", ""
			}
			place := strings.TrimPrefix(places[testFunction(f.test)], "../")
			fmt.Fprintf(&text, "| %s | %s | %s ([`%s`](../%s)) | %s | %s |\n", id, does, f.text, f.test, place, f.tier, f.seed)
		}
	}
	text.WriteString("\nWithout a figure so far:\n\n| | what is done | |\n|---|---|---|\n")
	for _, e := range catalogue {
		why := e.late
		if why == "" && !slices.ContainsFunc(p.figures, func(f figure) bool { return f.id == e.id }) {
			why = "has not said any yet"
		}
		if why != "" {
			fmt.Fprintf(&text, "| %s | %s | %s |\n", e.id, e.does, why)
		}
	}
	text.WriteString(limits)
	return text.String()
}

var (
	machineLine = regexp.MustCompile(`(?m)^Machine: (.*)\.$`)
	figureLine  = regexp.MustCompile("(?m)^\\| (T\\d\\d)? \\| .*? ?\\| (.*) \\(\\[`(.*?)`\\]\\(.*?\\)\\) \\| (\\w+) \\| (\\S+) \\|$")
)

// parsePage reads what write has written.
func parsePage(text string) page {
	var p page
	if match := machineLine.FindStringSubmatch(text); match != nil {
		p.machine = match[1]
	}
	id := ""
	for _, match := range figureLine.FindAllStringSubmatch(text, -1) {
		if match[1] != "" {
			id = match[1]
		}
		p.figures = append(p.figures, figure{id, match[3], match[4], match[5], match[2]})
	}
	return p
}

// sentenceMarks hold the sentence in README.md.
var sentenceMarks = regexp.MustCompile(`(?s)<!-- reliability -->\n.*?<!-- /reliability -->`)

// clauses are what the sentence in README.md may say: each only with the number
// of a full run, which is the first thing that the test's figure says.
var clauses = []struct{ test, says string }{
	{"TestT01", "killed with SIGKILL at %s random instants of an apply"},
	{"TestT02", "killed at %s system calls, one after the other"},
	{"TestT03", "cut off from its power in %s ways on a real file system"},
	{"TestT04", "cut off in %s ways in a model of a worse one"},
	{"TestT05", "given %s disks that were too small"},
	{"TestT06", "handed %s errors of the operating system where it writes"},
}

// sentence is what README.md says.
func (p page) sentence() string {
	var said []string
	for _, clause := range clauses {
		for _, f := range p.figures {
			if count := leading.FindString(f.text); f.tier == "full" && strings.HasPrefix(f.test, clause.test) && count != "" {
				said = append(said, fmt.Sprintf(clause.says, grouped(count)))
				break
			}
		}
	}
	text := "Nobody has run its battery of tests in full yet."
	if last := len(said) - 1; last >= 0 {
		list := said[last]
		if last > 0 {
			list = strings.Join(said[:last], ", ") + " and " + said[last]
		}
		text = "In the last full run of its battery of tests, flowrider was " + list + ": " +
			"no record that it had reported was lost or torn, no failure was reported as a success, and " +
			"every next apply went on without repair."
	}
	return "<!-- reliability -->\n" + wordwrap.WrapString(text, 88) + "\n<!-- /reliability -->"
}

// grouped is a number with commas between its thousands.
func grouped(number string) string {
	digits := strings.ReplaceAll(number, ",", "")
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

var leading = regexp.MustCompile(`^[0-9][0-9,]*`)
