package flowrider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/internal/testenv"
)

// docs/functions.md is written from the tables of the functions. A test of
// engine/eval evaluates the examples.
func TestTheReferenceOfTheFunctionsIsFresh(t *testing.T) {
	testenv.Page(t, "docs/functions.md", functionsReference(), *update, "go test . -update")
}

const functionsIntroduction = `# Functions

They have Terraform's names and do what Terraform's do, as far as there are any. What is in brackets may be left out, what
has dots repeats. ` + "`flowrider functions NAME`" + ` shows one of them, ` + "`flowrider console`" + ` tries expressions.

* **Files** are named by paths relative to the folder of ` + "`flowrider.hcl`" + `, which no path leaves. What is read counts: a flow
  whose arguments use it runs again when the file changes. A value has at most 1 MiB; larger files are for the flow, in its
  bundle.
* **Limits**: no function makes a text of more than 1 MiB, a list of more than 100,000 elements or a number of more than 1,000
  digits. Templates call templates 10 deep.
* **What counts** stays what it is: a function of a run ID counts by the data versions behind it where it passes IDs on as they
  are, and by its value where it takes them apart; of an ambient value it is ambient, of a sensitive one sensitive.
* The examples read ` + "`data/notes.txt`, with `hi` in one line, `data/raw/a.csv`, and `query.sql.tftpl`, with `select * from ${table}`" + `.
`

func functionsReference() string {
	var text strings.Builder
	text.WriteString(functionsIntroduction)
	for _, group := range eval.FunctionGroups() {
		fmt.Fprintf(&text, "\n## %s\n\n| function | | example | gives |\n|---|---|---|---|\n", group.Title)
		for _, f := range group.Functions {
			fmt.Fprintf(&text, "| `%s` | %s | %s | %s |\n", f.Signature, cell(f.Help), code(f.Example), code(f.Result))
		}
	}
	text.WriteString("\n## Functions of Terraform that there are not\n\nA function that gives another answer on each call, or on each machine, would make flows run for ever.\n\n| function | |\n|---|---|\n")
	for _, f := range eval.AbsentFunctions() {
		fmt.Fprintf(&text, "| `%s` | %s |\n", f.Name, cell(f.Why))
	}
	return text.String()
}

// cell is a text as it stands in a table of Markdown.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "*", "\\*", "<", "&lt;").Replace(text)
}

func code(text string) string { return "`" + strings.ReplaceAll(text, "|", "\\|") + "`" }
