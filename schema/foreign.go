package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/diag"
)

// meant finds what a name should be that stands for no argument or block: one of
// those that there are, with what to know of it, or else only what to write.
func (t *table) meant(name, noun string, candidates []string) (best, advice string) {
	advice = foreignArguments[name]
	if t == fileTable {
		advice = foreignBlocks[name].advice
	}
	if noun == "block" && fileTable.hasBlock(name) && t.elsewhere(name) == "" {
		return "", outside(name)
	}
	for _, argument := range synonyms[name] {
		if slices.Contains(candidates, argument) {
			return argument, argumentForms[argument]
		}
	}
	if advice != "" {
		return "", advice
	}
	if t != fileTable || noun == "block" { // else a block is not what was meant
		best = diag.Suggest(name, candidates)
	}
	if place := t.elsewhere(name); place != "" && (best == "" || !strings.HasPrefix(best, name)) {
		return "", place
	}
	return best, ""
}

// outside says where a block stands that was found in another.
func outside(block string) string {
	return fmt.Sprintf("%s %s block stands outside of other blocks. Put it there, or close what it is in before it: a } may be missing.", capital(article(block)), block)
}

// elsewhere says which other blocks have a name.
func (t *table) elsewhere(name string) string {
	var places []string
	for _, table := range Blocks() {
		if argumentNamed(table.Arguments, name) == nil && !slices.Contains(table.Blocks, name) {
			continue
		}
		block, in, nested := strings.Cut(strings.Replace(table.Header, ` "NAME"`, "", 1), " in a ")
		place := article(block) + " " + block + " block"
		if nested {
			place += " in a " + in
		}
		if !strings.HasPrefix(block, "profile") {
			places = append(places, place)
		}
	}
	if len(places) > 0 && len(places) <= 3 {
		return fmt.Sprintf("It belongs into %s.", strings.Join(places, " or "))
	}
	return ""
}

// synonyms are other words for arguments: of each the first that a block takes is
// meant.
var synonyms = map[string][]string{
	"command": {"argv"}, "cmd": {"argv"}, "args": {"argv"}, "run": {"argv", "run_id"}, "exec": {"argv"}, "program": {"argv"},
	"script": {"file", "argv", "function"}, "path": {"file"}, "source": {"file"}, "module": {"file", "function"}, "filename": {"file"}, "flow_file": {"file"}, "flow": {"file"},
	"file": {"artifact", "function", "argv"}, "stdout": {"artifact"}, "name": {"artifact"}, "publish": {"artifact"},
	"func": {"function"}, "callable": {"function"}, "handler": {"function"}, "entrypoint": {"function"},
	"slots": {"size"}, "capacity": {"size"}, "amount": {"size"}, "count": {"size", "attempts"}, "limit": {"size", "attempts"}, "max": {"size", "attempts"},
	"times": {"attempts"}, "tries": {"attempts"}, "retries": {"attempts"}, "number": {"attempts"}, "wait": {"delay"}, "backoff": {"delay"},
	"id": {"run_id"}, "target": {"to"}, "old": {"from"}, "new": {"to"}, "expr": {"value"}, "expression": {"value"}, "result": {"value"},
	"message": {"error_message"}, "error": {"error_message"}, "msg": {"error_message"}, "rule": {"condition"}, "test": {"condition"}, "assert": {"condition"},
	"profile": {"inherits"}, "profiles": {"inherits"}, "inherit": {"inherits"}, "extends": {"inherits"},
	"python_version": {"python"}, "requires_python": {"python"}, "python_requires": {"python"},
	"outputs": {"output"}, "outs": {"output"},
	"pip": {"packages"}, "dependencies": {"packages"}, "deps": {"packages"}, "libraries": {"packages"},
}

