package schema

import (
	"fmt"
	"slices"
	"strings"
)

// foreign says what to write for a name that belongs to another tool, or to
// another block of this one.
func (t *table) foreign(name string) (advice string, ok bool) {
	words := foreignArguments
	if t == fileTable {
		words = foreignBlocks
	}
	if advice := words[name]; advice != "" {
		return advice, true
	}
	var places []string
	for _, table := range Blocks() {
		if !slices.ContainsFunc(table.Arguments, func(a Argument) bool { return a.Name == name }) && !slices.Contains(table.Blocks, name) {
			continue
		}
		place, _, _ := strings.Cut(strings.Replace(table.Header, ` "NAME"`, " in a ", 1), " in a ")
		if place = article(place) + " " + place + " block"; !strings.HasPrefix(table.Header, "profile") && !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	if len(places) > 0 && len(places) <= 3 {
		return fmt.Sprintf("It belongs into %s.", strings.Join(places, " or ")), true
	}
	return "", false
}

// foreignBlocks are what users of other tools look for at the top of a file.
var foreignBlocks = map[string]string{
	"terraform":  "Settings stand in a block flowrider { required_version = \">= 0.1\" }.",
	"provider":   "There are no providers: a flow names its runner, as in flow \"command\" \"NAME\" { … }.",
	"resource":   "What is run is a flow: flow \"command\" \"NAME\" { argv = [\"program\"] }.",
	"data":       "A value from outside is a hook: hook \"python\" \"NAME\" { function = \"package.module:function\" }.",
	"module":     "There are no modules. What several flows share stands in a profile, which they inherit; all *.flow.hcl files of the folder are read.",
	"local":      "Write locals { NAME = VALUE }, with as many names as you like.",
	"vars":       "Write one block for each variable: variable \"NAME\" { default = VALUE }.",
	"variables":  "Write one block for each variable: variable \"NAME\" { default = VALUE }.",
	"check":      "A variable has validation blocks, which check its value.",
	"task":       "What is run is a flow: flow \"command\" \"NAME\" { argv = [\"program\"] }.",
	"job":        "What is run is a flow: flow \"command\" \"NAME\" { argv = [\"program\"] }.",
	"step":       "What is run is a flow; its steps are in the flow's own code.",
	"metaflow":   "Write flow \"metaflow\" \"NAME\" { file = \"flow.py\" }.",
	"command":    "Write flow \"command\" \"NAME\" { argv = [\"program\"] }.",
	"if":         "There are no conditions on blocks; for_each = var.wanted ? toset([\"it\"]) : toset([]) makes a flow or none.",
	"for":        "There are no loops over blocks; a flow has for_each.",
	"import_run": "Write import { to = flow.NAME and run_id = \"…\" }, on lines of their own.",
}

// foreignArguments are what users of other tools look for in a block.
var foreignArguments = map[string]string{
	"count":          "Several flows of one kind have for_each: for_each = toset([\"a\", \"b\"]); each.key tells them apart.",
	"dynamic":        "Blocks are written out. What differs between instances is an argument with each.key or each.value in it.",
	"lifecycle":      "What does not count is passed by pass_env or ambient(); a run is kept with pin, and repeated with salt or volatile.",
	"ignore_changes": "What does not count is passed by pass_env, or wrapped in ambient().",
	"provisioner":    "Write a flow \"command\" of its own, which depends on this one.",
	"connection":     "Where a flow runs is said by its environment and options.",
	"triggers":       "A flow runs again when anything in it changes; salt is any text that counts besides.",
	"provider":       "There are no providers: the first label of a flow is its runner.",
	"if":             "There are no conditions in blocks; an argument has them: CONDITION ? VALUE : OTHER.",
	"else":           "There are no conditions in blocks; an argument has them: CONDITION ? VALUE : OTHER.",
	"for":            "There are no loops in blocks; a flow has for_each, and a value [for x in LIST : x].",
	"command":        "Write argv = [\"program\", \"argument\"], or argv = [\"one | line\"] with shell = true.",
	"cmd":            "Write argv = [\"program\", \"argument\"], or argv = [\"one | line\"] with shell = true.",
	"script":         "Write argv = [\"python\", \"script.py\"].",
	"args":           "Write argv = [\"program\", \"argument\"]: the program's arguments follow it.",
	"preflow_kwargs": "Write options = { … } for what stands before Metaflow's run.",
	"flow_kwargs":    "Write parameters = { … } for the flow's parameters.",
	"params":         "Write parameters = { … }.",
	"environ":        "Write env = { NAME = \"value\" }.",
	"requires":       "Write depends_on = [flow.NAME], or refer to what is used, as in flow.NAME.run_id.",
	"needs":          "Write depends_on = [flow.NAME], or refer to what is used, as in flow.NAME.run_id.",
	"upstream":       "Write depends_on = [flow.NAME], or refer to what is used, as in flow.NAME.run_id.",
	"cwd":            "Write workdir = \"folder\".",
	"working_dir":    "Write workdir = \"folder\".",
	"schedule":       "flowrider runs when it is called; let cron or CI call flowrider apply.",
	"retries":        "Write retry { attempts = 3 }.",
	"conda":          "Environments are blocks of their own, to which a flow refers: environment = environment.NAME.",
	"pip":            "Environments are blocks of their own, to which a flow refers: environment = environment.NAME.",
	"cpu":            "Write resources { cpu = 2 }.",
	"memory":         "Write resources { memory = \"8GiB\" }.",
	"gpu":            "Write resources { gpu = 1 }.",
}
