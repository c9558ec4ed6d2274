package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/internal/diag"
)

// otherCommands are what people type who know other tools, each with what to type
// here.
var otherCommands = map[string]string{
	"check":        "flowrider validate checks the configuration",
	"clean":        "flowrider gc removes what nothing refers to any more",
	"deploy":       "flowrider apply runs what is out of date",
	"ls":           "flowrider status lists all flows",
	"test":         "flowrider validate checks the configuration, and flowrider verify FLOW runs a flow again and compares the results",
	"build":        "flowrider apply runs what is out of date",
	"diff":         "flowrider plan says what would run and why, and flowrider explain FLOW all about one flow",
	"destroy":      "nothing is destroyed here: flowrider gc removes what nothing refers to any more, and flowrider gc --records the records of flows that are not declared",
	"force-unlock": "the lock of an apply that has died is free by itself",
	"get":          "there are no modules to get; all *.flow.hcl files of the folder are read",
	"format":       "flowrider fmt formats the configuration",
	"lint":         "flowrider validate checks the configuration",
	"list":         "flowrider status lists all flows",
	"login":        "there is no service to log in to",
	"make":         "flowrider apply runs what is out of date",
	"providers":    "there are no providers; a flow names its runner, as in flow \"command\" \"NAME\"",
	"refresh":      "flowrider plan looks at the recorded runs each time",
	"run":          "flowrider apply FLOW runs a flow where it is out of date, and flowrider exec FLOW -- COMMAND any command in its files and environment",
	"state":        "flowrider status lists the records, flowrider show FLOW shows one, and a moved block renames one",
	"taint":        "flowrider apply --replace FLOW runs a flow that is up to date",
	"untaint":      "flowrider accept FLOW takes the recorded run as it is",

	"env list":         "flowrider env lists the environments",
	"env ls":           "flowrider env lists the environments",
	"workspace create": "flowrider workspace new NAME makes one",
	"workspace ls":     "flowrider workspace list lists them",
	"workspace rm":     "flowrider workspace delete NAME deletes one",
	"workspace remove": "flowrider workspace delete NAME deletes one",
	"workspace switch": "flowrider workspace select NAME selects one",
	"workspace use":    "flowrider workspace select NAME selects one",
}

// habit is what a flag of another tool's is here.
type habit struct {
	hint string
	with string // the command, or a flag that one must have, so that the hint has a meaning; "" for any
}

var (
	parallelismHint = habit{"flowrider apply --parallelism N says how many flows run at once", "replace"}
	targetHint      = habit{"targets need no flag: write the address alone, as in flowrider apply flow.clean", "exclude"}
	variableHint    = habit{"--var NAME=VALUE gives a variable its value", "var"}
	formatHint      = habit{"--json writes JSON", "json"}
	linesHint       = habit{"the whole log is printed; flowrider logs FLOW | tail -n 10 shows its end", "logs"}
	outHint         = habit{"--out FILE saves the plan, and --json writes JSON", "out"}
)

// otherFlags are such flags.
var otherFlags = map[string][]habit{
	"auto-approve":     {{hint: "flowrider asks nothing before it runs; leave --auto-approve away"}},
	"backend":          {{hint: "records stand in the folder runs, which git shares; leave --backend away"}},
	"concurrency":      {parallelismHint},
	"jobs":             {parallelismHint},
	"workers":          {parallelismHint},
	"threads":          {parallelismHint},
	"compact-warnings": {{hint: "warnings are shown in full; leave --compact-warnings away"}},
	"destroy":          {{hint: otherCommands["destroy"]}},
	"dry-run":          {{"flowrider plan says what would run, and runs nothing", "replace"}},
	"select":           {targetHint},
	"yes":              {{hint: "flowrider asks nothing before it runs; leave --yes away"}},
	"force":            {{"flowrider apply --replace FLOW runs a flow that is up to date", "replace"}, {"init writes over nothing; move flowrider.hcl away to have a new one", "init"}},
	"format":           {formatHint},
	"input":            {{hint: "flowrider asks for nothing; leave --input away"}},
	"lines":            {linesHint},
	"list":             {{"the files that are changed are always listed; leave --list away", "fmt"}},
	"lock":             {{hint: "two applies never run at once; --lock-timeout 10m waits for the other one"}},
	"no-color":         {{hint: "set NO_COLOR=1 in the environment instead"}},
	"output":           {outHint, formatHint},
	"param":            {variableHint},
	"raw":              {{hint: "flowrider output NAME prints a text without its quotes; leave --raw away"}},
	"recursive":        {{hint: "name the folders instead, as in flowrider fmt . examples/*"}},
	"refresh-only":     {{hint: otherCommands["refresh"]}},
	"set":              {variableHint},
	"state":            {{hint: "records stand in the folder runs; --workspace NAME takes those of a workspace"}},
	"tail":             {linesHint},
	"target":           {targetHint},
	"upgrade":          {{hint: "there is nothing to upgrade; flowrider env lock resolves the packages of environments"}},
	"version":          {{hint: "flowrider version prints it"}},
	"write":            {{hint: "--check writes nothing"}},
}

