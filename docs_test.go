package flowrider_test

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/internal/testenv"
	"github.com/flowrider/flowrider/schema"
)

var update = flag.Bool("update", false, "write generated documentation")

// docs/language.md is written from the tables that the loader decodes by.
func TestTheReferenceOfTheLanguageIsFresh(t *testing.T) {
	testenv.Page(t, "docs/language.md", languageReference(), *update, "go test . -update")
}

const languageIntroduction = `# The language

HCL 2, in ` + "`flowrider.hcl`, `*.flow.hcl` and `*.flow.hcl.json`" + ` of one folder, the root folder; it is one by
` + "`flowrider.hcl`" + `, which has to be there and may be empty. Names are
unique per block, whatever the kind: ` + "`flow.clean`, `environment.ml`, `hook.columns`, `local.models`, `var.seed`," + `
` + "`project.tumours`. With `for_each` a flow has instances: `flow.train[\"forest\"]`" + `, all of them in
` + "`{ for key, f in flow.train : key => f.run_id }`." + `

What a flow needs is what it refers to. A flow is worth:

| attribute | value | counts in the config hash as |
|---|---|---|
| ` + "`run_id`, `pathspec`" + ` | of its run | the data version of its whole result |
| ` + "`parameters`" + ` | as evaluated | themselves |
| ` + "`output.NAME.path`" + ` | command with file: the file or folder in flowrider's store, read-only | its content and own name |
| ` + "`output.NAME.value`" + ` | command with stdout: what was printed | itself |
| ` + "`output.NAME.digest`" + ` | of the content | the output's data version |
| ` + "`output.NAME.run_id`" + ` | Metaflow: the run's ID | the data version of that artifact alone |

Also: ` + "`each.key` and `each.value` in a block with for_each, `path.root`, `git.commit`, `git.branch`, `git.repo_name`" + `
(ambient), ` + "`workspace`" + `. *Ambient* values, also those of ` + "`ambient(x)`" + `, are passed and recorded and do not count;
*sensitive* ones, ` + "`sensitive(x)`" + ` or a variable with ` + "`sensitive = true`" + `, may stand in ` + "`env` and `secrets`, in `args` and `kwargs`" + ` of
hooks, and in outputs with ` + "`sensitive = true`" + `, and are shown nowhere (docs/secrets.md).

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
has no opposite. All others count. ` + "`run-id-file`, `datastore-root`, `config`, `config-value`" + ` are refused, as is any ` + "`metadata` or `datastore` but \"local\"" + `; the message names the way out.
`

const valuesOfVariables = `
## Values of variables

Each of these wins over those before it:

1. ` + "`default`" + ` in the block;
2. ` + "`FLOWRIDER_VAR_seed=8`" + ` in the environment;
3. ` + "`seed = 8` in `flowrider.vars.hcl`" + ` beside flowrider.hcl, which is read without being named;
4. ` + "`--var-file FILE`" + `, the later ones over the earlier: lines as in flowrider.vars.hcl, or JSON if its name ends in .json;
5. ` + "`--var seed=8`" + `, wherever it stands.

Files whose names end in ` + "`.vars.hcl` or `.vars.hcl.json`" + ` are in no bundle, not even where ` + "`include`" + ` names one, which is told: what they say counts where it is used.

A text is given as it is: ` + "`--var name=forest`" + `. A list or an object is written as in the configuration: ` + "`--var 'models=[\"forest\"]'`" + `.

## Instances

` + "`flow.train[\"forest\"].run_id`" + ` is of one instance. So is ` + "`flow.clean[each.key].run_id`" + ` in a flow with for_each: each of its
instances needs that one of clean alone, and where one fails the others go on. Any key will do that is known before anything
runs, also in ` + "`depends_on = [flow.clean[each.key]]`" + `; one that a for goes through leads to all instances. ` + "`flow.train`" + ` is an object of all, so that ` + "`values(flow.train)[*].run_id`" + ` is the
list of their runs, in the order of their keys, and ` + "`{ for key, f in flow.train : key => f.run_id }`" + ` has their names. Hooks
and environments with for_each are objects in the same way.

## JSON

In a ` + "`*.flow.hcl.json`" + ` file the labels of a block are the names of nested objects, and what stands more than once is a
list. A text is a template: an expression is ` + "`\"${var.seed}\"`" + `, and keeps its type. Arguments that name flows or profiles
(` + "`after`, `depends_on`, `inherits`, `from`, `to`" + `) may do without: ` + "`\"flow.train\"`" + `. [json](../examples/language/json):

` + "```json\n%s```" + `
`

