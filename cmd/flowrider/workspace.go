package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
)

// workspaceVariable names the workspace where --workspace does not.
const workspaceVariable = "FLOWRIDER_WORKSPACE"

// givenWorkspace is the workspace that the caller names, "" for the selected
// one.
func (c *common) givenWorkspace() string { return cmp.Or(c.workspace, os.Getenv(workspaceVariable)) }

// noteWorkspace says that a given workspace is one that nobody here has heard
// of: it may be misspelt.
func noteWorkspace(project *engine.Project, given string) {
	known := project.Records.Workspaces()
	if given == "" || slices.Contains(known, given) {
		return
	}
	text := "apply makes its first ones"
	if best := diag.Suggest(given, known); best != "" {
		text = fmt.Sprintf("did you mean %s?", best)
	}
	fmt.Fprintf(os.Stderr, "note: the workspace %s has no records yet; %s\n", given, text)
}

// workspaceStatus is one workspace in workspace list --json.
type workspaceStatus struct {
	Name    string `json:"name"`
	Current bool   `json:"current"`
	Records int    `json:"records"`
}

func newWorkspaceCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "workspace",
		Short: "list, make, select and delete workspaces",
		Long: "A workspace is a named set of selected records, such as dev and prod. The history\n" +
			"is shared by all: what dev has computed costs no run in prod. The one that counts\n" +
			"is named by --workspace, else by FLOWRIDER_WORKSPACE, else it is the selected one.\n\n" + exitCodes,
		Example: "  flowrider workspace new dev\n  flowrider workspace select default\n  flowrider apply --workspace prod",
	}
	command.AddCommand(
		newWorkspaceListCommand(), newWorkspaceShowCommand(), newWorkspaceNewCommand(),
		newWorkspaceSelectCommand(), newWorkspaceDeleteCommand(),
	)
	return command
}

// registerFolder is for commands that look at no flow: of the common flags
// they have the folder.
func (c *common) registerFolder(flags *pflag.FlagSet) {
	flags.StringVar(&c.chdir, "chdir", ".", "the root `folder`, the one with flowrider.hcl")
}

// open reads where the project keeps its records, and nothing of its flows.
func (c *common) open() (*engine.Project, error) {
	project, diags := engine.Open(c.chdir)
	project.Locking = c.locking
	return project, c.report(project, diags)
}

// current is the workspace that counts.
func (c *common) current(project *engine.Project) (string, error) {
	if given := c.givenWorkspace(); given != "" {
		return given, record.CheckWorkspace(given)
	}
	return project.Records.SelectedWorkspace()
}

func newWorkspaceListCommand() *cobra.Command {
	var flags common
	command := &cobra.Command{
		Use:     "list",
		Short:   "list the workspaces; a * marks the one that counts",
		Long:    "Lists the workspaces: default, those that have records, and the selected one.\nA * marks the one that counts.\n\n" + exitCodes,
		Example: "  flowrider workspace list\n  flowrider workspace list --json",
		RunE:    func(*cobra.Command, []string) error { return runWorkspaceList(&flags) },
	}
	flags.registerFolder(command.Flags())
	command.Flags().BoolVar(&flags.json, "json", false, "write JSON")
	return command
}

func runWorkspaceList(flags *common) error {
	project, err := flags.open()
	if err != nil {
		return err
	}
	current, err := flags.current(project)
	if err != nil {
		return err
	}
	list := []workspaceStatus{}
	for _, name := range project.Records.Workspaces() {
		list = append(list, workspaceStatus{name, name == current, project.Records.In(name).Count()})
	}
	if flags.json {
		writeJSON(os.Stdout, map[string]any{"workspaces": list})
		return nil
	}
	for _, workspace := range list {
		mark := " "
		if workspace.Current {
			mark = "*"
		}
		fmt.Printf("%s %s\n", mark, workspace.Name)
	}
	noteWorkspace(project, flags.givenWorkspace())
	return nil
}

func newWorkspaceShowCommand() *cobra.Command {
	var flags common
	command := &cobra.Command{
		Use:     "show",
		Short:   "print the name of the workspace that counts",
		Long:    "Prints the name of the workspace that counts.\n\n" + exitCodes,
		Example: "  flowrider workspace show",
		RunE: func(*cobra.Command, []string) error {
			project, err := flags.open()
			if err != nil {
				return err
			}
			current, err := flags.current(project)
			switch {
			case err != nil:
				return err
			case flags.json:
				writeJSON(os.Stdout, map[string]string{"workspace": current})
			default:
				fmt.Println(current)
			}
			return nil
		},
	}
	flags.registerFolder(command.Flags())
	command.Flags().BoolVar(&flags.json, "json", false, "write JSON")
	return command
}

