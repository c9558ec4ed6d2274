package flowrider_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/schema"
)

var update = flag.Bool("update", false, "write generated documentation")

// docs/language.md is written from the tables that the loader decodes by.
func TestTheReferenceOfTheLanguageIsFresh(t *testing.T) {
	const name = "docs/language.md"
	want := languageReference()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is stale, go test . -update writes it (-want +got):\n%s", name, diff)
	}
}

const languageIntroduction = `# The language

HCL 2, in ` + "`flowrider.hcl`, `*.flow.hcl` and `*.flow.hcl.json`" + ` of one folder, the root folder. Names are
unique per block, whatever the kind: ` + "`flow.clean`, `environment.ml`, `hook.columns`, `local.models`, `var.seed`," + `
` + "`project.tumours`. With `for_each` a flow has instances: `flow.train[\"forest\"]`" + `, all of them in
` + "`{ for key, f in flow.train : key => f.run_id }`." + `

What a flow needs is what it refers to. A flow is worth:

| attribute | value | counts in the config hash as |
|---|---|---|
| ` + "`run_id`, `pathspec`" + ` | of its run | the data version of its whole result |
| ` + "`parameters`" + ` | as evaluated | themselves |
| ` + "`output.NAME.path`" + ` | command: the file or folder in flowrider's store, read-only | its content and own name |
| ` + "`output.NAME.value`" + ` | command with stdout: what was printed | itself |
| ` + "`output.NAME.digest`" + ` | of the content | the output's data version |
| ` + "`output.NAME.run_id`" + ` | Metaflow: the run's ID | the data version of that artifact alone |

Also: ` + "`each.key` and `each.value` in a flow with for_each, `path.root`, `git.commit`, `git.branch`, `git.repo_name`" + `
(ambient), ` + "`workspace`" + `. *Ambient* values, also those of ` + "`ambient(x)`" + `, are passed and recorded and do not count;
*sensitive* ones, ` + "`sensitive(x)`" + ` or a variable with ` + "`sensitive = true`" + `, may stand in ` + "`env` and `secrets`" + ` alone and are shown nowhere (docs/secrets.md).

A flow runs in a bundle: a copy of the project's files that ` + "`.gitignore` and `.flowriderignore`" + ` leave, without flowrider's
own and published outputs; with ` + "`include`" + `, of just those that it names. All of them count. What is not in it
cannot be imported or read by a relative path. ` + "`flowrider bundle ls FLOW`" + ` lists it.
`

// A test of engine/runner/metaflow holds that no option is missing here.
const metaflowOptions = `
## Options of Metaflow

These, in ` + "`options` or `run_options`" + `, say how or where a flow runs, and do not count: ` + "`quiet`, `pylint`," + `
` + "`metadata`, `datastore`, `event-logger`, `monitor`, `tag`, `max-workers`, `max-num-splits`, `max-log-size`" + `; of
` + "`with`, the decorators `batch`, `kubernetes`, `resources`, `retry`, `timeout`, `card`" + `; and a flag that is false and
has no opposite. All others count. ` + "`run-id-file`, `datastore-root`, `config`, `config-value`" + ` are refused; the message names the way out.
`

func languageReference() string {
	var text strings.Builder
	text.WriteString(languageIntroduction)
	for _, block := range schema.Blocks() {
		fmt.Fprintf(&text, "\n## `%s`\n\n| argument | type | |\n|---|---|---|\n", block.Header)
		for _, argument := range block.Arguments {
			name := "`" + argument.Name + "`"
			if argument.Required {
				name = "**" + name + "**"
			}
			fmt.Fprintf(&text, "| %s | %s | %s |\n", name, argument.Type.FriendlyNameForConstraint(), argument.Help)
		}
		if len(block.Blocks) > 0 {
			fmt.Fprintf(&text, "\nBlocks inside: `%s`.\n", strings.Join(block.Blocks, "`, `"))
		}
	}
	text.WriteString("\nArguments in bold are required. `locals { NAME = VALUE }` names values.\n" + metaflowOptions + "\n## Functions\n\n`" +
		strings.Join(eval.FunctionNames(), "`, `") + "`: see [functions.md](functions.md).\n")
	return text.String()
}