func languageReference() string {
	var text strings.Builder
	text.WriteString(languageIntroduction)
	for _, block := range schema.Blocks() {
		inFlow := strings.Contains(block.Header, "flow ") || strings.Contains(block.Header, "in a flow") || strings.HasPrefix(block.Header, "profile")
		counts := ""
		if inFlow {
			counts = " counts |"
		}
		fmt.Fprintf(&text, "\n## `%s`\n\n| argument | type | default |%s |\n|---|---|---|%s---|\n", block.Header, counts, strings.Repeat("---|", strings.Count(counts, "|")))
		for _, argument := range block.Arguments {
			name := "`" + argument.Name + "`"
			if argument.Required {
				name = "**" + name + "**"
			}
			if inFlow {
				counts = map[bool]string{true: " no |", false: " yes |"}[argument.Aside]
			}
			fmt.Fprintf(&text, "| %s | %s | %s |%s %s |\n", name, argument.Type.FriendlyNameForConstraint(), argument.Default, counts, argument.Help)
		}
		if len(block.Blocks) > 0 {
			fmt.Fprintf(&text, "\nBlocks inside: `%s`.\n", strings.Join(block.Blocks, "`, `"))
		}
		if folder := exampleOf(block.Header); folder != "" {
			source, err := os.ReadFile(folder + "/flowrider.hcl")
			if err != nil {
				panic(err) // exampleOf has seen it
			}
			fmt.Fprintf(&text, "\n[%s](../%s):\n\n```hcl\n%s```\n", path.Base(folder), folder, source)
		}
	}
	json, err := os.ReadFile("examples/language/json/flows.flow.hcl.json")
	if err != nil {
		panic(err) // a test has it
	}
	text.WriteString("\nArguments in bold are required; *counts* says whether they count in the config hash. `locals { NAME = VALUE }` names values: [locals](../examples/language/locals).\n" + fmt.Sprintf(valuesOfVariables, json) + metaflowOptions + "\n## Functions\n\n`" +
		strings.Join(eval.FunctionNames(), "`, `") + "`: see [functions.md](functions.md).\n")
	return text.String()
}

// exampleOf is the folder with an example of a block; "" for blocks that stand in
// others, and in their examples.
func exampleOf(header string) string {
	var words []string
	for word := range strings.FieldsSeq(header) {
		if word = strings.Trim(word, `"`); word != "NAME" {
			words = append(words, word)
		}
	}
	name := strings.Join(words, "_")
	if name == "moved" || name == "import" {
		name = "moved_and_import"
	}
	folder := "examples/language/" + name
	if _, err := os.Stat(folder); err != nil {
		return ""
	}
	return folder
}

// Each argument of each block stands in an example, which a test plans.
func TestEachArgumentHasAnExample(t *testing.T) {
	names, err := filepath.Glob("examples/language/*/flowrider.hcl")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, name := range names {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, diags := hclsyntax.ParseConfig(source, name, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		show(shown, "", file.Body.(*hclsyntax.Body))
	}
	for _, block := range schema.Blocks() {
		if strings.HasPrefix(block.Header, "profile") {
			continue // it has those of flows
		}
		for _, argument := range block.Arguments {
			if !shown[block.Header+" "+argument.Name] {
				t.Errorf("%s: %s is in no example", block.Header, argument.Name)
			}
		}
	}
}

// show notes the arguments in a body, by the headers of their blocks.
func show(shown map[string]bool, in string, body *hclsyntax.Body) {
	for name := range body.Attributes {
		shown[in+" "+name] = true
	}
	for _, block := range body.Blocks {
		header := block.Type
		switch {
		case in == "" && len(block.Labels) == 2:
			header += fmt.Sprintf(" %q \"NAME\"", block.Labels[0])
		case in == "" && len(block.Labels) == 1:
			header += " \"NAME\""
		case block.Type == "output":
			header += " \"NAME\" in a " + strings.TrimSuffix(in, " \"NAME\"")
		case in != "":
			header += " in a " + strings.Fields(in)[0]
		}
		show(shown, header, block.Body)
	}
}