// argumentForms say how arguments are written that have another form than their
// synonyms elsewhere.
var argumentForms = map[string]string{
	"argv":     `Write argv = ["program", "argument"], or argv = ["one | line"] with shell = true.`,
	"packages": `Write packages = { pandas = ">=2" }.`,
	"function": `Write function = "package.module:name".`,
	"inherits": `Write inherits = [profile.NAME].`,
	"output":   `Write output "NAME" { … }.`,
}

// foreignKinds are other words for the kind "command" of flows and hooks, with the
// program that each names.
var foreignKinds = map[string]string{
	"shell": "sh", "sh": "sh", "bash": "bash", "exec": "program", "script": "sh", "program": "program", "python": "python", "docker": "docker",
}

// commandLine is the argv of a block of such a kind, with the file that it names.
func commandLine(kind string, body hcl.Body) string {
	line := fmt.Sprintf("[%q, %s]", foreignKinds[kind], scriptOf(body))
	return As(body.MissingItemRange(), "argv = "+line, `"argv": `+line)
}

// scriptOf is the file that a block says in words of its own, as a text.
func scriptOf(body hcl.Body) string {
	for _, name := range []string{"file", "script"} {
		content, _, _ := body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: name}}})
		if attribute := content.Attributes[name]; attribute != nil {
			if value, diags := attribute.Expr.Value(nil); !diags.HasErrors() && value.Type() == cty.String && !value.IsNull() {
				return strconv.Quote(value.AsString())
			}
		}
	}
	return "…"
}

// foreignBlock is a block of another tool's: which of ours is written in its
// place, if any.
type foreignBlock struct{ kind, advice string }

// foreignBlocks are what users of other tools look for at the top of a file.
var foreignBlocks = map[string]foreignBlock{
	"terraform":  {"", "Settings stand in a block flowrider { required_version = \">= 0.1\" }."},
	"provider":   {"", "There are no providers: a flow names its runner, as in flow \"command\" \"NAME\" { … }."},
	"resource":   {"flow", "What is run is a flow: flow \"command\" \"NAME\" { argv = [\"program\"] }."},
	"data":       {"hook", "A value from outside is a hook: hook \"python\" \"NAME\" { function = \"package.module:function\" }."},
	"module":     {"", "There are no modules. What several flows share stands in a profile, which they inherit; all *.flow.hcl files of the folder are read."},
	"local":      {"locals", "Write locals { NAME = VALUE }, with as many names as you like."},
	"vars":       {"variable", "Write one block for each variable: variable \"NAME\" { default = VALUE }."},
	"variables":  {"variable", "Write one block for each variable: variable \"NAME\" { default = VALUE }."},
	"check":      {"", "A variable has validation blocks, which check its value."},
	"task":       {"flow", "What is run is a flow: flow \"command\" \"NAME\" { argv = [\"program\"] }."},
	"job":        {"flow", "What is run is a flow: flow \"command\" \"NAME\" { argv = [\"program\"] }."},
	"dag":        {"", "Nothing stands around flows: those of all files make one graph, by what they refer to. Take this block away."},
	"pipeline":   {"", "Nothing stands around flows: those of all files make one graph, by what they refer to. Take this block away."},
	"workflow":   {"", "Nothing stands around flows: those of all files make one graph, by what they refer to. Take this block away."},
	"schedule":   {"", "flowrider runs when it is called; let cron or CI call flowrider apply."},
	"pools":      {"pool", "Write one block for each pool: pool \"NAME\" { size = 1 }."},
	"step":       {"", "What is run is a flow; its steps are in the flow's own code."},
	"metaflow":   {"flow", "Write flow \"metaflow\" \"NAME\" { file = \"flow.py\" }."},
	"command":    {"flow", "Write flow \"command\" \"NAME\" { argv = [\"program\"] }."},
	"if":         {"", "There are no conditions on blocks; for_each = var.wanted ? toset([\"it\"]) : toset([]) makes a flow or none."},
	"for":        {"", "There are no loops over blocks; a flow has for_each."},
	"removed":    {"", "What is no longer declared does not run any more; its record stays until `flowrider gc --records` removes it. Take this block away."},
	"import_run": {"import", "Write import { to = flow.NAME and run_id = \"…\" }, on lines of their own."},
}

