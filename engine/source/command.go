package source

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/schema"
)

// command warns of what a command is given and that only a shell would make something
// of.
func (c *checker) command(flow *plan.Flow) {
	address := flow.Instance.Address.Whole().String()
	for _, output := range flow.Instance.Flow.Outputs {
		if file, known := flow.Resolved.Outputs[output.Name]["file"].Text(); known && strings.ContainsAny(file, "*?") {
			c.pattern(address, output.Argument("file").Expr.Range(), file)
		}
	}
	words := flow.Words()
	for i, word := range words {
		if i > 0 && slices.Contains(signs, word) && !slices.Contains(readers, path.Base(words[0])) {
			c.sign(flow, address, words, i)
			return
		}
	}
}

// signs are what a shell takes for something else than an argument, and readers are
// programs that do so themselves.
var (
	signs   = []string{">", ">>", "<", "|", "&&", "||", "2>", "2>&1"}
	readers = []string{"[", "test", "expr", "sh", "bash", "dash", "zsh"}
)

// sign warns of such an element of argv.
func (c *checker) sign(flow *plan.Flow, address string, words []string, at int) {
	line := strings.Join(words, " ")
	if slices.ContainsFunc(words, func(word string) bool { return word == "" || strings.ContainsAny(word, " \t\n\"'`$\\*?[](){};#~") }) {
		line = "… " + words[at] + " …"
	}
	place := flow.WordPlace(at)
	advice := schema.As(place, `argv = [%q] and shell = true`, `"argv": [%q] and "shell": true`)
	c.wrong(place, "Not a shell", "%s: %q is passed to %s as an argument, as no shell reads argv. Write "+advice+".",
		address, words[at], cmp.Or(words[0], "the program"), line).Severity = hcl.DiagWarning
}

// pattern warns of an output's file that is written as a wildcard.
func (c *checker) pattern(address string, place hcl.Range, file string) {
	advice := "Write the path of a file, or of a folder for all that is in it."
	if folder := path.Dir(file); folder != "." && !strings.ContainsAny(folder, "*?") {
		advice = fmt.Sprintf("Write %q for all that is in that folder.", folder)
	}
	c.wrong(place, "No wildcards", "%s: an output is one file or folder, and %q is taken as its name. %s", address, file, advice).Severity = hcl.DiagWarning
}
