package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
)

// completion is what a shell may put in place of a word that is being typed:
// nothing where the configuration is broken, and files only where files are
// taken.
type completion func(command *cobra.Command, arguments []string, word string) ([]string, cobra.ShellCompDirective)

// offer is a completion by a list, each with a description behind a tab.
func offer(list func(command *cobra.Command, arguments []string, word string) []string) completion {
	return func(command *cobra.Command, arguments []string, word string) ([]string, cobra.ShellCompDirective) {
		return beginning(list(command, arguments, word), word), cobra.ShellCompDirectiveNoFileComp
	}
}

// orFile is a completion where files are taken as well.
func orFile(own completion) completion {
	return func(command *cobra.Command, arguments []string, word string) ([]string, cobra.ShellCompDirective) {
		list, _ := own(command, arguments, word)
		return list, cobra.ShellCompDirectiveDefault
	}
}

func nothing(*cobra.Command, []string, string) []string { return nil }

func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func files(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// beginning are the candidates that begin with a word.
func beginning(list []string, word string) []string {
	return slices.DeleteFunc(list, func(candidate string) bool { return !strings.HasPrefix(candidate, word) })
}

// flagCompletions complete the values of flags, by the flags' names. What is not
// here takes no value, or one that nobody can guess.
var flagCompletions = map[string]completion{
	"chdir": folders, "var-file": files, "out": files, "junit": files, "summary": files,
	"workspace": offer(completeWorkspaces), "var": completeVariables,
	"replace": offer(completeFlows), "exclude": offer(completeFlows),
	"run": offer(completeLogged), "against": offer(completeHistory),
	"format": offer(func(*cobra.Command, []string, string) []string { return slices.Clone(formatNames) }),
}

// nameCompletions complete the NAME that commands take, by their paths.
var nameCompletions = map[string]completion{
	"flowrider output":           offer(completeOutputs),
	"flowrider functions":        offer(completeFunctions),
	"flowrider env lock":         offer(completeEnvironments),
	"flowrider env build":        offer(completeEnvironments),
	"flowrider workspace select": offer(completeWorkspaces),
	"flowrider workspace delete": offer(completeWorkspaces),
}

// completeArguments makes the shell complete the arguments of all commands below
// one, by their lines of use, and the values of their flags.
func completeArguments(command *cobra.Command) {
	for _, child := range command.Commands() {
		completeArguments(child)
	}
	command.ValidArgsFunction = byUse
	command.Flags().VisitAll(func(flag *pflag.Flag) {
		complete := flagCompletions[flag.Name]
		if complete == nil {
			complete = offer(nothing)
		}
		if flag.NoOptDefVal == "" {
			_ = command.RegisterFlagCompletionFunc(flag.Name, cobra.CompletionFunc(complete)) // each once
		}
	})
}

// byUse completes an argument by its name in the line of use.
func byUse(command *cobra.Command, arguments []string, word string) ([]string, cobra.ShellCompDirective) {
	names := strings.Fields(command.Use)[1:]
	at := len(arguments)
	if last := len(names) - 1; last >= 0 && at > last && strings.Contains(names[last], "...") {
		at = last
	}
	if at >= len(names) {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	name := strings.Trim(names[at], "[].")
	complete := offer(nothing)
	switch {
	case strings.HasPrefix(name, "TARGET"), strings.HasPrefix(name, "FLOW"):
		complete = offer(completeFlows)
	case name == "NAME" && nameCompletions[command.CommandPath()] != nil:
		complete = nameCompletions[command.CommandPath()]
	case name == "RUN_ID":
		complete = offer(completeHistory)
	case name == "--":
		complete = files
	}
	if strings.HasSuffix(name, "FILE") {
		complete = orFile(complete)
	}
	return complete(command, arguments, word)
}

// asksForCompletion says whether it is a shell that calls, with the line that is
// being typed.
func asksForCompletion(arguments []string) bool {
	return len(arguments) > 1 && (arguments[0] == cobra.ShellCompRequestCmd || arguments[0] == cobra.ShellCompNoDescRequestCmd)
}

// completeFor makes a root command ready for a shell that asks it, and gives back
// what is to be done at the end: flags are described on one line, and a flag that
// is being typed with one dash gets one.
func completeFor(root *cobra.Command, typed, arguments []string, out io.Writer) func() {
	for _, command := range allCommands(root) {
		command.Flags().VisitAll(func(flag *pflag.Flag) {
			_, usage := pflag.UnquoteUsage(flag)
			flag.Usage = strings.ReplaceAll(usage, "\n", " ")
		})
	}
	var found bytes.Buffer
	root.SetOut(&found)
	return func() {
		for line := range strings.Lines(found.String()) {
			if typed[len(typed)-1] != arguments[len(arguments)-1] {
				line = strings.TrimPrefix(line, "-")
			}
			io.WriteString(out, line)
		}
	}
}

// glance reads the configuration that a command line means, and starts nothing.
// It is nil where there are mistakes.
func glance(command *cobra.Command) (*engine.Project, *plan.Session) {
	flag := func(name string) (value string) { value, _ = command.Flags().GetString(name); return value }
	flags := common{chdir: flag("chdir"), workspace: flag("workspace")}
	flags.variables, _ = command.Flags().GetStringArray("var")
	flags.varFiles, _ = command.Flags().GetStringArray("var-file")
	given, err := flags.given()
	if err != nil {
		return nil, nil
	}
	project, diags := engine.Load(flags.chdir, engine.LoadOptions{
		Secrets: secrets, Values: flags.values(given), Workspace: flags.givenWorkspace(), NoCache: true, Looking: true, NoGit: true,
	})
	if diags.HasErrors() {
		return nil, nil
	}
	session, diags := project.Session(plan.Options{Offline: true, NoHooks: true})
	if diags.HasErrors() {
		return nil, nil
	}
	return project, session
}

// mostInstances is how many instances of a flow are offered before a [ is typed.
const mostInstances = 50

// completeFlows offers flows and instances that are not there yet, with the
// block or without, as they can be typed.
func completeFlows(command *cobra.Command, arguments []string, word string) []string {
	_, session := glance(command)
	if session == nil {
		return nil
	}
	before := ""
	if strings.HasPrefix(word, "+") {
		before, word = "+", word[1:]
	}
	shown := func(address string) string {
		if word == "" || strings.HasPrefix(address, word) {
			return before + address
		}
		return before + strings.TrimPrefix(address, "flow.") // as in flowrider apply clean
	}
	instances := map[string]int{}
	for _, address := range session.Addresses() {
		instances[address.Name]++
	}
	var list []string
	whole := map[string]bool{}
	for _, address := range session.Addresses() {
		kind := session.Instance(address.String()).Flow.Kind
		if address.Keyed && !whole[address.Name] {
			whole[address.Name] = true
			list = append(list, fmt.Sprintf("%s\t%s, %s", shown(address.Whole().String()), kind, plural(instances[address.Name], "instance", "instances")))
		}
		if !address.Keyed || instances[address.Name] <= mostInstances || strings.Contains(word, "[") {
			list = append(list, shown(address.String())+"\t"+kind)
		}
	}
	return slices.DeleteFunc(list, func(candidate string) bool {
		name, _, _ := strings.Cut(candidate, "\t")
		return slices.Contains(arguments, name)
	})
}

// completeLogged offers the runs and attempts of the flow before it that have
// logs.
func completeLogged(command *cobra.Command, arguments []string, _ string) []string {
	project, _ := glance(command)
	flows, err := addresses(arguments)
	if project == nil || err != nil || len(flows) == 0 {
		return nil
	}
	attempts, err := project.Records.Logged(flows[0])
	if err != nil {
		return nil
	}
	var list []string
	for _, attempt := range attempts {
		id := attempt.RunID
		if id == "" {
			id = attempt.ID
		}
		list = append(list, fmt.Sprintf("%s\t%s %s", id, attempt.Started.Local().Format(time.DateTime), strings.ReplaceAll(attempt.State, "_", " ")))
	}
	return list
}

// completeHistory offers the runs that this machine remembers of the flow before
// it.
func completeHistory(command *cobra.Command, arguments []string, _ string) []string {
	_, session := glance(command)
	flows, err := addresses(arguments)
	if session == nil || err != nil || len(flows) == 0 {
		return nil
	}
	var list []string
	for _, rec := range session.History(flows[0].String()) {
		list = append(list, rec.RunID+"\t"+rec.Started.Local().Format(time.DateTime))
	}
	return list
}

func completeWorkspaces(command *cobra.Command, _ []string, _ string) []string {
	if project := opened(command); project != nil {
		return slices.Clone(project.Records.Workspaces())
	}
	return nil
}

// completeVariables offers the names of variables, after which the value is
// typed.
func completeVariables(command *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	project := opened(command)
	if project == nil || strings.Contains(word, "=") {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var list []string
	for _, variable := range project.Config.Variables {
		list = append(list, variable.Address.Name+"=")
	}
	return beginning(list, word), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func completeOutputs(command *cobra.Command, _ []string, _ string) []string {
	var list []string
	if project := opened(command); project != nil {
		for _, output := range project.Config.Outputs {
			list = append(list, output.Address.Name)
		}
	}
	return list
}

func completeFunctions(*cobra.Command, []string, string) []string {
	var list []string
	for _, function := range eval.Functions() {
		list = append(list, function.Name+"\t"+function.Help)
	}
	return list
}

func completeEnvironments(command *cobra.Command, arguments []string, _ string) []string {
	var list []string
	if project := opened(command); project != nil {
		for _, environment := range project.Config.Environments {
			if !slices.Contains(arguments, environment.Address.Name) {
				list = append(list, environment.Address.Name)
			}
		}
	}
	return list
}

// opened is what can be known of the configuration by its form; nil where that
// has mistakes.
func opened(command *cobra.Command) *engine.Project {
	folder, _ := command.Flags().GetString("chdir")
	project, diags := engine.Open(folder)
	if diags.HasErrors() {
		return nil
	}
	return project
}