// foreignArguments are what users of other tools look for in a block.
var foreignArguments = map[string]string{
	"count":                 "Several flows of one kind have for_each: for_each = toset([\"a\", \"b\"]); each.key tells them apart.",
	"dynamic":               "Blocks are written out. What differs between instances is an argument with each.key or each.value in it.",
	"lifecycle":             "What does not count is passed by pass_env or ambient(); a run is kept with pin, and repeated with salt or volatile.",
	"ignore_changes":        "What does not count is passed by pass_env, or wrapped in ambient().",
	"provisioner":           "Write a flow \"command\" of its own, which depends on this one.",
	"connection":            "Where a flow runs is said by its environment and options.",
	"triggers":              "A flow runs again when anything in it changes; salt is any text that counts besides.",
	"provider":              "There are no providers: the first label of a flow is its runner.",
	"if":                    "There are no conditions in blocks; an argument has them: CONDITION ? VALUE : OTHER.",
	"else":                  "There are no conditions in blocks; an argument has them: CONDITION ? VALUE : OTHER.",
	"for":                   "There are no loops in blocks; a flow has for_each, and a value [for x in LIST : x].",
	"preflow_kwargs":        "Write options = { … } for what stands before Metaflow's run.",
	"flow_kwargs":           "Write parameters = { … } for the flow's parameters.",
	"params":                "Write parameters = { … }.",
	"environ":               "Write env = { NAME = \"value\" }.",
	"requires":              "Write depends_on = [flow.NAME], or refer to what is used, as in flow.NAME.run_id.",
	"needs":                 "Write depends_on = [flow.NAME], or refer to what is used, as in flow.NAME.run_id.",
	"upstream":              "Write depends_on = [flow.NAME], or refer to what is used, as in flow.NAME.run_id.",
	"cwd":                   "Write workdir = \"folder\".",
	"working_dir":           "Write workdir = \"folder\".",
	"schedule":              "flowrider runs when it is called; let cron or CI call flowrider apply.",
	"retries":               "Write retry { attempts = 3 }.",
	"max_retries":           "Write retry { attempts = 3 }.",
	"with":                  "Write options = { with = [\"retry\"] }.",
	"decorators":            "Write options = { with = [\"retry\"] }.",
	"datastore":             "Runs are kept in .metaflow beside flowrider.hcl, and nowhere else so far: leave it out.",
	"max_workers":           "Write run_options = { max-workers = 4 }.",
	"max_num_splits":        "Write run_options = { max-num-splits = 100 }.",
	"namespace":             "Write run_options = { namespace = \"user:me\" }.",
	"name":                  "The last label of a block is its name.",
	"inputs":                "What other flows have made is referred to, as in flow.NAME.run_id; the project's files are all there.",
	"deps":                  "Write depends_on = [flow.NAME], or refer to what is used, as in flow.NAME.run_id.",
	"dependencies":          "Write depends_on = [flow.NAME], or refer to what is used, as in flow.NAME.run_id.",
	"env_vars":              "Write env = { NAME = \"value\" }.",
	"environment_variables": "Write env = { NAME = \"value\" }.",
	"when":                  "There are no conditions in blocks; an argument has them: CONDITION ? VALUE : OTHER.",
	"conda":                 "Environments are blocks of their own, to which a flow refers: environment = environment.NAME.",
	"pip":                   "Environments are blocks of their own, to which a flow refers: environment = environment.NAME.",
	"metaflow":              "Write packages = { metaflow = \">=2\" }.",
	"cpu":                   "Write resources { cpu = 2 }.",
	"memory":                "Write resources { memory = \"8GiB\" }.",
	"gpu":                   "Write resources { gpu = 1 }.",
}
