package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/plan"
)

// environmentStatus is one environment in env --json.
type environmentStatus struct {
	Address  string                `json:"address"`
	Kind     string                `json:"kind"`
	Lock     string                `json:"lock"` // current, or why it is stale
	Digest   string                `json:"digest,omitempty"`
	Python   string                `json:"python,omitempty"`
	Built    bool                  `json:"built"`
	Prefix   string                `json:"prefix,omitempty"` // the interpreter, absolute
	Packages []environment.Package `json:"packages,omitempty"`
}

func newEnvCommand() *cobra.Command {
	var flags common
	command := &cobra.Command{
		Use:     "env",
		Short:   "list environments; lock and build them",
		Long:    "Lists the environments: whether their locks are current and whether they are\nbuilt on this machine. Apply locks and builds what it needs by itself.\n\n" + exitCodes,
		Example: "  flowrider env\n  flowrider env --json",
		Args: func(command *cobra.Command, arguments []string) error {
			if len(arguments) > 0 {
				return unknownCommand(command, arguments[0])
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error { return runEnv(&flags) },
	}
	flags.register(command.Flags())
	command.AddCommand(newEnvLockCommand(), newEnvBuildCommand())
	return command
}

func runEnv(flags *common) error {
	_, list, err := flags.environments(nil)
	if err != nil {
		return err
	}
	if flags.json {
		writeEnvironments(list)
		return nil
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ENVIRONMENT\tKIND\tLOCK\tPYTHON\tPACKAGES\tBUILT")
	var notes []string
	for _, e := range list {
		status := describeEnvironment(e)
		if status.Lock != "current" {
			notes = append(notes, status.Address+": "+status.Lock)
			status.Lock = "stale"
		}
		built := "no"
		if status.Built {
			built = "yes"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\n", status.Address, status.Kind, status.Lock, orDash(status.Python), len(status.Packages), built)
	}
	err = table.Flush()
	writeNotes(os.Stderr, notes)
	return err
}

// writeEnvironments writes what env --json shows.
func writeEnvironments(list []*plan.Environment) {
	statuses := []environmentStatus{}
	for _, e := range list {
		statuses = append(statuses, describeEnvironment(e))
	}
	writeJSON(os.Stdout, map[string]any{"environments": statuses})
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func describeEnvironment(e *plan.Environment) environmentStatus {
	status := environmentStatus{Address: e.Block.Address.String(), Kind: e.Block.Kind, Lock: "current"}
	lock, stale := e.Locked()
	if lock == nil {
		status.Lock = stale
		return status
	}
	status.Digest, status.Python, status.Packages = lock.Digest, lock.Python, lock.Packages
	if prefix, built := e.Prefix(); built {
		status.Built, status.Prefix = true, prefix.Python
	}
	return status
}

// environments are the named environments, or all of them.
func (c *common) environments(names []string) (*plan.Session, []*plan.Environment, error) {
	project, err := c.load()
	if err != nil {
		return nil, nil, err
	}
	session, diags := project.Session(plan.Options{NoHooks: true, Environments: true})
	if err := c.report(project, diags); err != nil {
		return nil, nil, err
	}
	var list []*plan.Environment
	if len(names) == 0 {
		list = session.Environments()
	}
	for _, name := range names {
		e := session.EnvironmentOf(name)
		if e == nil {
			e = session.Environment(name)
		}
		if e == nil {
			return nil, nil, fmt.Errorf("there is no environment %s; flowrider env lists them", name)
		}
		list = append(list, e)
	}
	return session, list, nil
}

func newEnvLockCommand() *cobra.Command {
	var flags common
	var check bool
	command := &cobra.Command{
		Use:     "lock [NAME...]",
		Short:   "resolve packages where a lock is absent or stale",
		Long:    "Resolves the packages of environments whose lock is absent or stale, keeping\nevery pin that still fits. With --check nothing is changed, and a stale lock is\nan error: for CI.\n\n" + exitCodes,
		Example: "  flowrider env lock\n  flowrider env lock ml\n  flowrider env lock --check   # for CI",
		RunE: func(command *cobra.Command, names []string) error {
			return runEnvLock(contextOr(command.Context()), &flags, names, check)
		},
	}
	flags.register(command.Flags())
	command.Flags().BoolVar(&check, "check", false, "change nothing; a stale lock is an error")
	return command
}

func runEnvLock(ctx context.Context, flags *common, names []string, check bool) error {
	_, list, err := flags.environments(names)
	if err != nil {
		return err
	}
	stale := 0
	for _, e := range list {
		address := e.Block.Address
		lock, reason := e.Locked()
		switch {
		case lock != nil:
			fmt.Fprintf(os.Stderr, "%s: current\n", address)
		case check:
			stale++
			fmt.Fprintf(os.Stderr, "%s: %s\n", address, reason)
		default:
			if err := e.Lock(ctx, flags.toolLog()); err != nil {
				return fmt.Errorf("%s: %w", address, err)
			}
			lock, _ := e.Locked()
			fmt.Fprintf(os.Stderr, "%s: wrote %s, %s\n", address, lock.Path, plural(len(lock.Packages), "package", "packages"))
		}
	}
	if flags.json {
		writeEnvironments(list)
	}
	if stale > 0 {
		return afterwards{fmt.Errorf("%s; run flowrider env lock and commit what it writes", plural(stale, "lock is stale", "locks are stale"))}
	}
	return nil
}

func newEnvBuildCommand() *cobra.Command {
	var flags common
	command := &cobra.Command{
		Use:     "build [NAME...]",
		Short:   "build environments on this machine",
		Long:    "Builds environments on this machine, and before that locks those whose lock is\nabsent or stale. Apply does it for what it needs by itself.\n\n" + exitCodes,
		Example: "  flowrider env build\n  flowrider env build ml",
		RunE: func(command *cobra.Command, names []string) error {
			return runEnvBuild(contextOr(command.Context()), &flags, names)
		},
	}
	flags.register(command.Flags())
	return command
}

func runEnvBuild(ctx context.Context, flags *common, names []string) error {
	_, list, err := flags.environments(names)
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := e.Lock(ctx, flags.toolLog()); err != nil {
			return fmt.Errorf("%s: %w", e.Block.Address, err)
		}
		prefix, err := e.Build(ctx, flags.toolLog())
		if err != nil {
			return fmt.Errorf("%s: %w", e.Block.Address, err)
		}
		if !flags.json {
			fmt.Printf("%s %s\n", e.Block.Address, prefix.Python)
		}
	}
	if flags.json {
		writeEnvironments(list)
	}
	return nil
}
