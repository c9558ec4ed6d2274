package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
)

func newApplyCommand() *cobra.Command {
	flags := planning{common: common{jsonType: diagnosticsType, warns: true}}
	var options engine.ApplyOptions
	var files reportFiles
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
			a := applying{planning: &flags, targets: targets, file: file, options: options, files: files, report: newReport()}
			a.watch = newWatchers(&flags, volume, a.report)
			defer a.watch.close()
			return a.watch.end(a.run(contextOr(command.Context())))
		},
	}
	flags.register(command.Flags())
	flags.registerLock(command.Flags())
	flags.registerPolicy(command.Flags())
	command.Flags().BoolVarP(&flags.quiet, "quiet", "q", false, "show failures and the summary alone")
	command.Flags().Lookup("verbose").Usage = "show all that flows print, each line with its flow, and explain the plan"
	command.Flags().BoolVar(&flags.noResume, "no-resume", false, "begin every run from the beginning, also where one that failed could be gone on with")
	files.register(command.Flags())
	command.Flags().IntVar(&options.Parallelism, "parallelism", runtime.GOMAXPROCS(0), "how many flows run at once")
	command.Flags().Lookup("parallelism").DefValue = "one for each processor"
	command.Flags().BoolVar(&options.FailFast, "fail-fast", false, "start nothing any more once a flow has failed; what runs goes on to its end")
	return command
}

// applying is one apply from its arguments to its end.
type applying struct {
	*planning
	targets []string
	file    string // the saved plan; "" without one
	options engine.ApplyOptions
	files   reportFiles
	watch   *watchers
	report  *report
}

// run applies, then writes and runs what wants to know how it has ended.
func (a *applying) run(ctx context.Context) error {
	if a.options.Parallelism < 1 {
		return fmt.Errorf("--parallelism is at least 1")
	}
	if err := a.files.check(a.chdir); err != nil {
		return err
	}
	ctx = interruptible(ctx, a.watch)
	a.log = a.watch
	project, err := a.apply(ctx)
	a.report.err, a.report.mistakes = err, a.mistakes
	a.report.err = a.files.write(a.report, project, a.watch.note)
	if project != nil {
		onFinish(ctx, project, a.report, a.watch.note)
	}
	return a.report.err
}

// apply applies. The project is nil where it could not be loaded.
func (a *applying) apply(ctx context.Context) (*engine.Project, error) {
	project, options, err := a.toApply(a.targets, a.file)
	if err != nil {
		return nil, err
	}
	options.Saved = append(options.Saved, placesOf(a.files.paths()...)...)
	a.options.Plan = options
	summary, outputs, diags, err := project.Apply(ctx, a.options, engine.Applying{
		Planned: func(planned *plan.Plan, warnings hcl.Diagnostics) {
			_ = a.planning.report(project, warnings) // of which none is an error
			planned.Warnings = a.told()
			a.watch.planned(planned)
		},
		Event: a.watch.event,
	})
	a.watch.close()
	var stopped *interrupted
	reported := a.planning.report(project, diags)
	if summary != nil {
		a.watch.finish(summary, outputs)
	}
	switch {
	case err != nil && !errors.As(err, &stopped):
		return project, err
	case stopped != nil, summary == nil && errors.As(context.Cause(ctx), &stopped):
		return project, exit(stopped.code)
	case summary != nil && summary.Failures() != nil:
		return project, exit(exitFailed)
	case summary != nil && summary.Stale > 0:
		return project, exit(exitStale)
	}
	return project, reported
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
