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
}

const parallelismHint = "flowrider apply --parallelism N says how many flows run at once"

// otherFlags are such flags.
var otherFlags = map[string]string{
	"auto-approve":     "flowrider asks nothing before it runs; leave --auto-approve away",
	"backend":          "records stand in the folder runs, which git shares; leave --backend away",
	"concurrency":      parallelismHint,
	"jobs":             parallelismHint,
	"workers":          parallelismHint,
	"threads":          parallelismHint,
	"compact-warnings": "warnings are shown in full; leave --compact-warnings away",
	"destroy":          otherCommands["destroy"],
	"dry-run":          "flowrider plan says what would run, and runs nothing",
	"select":           "targets need no flag: write the address alone, as in flowrider apply flow.clean",
	"yes":              "flowrider asks nothing before it runs; leave --yes away",
	"force":            "flowrider apply --replace FLOW runs a flow that is up to date",
	"input":            "flowrider asks for nothing; leave --input away",
	"lock":             "two applies never run at once; --lock-timeout 10m waits for the other one",
	"no-color":         "set NO_COLOR=1 in the environment instead",
	"raw":              "flowrider output NAME prints a text without its quotes; leave --raw away",
	"recursive":        "name the folders instead, as in flowrider fmt . examples/*",
	"refresh-only":     otherCommands["refresh"],
	"state":            "records stand in the folder runs; --workspace NAME takes those of a workspace",
	"target":           "targets need no flag: write the address alone, as in flowrider apply flow.clean",
	"upgrade":          "there is nothing to upgrade; flowrider env lock resolves the packages of environments",
	"version":          "flowrider version prints it",
	"write":            "--check writes nothing",
}

// otherLetters are such flags of one letter, with their names.
var otherLetters = map[string]string{"j": "jobs", "p": "jobs", "t": "target", "s": "select", "y": "yes", "f": "force", "n": "dry-run"}

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
	hint := otherCommands[name]
	switch best := diag.Suggest(name, names); {
	case hint != "" && !command.HasParent():
	case best != "":
		hint = fmt.Sprintf("did you mean %s %s?", path, best)
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
