package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/source"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/screen"
	"github.com/flowrider/flowrider/schema"
)

// common are the flags that every command that reads a configuration has.
type common struct {
	chdir     string
	workspace string
	variables []string
	varFiles  []string
	json      bool
	orFile    bool   // the command takes the path of a saved plan instead of a flow
	jsonType  string // of diagnostics among lines of JSON; "" where they stand alone
	verbose   bool
	log       io.Writer // where the words of tools go; standard error without one
	looking   bool      // the command shows what there is, and needs no values of variables
	git       bool      // expressions that are not in the configuration may ask for git.*
	source    source.Depth
	refresh   bool // of commands that look at runs without running any
	noCache   bool
	rehash    bool
	locking   engine.Locking
	mistakes  []diag.Problem // reported so far
	warns     bool           // what the command writes as JSON has a field for warnings
	warnings  []diag.Problem // for that field
}

func (c *common) register(flags *pflag.FlagSet) {
	flags.StringVar(&c.chdir, "chdir", ".", "the root `folder`, the one with flowrider.hcl")
	flags.StringVar(&c.workspace, "workspace", "", "work with the records of this workspace; `NAME` wins over FLOWRIDER_WORKSPACE\nand over what is selected")
	flags.StringArrayVar(&c.variables, "var", nil, "a variable's value, as `NAME=VALUE`; repeats, and wins over files")
	flags.StringArrayVar(&c.varFiles, "var-file", nil, "a `FILE` with lines NAME = VALUE, as in flowrider.vars.hcl, which it wins over;\nrepeats, and the last one wins")
	flags.BoolVar(&c.json, "json", false, "write JSON")
	flags.BoolVarP(&c.verbose, "verbose", "v", false, "say more")
}

// whereabouts are those flags of this command that the next one needs too, so
// that it finds the same records.
func (c *common) whereabouts() (flags string) {
	if filepath.Clean(c.chdir) != "." {
		flags += " --chdir " + diag.ShellQuote(c.chdir)
	}
	if c.workspace != "" {
		flags += " --workspace " + diag.ShellQuote(c.workspace)
	}
	return flags
}

// registerRefresh is for commands that only look: apply must see what is there.
func (c *common) registerRefresh(flags *pflag.FlagSet) {
	flags.BoolVar(&c.refresh, "refresh", true, "check that recorded runs still exist; with --refresh=false only\nconfig hashes are compared, for machines that cannot reach the runs")
}

// registerCache registers the flags of commands that look at the projects' files.
func (c *common) registerCache(flags *pflag.FlagSet) {
	flags.BoolVar(&c.noCache, "no-cache", false, "read every file; the index of files is neither used nor written")
	flags.BoolVar(&c.rehash, "rehash", false, "read every file, and write the index of files anew")
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "flowrider",
		Short:         "make for data flows, with Terraform's manners",
		Long:          "flowrider plans and runs Metaflow flows and plain commands that are declared in\nflowrider.hcl: only what is out of date, in parallel, and with a reason for each.\n\n" + exitCodes,
		Example:       "  flowrider plan      # which flows would run, and why\n  flowrider apply     # run just those\n  flowrider status",
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.Version = schema.Version
	root.SetVersionTemplate(versionLine() + "\n")
	root.Flags().BoolP("version", "v", false, "print the version")
	root.SetHelpCommand(newHelpCommand())
	root.AddCommand(
		newAcceptCommand(), newApplyCommand(), newBundleCommand(), newCompletionCommand(), newConsoleCommand(), newEnvCommand(), newExecCommand(), newExplainCommand(), newFmtCommand(), newFunctionsCommand(), newGCCommand(), newGraphCommand(),
		newHistoryCommand(), newImportCommand(), newInitCommand(),
		newLogsCommand(), newOutputCommand(), newPlanCommand(), newShowCommand(), newStatusCommand(), newValidateCommand(), newVerifyCommand(), newVersionCommand(),
		newWorkspaceCommand(),
		newLineCommand(completeBash, writeBashCompletions), newLineCommand(completeLine, writeCompletions),
	)
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error { return flagErrors(command, nil, err) })
	checkArguments(root)
	completeArguments(root)
	return root
}

// normalize accepts Terraform's spelling: -out=x becomes --out=x. Only what may
// be short flags that there are, one after the other as in -vq, stays as it is.
func normalize(root *cobra.Command, arguments []string) []string {
	short := "h"
	for _, command := range allCommands(root) {
		command.Flags().VisitAll(func(flag *pflag.Flag) { short += flag.Shorthand })
	}
	out := make([]string, 0, len(arguments))
	for i, argument := range arguments {
		if argument == "--" {
			return append(out, arguments[i:]...)
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(argument, "-"), "=")
		if strings.HasPrefix(argument, "-") && longFlag.MatchString(name) && strings.Trim(name, short) != "" {
			argument = "-" + argument
		}
		out = append(out, argument)
	}
	return out
}

var longFlag = regexp.MustCompile(`^[A-Za-z][\w-]+$`)

// allCommands are a command and all below it.
func allCommands(command *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{command}
	for _, child := range command.Commands() {
		list = append(list, allCommands(child)...)
	}
	return list
}

// load reads the configuration. Its mistakes are written, as text to standard
// error or as JSON, and the error is only the exit code.
func (c *common) load() (*engine.Project, error) {
	given, err := c.given()
	if err != nil {
		return nil, err
	}
	return c.loadWith(c.values(given), nil)
}

