package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/fault"
)

func newExecCommand() *cobra.Command {
	var flags common
	command := &cobra.Command{
		Use:   "exec FLOW [-- ARG...]",
		Short: "run a command line in a flow's bundle and environment",
		Long: "Runs a command line in a private copy of a flow's bundle, in its environment and\n" +
			"with its variables: of a Metaflow flow, the flow's own program with ARG; of a\n" +
			"command, the program that ARG names. Without ARG, the flow's own command line.\n" +
			"Other flows' results are those of the records. flowrider records nothing and keeps\n" +
			"no outputs; but run of a Metaflow flow makes a real run, which flowrider import\n" +
			"can take. The exit code is that of what was run, or 1 if it was not started.",
		Example: "  flowrider exec flow.clean -- show   # of a Metaflow flow, as run is\n  flowrider exec flow.clean -- run   # a run for flowrider import\n" +
			"  flowrider exec flow.report -- python -m pdb report.py   # of a command\n  flowrider exec 'flow.train[\"forest\"]' -- sh",
		Args: execArguments,
		RunE: func(command *cobra.Command, arguments []string) error {
			return runExec(contextOr(command.Context()), &flags, arguments[0], arguments[1:])
		},
	}
	flags.register(command.Flags())
	command.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return fmt.Errorf("%w; what is to be run stands behind --, as in flowrider exec FLOW -- python -V", flagErrors(command, nil, err))
	})
	return command
}

// execArguments tells a flow's arguments from flowrider's own flags.
func execArguments(command *cobra.Command, arguments []string) error {
	switch dash := command.ArgsLenAtDash(); {
	case len(arguments) == 0 || dash == 0:
		return fmt.Errorf("which flow? Write flowrider exec FLOW -- ARGUMENTS")
	case dash > 1 || dash < 0 && len(arguments) > 1:
		return fmt.Errorf("write -- before what is to be run: flowrider exec %s -- %s", diag.ShellQuote(arguments[0]), arguments[1])
	}
	return nil
}

func runExec(ctx context.Context, flags *common, argument string, line []string) error {
	project, address, err := flags.flow(argument)
	if err != nil {
		return err
	}
	if len(line) == 0 {
		line = nil
	}
	ctx, end := handOver(ctx)
	exited, diags, err := project.Exec(ctx, address, line, end)
	if err := flags.report(project, diags); err != nil {
		return err
	}
	var stopped *interrupted
	switch {
	case err != nil && errors.As(context.Cause(ctx), &stopped):
		return exit(stopped.code)
	case err != nil:
		return err
	case exited.Signal != 0:
		return exit(128 + int(exited.Signal))
	}
	return exit(exited.Code)
}

// handOver leaves signals to what is run: Ctrl-C reaches it by itself, and it
// decides what to do; end is closed when it is to be terminated. Until it has
// been started, they cancel the context.
func handOver(parent context.Context) (ctx context.Context, end <-chan struct{}) {
	ctx, cancel := context.WithCancelCause(parent)
	interrupts, terminate, closed := make(chan os.Signal, 1), make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(interrupts, os.Interrupt, syscall.SIGQUIT)
	signal.Notify(terminate, syscall.SIGTERM, syscall.SIGHUP)
	fault.Go(func() {
		for range interrupts {
			cancel(&interrupted{exitInterrupted})
		}
	})
	fault.Go(func() {
		<-terminate
		cancel(&interrupted{exitTerminated})
		close(closed)
	})
	return ctx, closed
}