func newWorkspaceNewCommand() *cobra.Command {
	var flags common
	command := &cobra.Command{
		Use:     "new NAME",
		Short:   "make a workspace and select it",
		Long:    "Makes a workspace, without records, and selects it.\n\n" + exitCodes,
		Example: "  flowrider workspace new dev",
		RunE:    func(_ *cobra.Command, names []string) error { return runWorkspaceNew(&flags, names[0]) },
	}
	flags.registerFolder(command.Flags())
	return command
}

func runWorkspaceNew(flags *common, name string) error {
	project, err := flags.openToSelect()
	if err != nil {
		return err
	}
	if err := record.CheckWorkspace(name); err != nil {
		return err
	}
	if slices.Contains(project.Records.Workspaces(), name) {
		return fmt.Errorf("there is a workspace %s already; flowrider workspace select %s", name, name)
	}
	return makeWorkspace(project, name)
}

// makeWorkspace makes a workspace of a valid name and selects it.
func makeWorkspace(project *engine.Project, name string) error {
	if err := engine.CheckTwin(project.Records, name); err != nil {
		return err
	}
	if err := project.Records.In(name).MakeWorkspace(); err != nil {
		return err
	}
	if err := project.Records.SelectWorkspace(name); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "Made and selected the workspace %s.\n", name)
	return nil
}

// openToSelect opens the project for a command after which another workspace
// is to count: it would not, where the environment names one.
func (c *common) openToSelect() (*engine.Project, error) {
	if given := os.Getenv(workspaceVariable); given != "" {
		return nil, fmt.Errorf("%s is set to %s and wins over what is selected; unset it first", workspaceVariable, given)
	}
	return c.open()
}

func newWorkspaceSelectCommand() *cobra.Command {
	var flags common
	var orCreate bool
	command := &cobra.Command{
		Use:     "select NAME",
		Short:   "make a workspace the one that counts",
		Long:    "Makes a workspace the one that counts where none is named, in this clone.\n\n" + exitCodes,
		Example: "  flowrider workspace select default\n  flowrider workspace select --or-create dev",
		RunE:    func(_ *cobra.Command, names []string) error { return runWorkspaceSelect(&flags, names[0], orCreate) },
	}
	flags.registerFolder(command.Flags())
	command.Flags().BoolVar(&orCreate, "or-create", false, "make it if there is none of that name")
	return command
}

func runWorkspaceSelect(flags *common, name string, orCreate bool) error {
	project, err := flags.openToSelect()
	if err != nil {
		return err
	}
	if err := record.CheckWorkspace(name); err != nil {
		return err
	}
	if !slices.Contains(project.Records.Workspaces(), name) {
		if orCreate {
			return makeWorkspace(project, name)
		}
		return unknownWorkspace(project, name, fmt.Sprintf("flowrider workspace new %s makes it", name))
	}
	if err := project.Records.SelectWorkspace(name); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "Selected the workspace %s.\n", name)
	return nil
}

func unknownWorkspace(project *engine.Project, name, otherwise string) error {
	known := project.Records.Workspaces()
	if best := diag.Suggest(name, known); best != "" {
		otherwise = fmt.Sprintf("did you mean %s?", best)
	}
	return fmt.Errorf("there is no workspace %s among %s; %s", name, strings.Join(known, ", "), otherwise)
}

func newWorkspaceDeleteCommand() *cobra.Command {
	var flags common
	var force bool
	command := &cobra.Command{
		Use:   "delete NAME",
		Short: "remove a workspace with its records",
		Long: "Removes a workspace with its selected records. Their runs stay in the history, so\n" +
			"that applying to it again costs none.\n\n" + exitCodes,
		Example: "  flowrider workspace delete dev\n  flowrider workspace delete --force dev",
		RunE: func(command *cobra.Command, names []string) error {
			return runWorkspaceDelete(contextOr(command.Context()), &flags, names[0], force)
		},
	}
	flags.registerFolder(command.Flags())
	flags.registerLock(command.Flags())
	command.Flags().BoolVar(&force, "force", false, "delete it although it has records")
	return command
}

func runWorkspaceDelete(ctx context.Context, flags *common, name string, force bool) error {
	project, err := flags.open()
	if err != nil {
		return err
	}
	if err := record.CheckWorkspace(name); err != nil {
		return err
	}
	selected, err := project.Records.SelectedWorkspace()
	if err != nil {
		return err
	}
	switch {
	case name == record.DefaultWorkspace:
		return fmt.Errorf("the workspace %s cannot be deleted", name)
	case name == selected, name == flags.givenWorkspace():
		return fmt.Errorf("the workspace %s is the one that counts; go to another one first: flowrider workspace select %s", name, record.DefaultWorkspace)
	case !slices.Contains(project.Records.Workspaces(), name):
		return unknownWorkspace(project, name, "nothing is deleted")
	}
	if count := project.Records.In(name).Count(); count > 0 && !force {
		return fmt.Errorf("the workspace %s has %s; to delete it with them: flowrider workspace delete --force %s", name, plural(count, "record", "records"), name)
	}
	if err := project.DeleteWorkspace(ctx, name); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "Deleted the workspace %s.\n", name)
	return nil
}