// values are all values of variables, with those that were given by --var.
func (c *common) values(given map[string]string) engine.Values {
	return engine.Values{Environ: os.Environ(), Files: c.varFiles, Texts: given}
}

// loadWith is load with the values of variables. fits, if there is one, is
// asked before the configuration's mistakes are written: nobody wants to read
// those of the wrong one.
func (c *common) loadWith(values engine.Values, fits func(*engine.Project) error) (*engine.Project, error) {
	if c.noCache && c.rehash {
		return nil, errors.New("--no-cache writes no index of files and --rehash writes a new one; leave one of them away")
	}
	c.endWhatExceeds(nil)
	project, diags := engine.Load(c.chdir, engine.LoadOptions{
		Secrets: secrets,
		Values:  values, Workspace: c.givenWorkspace(), Log: c.toolLog(), NoCache: c.noCache, Rehash: c.rehash, Looking: c.looking, Git: c.git, Source: c.source,
	})
	c.endWhatExceeds(project)
	project.Locking = c.locking
	if fits != nil && len(project.Config.Sources) > 0 {
		if err := fits(project); err != nil {
			return nil, err
		}
	}
	if err := c.report(project, diags); err != nil {
		return nil, err
	}
	noteWorkspace(project, c.givenWorkspace())
	return project, nil
}

func (c *common) given() (map[string]string, error) {
	given := map[string]string{}
	for _, variable := range c.variables {
		name, value, ok := strings.Cut(variable, "=")
		switch {
		case !ok:
			return nil, fmt.Errorf("--var %s has no value; write --var NAME=VALUE", variable)
		case name == "":
			return nil, fmt.Errorf("--var %s has no name; write --var NAME=VALUE", variable)
		case strings.TrimSpace(name) != name:
			return nil, fmt.Errorf("--var has a space beside the name %q; write --var %s=VALUE", name, strings.TrimSpace(name))
		}
		given[name] = value
	}
	return given, nil
}

// toolLog is where the words of environment tools go.
func (c *common) toolLog() io.Writer {
	switch {
	case !c.verbose:
		return io.Discard
	case c.log != nil:
		return c.log
	}
	return os.Stderr
}

// report writes diagnostics for whoever reads this command's output. As JSON they
// are a document of their own if there are errors: then the command writes no other
// one. Warnings alone are a field of what it writes, or text where that has none.
func (c *common) report(project *engine.Project, diags hcl.Diagnostics) error {
	problems := hidden(diag.Problems(diags, project.Config.Sources))
	c.mistakes = append(c.mistakes, problems...)
	switch {
	case c.json && diags.HasErrors():
		writeJSON(os.Stdout, validation{Type: c.jsonType, Diagnostics: append(c.warnings, problems...)})
	case c.json && c.warns: // see told
	case len(problems) > 0:
		showMistakes(problems, c.chdir)
		markMistakes(os.Stderr, c.chdir, problems)
		if count := countErrors(problems); count > 1 {
			fmt.Fprintf(os.Stderr, "\n%d errors.\n", count)
		}
	}
	if diags.HasErrors() {
		return exit(exitError)
	}
	if c.warns {
		c.warnings = append(c.warnings, problems...)
	}
	return nil
}

// told are the warnings for the field of what the command writes. What is found
// after that is text.
func (c *common) told() []diag.Problem {
	list := c.warnings
	c.warns, c.warnings = false, nil
	return list
}

// planned plans as the options say, and reports what is wrong.
func (c *common) planned(ctx context.Context, project *engine.Project, options plan.Options) (*plan.Session, *plan.Plan, error) {
	session, diags := project.Session(options)
	if err := c.report(project, diags); err != nil {
		return nil, nil, err
	}
	planned, diags := session.Plan(ctx)
	return session, planned, c.report(project, diags)
}

// showMistakes writes problems to standard error, with colour where that is a
// terminal that has it.
func showMistakes(problems []diag.Problem, folder string) {
	s := screen.Open(os.Stderr, os.Getenv)
	if s == nil {
		diag.WriteText(os.Stderr, problems, folder)
		return
	}
	styles := map[diag.Style]screen.Style{diag.IsError: screen.Red, diag.IsWarning: screen.Yellow, diag.IsMargin: screen.Dim}
	diag.WriteColoured(os.Stderr, problems, folder, func(style diag.Style, text string) string { return s.Look.Paint(styles[style], text) })
}

func countErrors(problems []diag.Problem) int {
	count := 0
	for _, problem := range problems {
		if problem.Severity == "error" {
			count++
		}
	}
	return count
}

func encodeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

func writeJSON(w io.Writer, value any) {
	if err := encodeJSON(w, value); err != nil {
		fmt.Fprintf(os.Stderr, "flowrider: %v\n", err)
	}
}

// addresses reads the addresses that a command takes.
func addresses(arguments []string) ([]schema.Address, error) {
	var list []schema.Address
	for _, argument := range arguments {
		if name, _, _ := strings.Cut(argument, "["); name != "" && !strings.Contains(name, ".") {
			argument = "flow." + argument // as in flowrider apply clean
		}
		address, err := schema.ParseAddress(argument)
		if err != nil {
			return nil, err
		}
		list = append(list, address)
	}
	return list, nil
}