// otherLetters are such flags of one letter, with what they may stand for.
var otherLetters = map[string][]string{
	"j": {"jobs"}, "p": {"param", "jobs"}, "t": {"target"}, "s": {"select"}, "y": {"yes"}, "f": {"force"}, "n": {"dry-run", "lines"}, "o": {"out", "output"},
}

// hintOf is what is said to a flag that a command does not have, "" where that is
// nothing.
func hintOf(command *cobra.Command, name string) string {
	for _, h := range otherFlags[name] {
		if h.with == "" || h.with == command.Name() || command.Flags().Lookup(h.with) != nil {
			return h.hint
		}
	}
	return ""
}

// letterHint is hintOf for a flag of one letter: what it stands for may also be a
// flag of the command, written out.
func letterHint(command *cobra.Command, letter string) string {
	var hints []string
	for _, name := range otherLetters[letter] {
		if command.Flags().Lookup(name) != nil {
			return "write --" + name
		}
		if hint := hintOf(command, name); hint != "" {
			hints = append(hints, strings.ReplaceAll(hint, "leave --"+name+" away", "leave -"+letter+" away"))
		}
	}
	return strings.Join(hints, ", and ")
}

// mustBeKnown lets a command that has others, and does nothing by itself, refuse
// what is none of them.
func mustBeKnown(command *cobra.Command) {
	command.Args = cobra.ArbitraryArgs
	command.RunE = func(command *cobra.Command, arguments []string) error {
		if len(arguments) == 0 {
			return command.Help()
		}
		return unknownCommand(command, arguments[0])
	}
}

func unknownCommand(command *cobra.Command, name string) error {
	var names []string
	for _, child := range command.Commands() {
		if !child.Hidden {
			names = append(names, child.Name())
		}
	}
	path := command.CommandPath()
	_, typed, _ := strings.Cut(path+" "+name, " ")
	hint := otherCommands[typed]
	switch best := diag.Suggest(name, names); {
	case hint != "":
	case best != "":
		hint = fmt.Sprintf("did you mean %s %s?", path, best)
	case len(names) == 1:
		hint = fmt.Sprintf("did you mean %s %s %s?", path, names[0], diag.ShellQuote(name))
	case command.HasParent():
		hint = "there are " + strings.Join(names, ", ")
	default:
		hint = path + " --help lists those that there are"
	}
	return fmt.Errorf("there is no command %s %s; %s", path, name, hint)
}

// newHelpCommand is cobra's, but for the names of commands that there are not.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "show the help of a command",
		Args:  cobra.ArbitraryArgs,
		RunE: func(help *cobra.Command, names []string) error {
			command, rest, err := help.Root().Find(names)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(command, rest[0])
			}
			command.InitDefaultHelpFlag()
			return command.Help()
		},
		ValidArgsFunction: func(help *cobra.Command, names []string, word string) ([]string, cobra.ShellCompDirective) {
			command, _, _ := help.Root().Find(names)
			var list []string
			for _, child := range command.Commands() {
				if child.IsAvailableCommand() {
					list = append(list, child.Name()+"\t"+child.Short)
				}
			}
			return beginning(list, word), cobra.ShellCompDirectiveNoFileComp
		},
	}
}
