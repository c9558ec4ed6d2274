package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
)

func newApplyCommand() *cobra.Command {
	var flags planning
	var parallelism int
	command := &cobra.Command{
		Use:   "apply [TARGET...]",
		Short: "run what is out of date",
		Long:  "Plans, shows the plan, and runs just what is out of date, in parallel. Records\nthe run ID of each success beside the configuration.\n\n" + exitCodes,
		Example: "  flowrider apply\n  flowrider apply flow.report\n" +
			"  flowrider apply --replace flow.clean",
		RunE: func(command *cobra.Command, targets []string) error {
			return runApply(contextOr(command.Context()), &flags, targets, parallelism)
		},
	}
	flags.register(command.Flags())
	flags.registerLocked(command.Flags())
	command.Flags().IntVar(&parallelism, "parallelism", runtime.NumCPU(), "how many flows run at once")
	return command
}

func runApply(ctx context.Context, flags *planning, targets []string, parallelism int) error {
	options, err := flags.options(targets)
	if err != nil {
		return err
	}
	if parallelism < 1 {
		return fmt.Errorf("--parallelism is at least 1")
	}
	project, err := flags.load()
	if err != nil {
		return err
	}
	// A reader that goes away, as `| head` does, must not end flows that run.
	signal.Ignore(syscall.SIGPIPE)
	ctx, hurry, stopSignals := interruptible(ctx)
	defer stopSignals()
	progress := newProgress(flags.json, flags.verbose)
	summary, outputs, diags, err := project.Apply(ctx, engine.ApplyOptions{Plan: options, Parallelism: parallelism, Hurry: hurry}, engine.Applying{
		Planned: func(p *plan.Plan) { progress.planned(p) },
		Event:   progress.event,
	})
	var stopped *interrupted
	if err != nil && !errors.As(err, &stopped) {
		return err
	}
	if summary != nil {
		progress.finish(summary, outputs)
	}
	reported := flags.report(project, diags)
	switch {
	case stopped != nil:
		return exit(stopped.code)
	case summary != nil && summary.Failures() != nil:
		return exit(exitFailed)
	}
	return reported
}

// interrupted is the cause of a context that a signal has cancelled.
type interrupted struct{ code int }

func (i *interrupted) Error() string { return "interrupted" }

// interruptible cancels a context at the first SIGINT, SIGTERM or SIGHUP, and
// closes hurry at the second.
func interruptible(parent context.Context) (ctx context.Context, hurry <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals, faster := make(chan os.Signal, 3), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		first := <-signals
		code := exitInterrupted
		if first != os.Interrupt {
			code = exitTerminated
		}
		fmt.Fprintln(os.Stderr, "\nStopping: running flows are asked to end. Press Ctrl-C again to wait for less long.")
		cancel(&interrupted{code})
		<-signals
		close(faster)
	}()
	return ctx, faster, func() { signal.Stop(signals) }
}
