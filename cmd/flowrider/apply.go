package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
)

func newApplyCommand() *cobra.Command {
	flags := planning{common: common{jsonType: diagnosticsType}}
	var parallelism int
	command := &cobra.Command{
		Use:   "apply [TARGET...|FILE]",
		Short: "run what is out of date",
		Long:  "Plans, shows the plan, and runs just what is out of date, in parallel. Records\nthe run ID of each success beside the configuration.\n\nWith a FILE that plan --out has saved, does just what that plan says, or less. A\nflow that has changed since is left out, with what needs it: the plan is stale.\n\n" + targetsHelp + "\n\n" + exitCodes,
		Example: "  flowrider apply\n  flowrider apply flow.report\n" +
			"  flowrider apply --replace flow.clean+\n  flowrider apply --exclude flow.slow\n  flowrider apply tonight.plan",
		RunE: func(command *cobra.Command, targets []string) error {
			file, err := planFile(targets)
			if err == nil && file != "" {
				err = checkNoPlanning(command, file)
			}
			if err != nil {
				return err
			}
			volume, err := flags.volume()
			if err != nil {
				return err
			}
			watch := newWatchers(&flags, volume)
			defer watch.close()
			return watch.end(runApply(contextOr(command.Context()), &flags, watch, targets, file, parallelism))
		},
	}
	flags.register(command.Flags())
	flags.registerPolicy(command.Flags())
	command.Flags().BoolVarP(&flags.quiet, "quiet", "q", false, "show failures and the summary alone")
	command.Flags().Lookup("verbose").Usage = "show all that flows print, each line with its flow, and explain the plan"
	command.Flags().BoolVar(&flags.noResume, "no-resume", false, "begin every run from the beginning, also where one that failed could be gone on with")
	command.Flags().IntVar(&parallelism, "parallelism", runtime.NumCPU(), "how many flows run at once")
	return command
}

func runApply(ctx context.Context, flags *planning, watch *watchers, targets []string, file string, parallelism int) error {
	if parallelism < 1 {
		return fmt.Errorf("--parallelism is at least 1")
	}
	ctx, stopSignals := interruptible(ctx, watch)
	defer stopSignals()
	flags.log = watch
	project, options, err := flags.toApply(targets, file)
	if err != nil {
		return err
	}
	// A reader that goes away, as `| head` does, must not end flows that run.
	signal.Ignore(syscall.SIGPIPE)
	summary, outputs, diags, err := project.Apply(ctx, engine.ApplyOptions{Plan: options, Parallelism: parallelism}, engine.Applying{
		Planned: watch.planned,
		Event:   watch.event,
	})
	watch.close()
	var stopped *interrupted
	if err != nil && !errors.As(err, &stopped) {
		return err
	}
	reported := flags.report(project, diags)
	if summary != nil {
		watch.finish(summary, outputs)
	}
	switch {
	case stopped != nil:
		return exit(stopped.code)
	case summary != nil && summary.Failures() != nil:
		return exit(exitFailed)
	case summary != nil && summary.Stale > 0:
		return exit(exitStale)
	}
	return reported
}

// toApply loads the configuration with what is to be done with it: what a
// saved plan says, or what is out of date.
func (p *planning) toApply(targets []string, file string) (*engine.Project, plan.Options, error) {
	if file != "" {
		project, options, err := p.loadSaved(file)
		options.Locked, options.Strict, options.NoResume = p.locked, p.strict, p.noResume
		return project, options, err
	}
	options, err := p.options(targets)
	if err != nil {
		return nil, options, err
	}
	options.OrFile = true
	project, err := p.load()
	return project, options, err
}
