package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/saved"
)

// planning are the flags of commands that plan.
type planning struct {
	common
	replace  []string
	exclude  []string
	noHooks  bool
	locked   bool
	strict   bool
	quiet    bool // of apply
	noResume bool // of apply
}

func (p *planning) register(flags *pflag.FlagSet) {
	p.common.register(flags)
	p.registerCache(flags)
	flags.StringArrayVar(&p.replace, "replace", nil, "run this `TARGET` whether up to date or not, besides the other targets: with\nnone, besides all that is out of date; repeats")
	registerExclude(flags, &p.exclude)
}

// registerPolicy is for commands that apply, or say what apply would do.
func (p *planning) registerPolicy(flags *pflag.FlagSet) {
	flags.BoolVar(&p.strict, "strict", false, "refuse, with exit 7, flows whose records are asserted by accept or import")
	flags.BoolVar(&p.locked, "locked", false, "a stale or missing lock is an error, and nothing is locked; for CI")
}

func (p *planning) options(targets []string) (plan.Options, error) {
	options := plan.Options{NoHooks: p.noHooks, NoResume: p.noResume, Locked: p.locked, Strict: p.strict}
	var err error
	if options.Targets, err = parseTargets(targets); err != nil {
		return options, err
	}
	if options.Replace, err = parseTargets(p.replace); err != nil {
		return options, err
	}
	options.Exclude, err = parseTargets(p.exclude)
	return options, err
}

func newPlanCommand() *cobra.Command {
	flags := planning{common: common{warns: true}}
	var detailed bool
	var out string
	command := &cobra.Command{
		Use:   "plan [TARGET...]",
		Short: "say which flows would run, and why",
		Long:  "Says which flows would run, and exactly why. Changes nothing but its index of\nfiles, which git ignores.\n\n" + targetsHelp + "\n\n" + exitCodes,
		Example: "  flowrider plan\n  flowrider plan flow.report --var n_gram=4\n  flowrider plan 'flow.train*' --exclude flow.slow\n" +
			"  flowrider plan --detailed-exitcode   # exit 2 if something is to do\n" +
			"  flowrider plan --out tonight.plan    # to be read, and then applied as it is",
		RunE: func(command *cobra.Command, targets []string) error {
			if command.Flags().Changed("out") && out == "" {
				return errEmptyOut
			}
			return runPlan(command.Context(), &flags, targets, out, detailed)
		},
	}
	flags.register(command.Flags())
	flags.registerPolicy(command.Flags())
	flags.registerRefresh(command.Flags())
	command.Flags().BoolVar(&flags.noHooks, "no-hooks", false, "call no hooks; their values are unknown")
	command.Flags().StringVar(&out, "out", "", "save the plan to this `FILE`, for flowrider apply FILE")
	command.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit 2 if something is to do")
	return command
}

func runPlan(ctx context.Context, flags *planning, targets []string, out string, detailed bool) error {
	options, err := flags.options(targets)
	if err != nil {
		return err
	}
	options.NoRefresh = !flags.refresh
	if out != "" {
		if options.Saved, err = placeOf(out, flags); err != nil {
			return err
		}
	}
	project, err := flags.load()
	if err != nil {
		return err
	}
	session, planned, err := flags.planned(contextOr(ctx), project, options)
	if err != nil {
		return err
	}
	planned.Notes = append(planned.Notes, engine.Excesses(session, planned)...)
	planned.Warnings = flags.told()
	flags.writePlan(planned)
	if refusal := planned.Refusal(); flags.strict && refusal != nil {
		return afterwards{refusal}
	}
	if out != "" {
		if err := flags.savePlan(project, session, planned, out); err != nil {
			return afterwards{err}
		}
	}
	if detailed && planned.Pending() {
		return exit(exitPending)
	}
	return nil
}

// placeOf looks at the place of a plan that is to be saved, before anything is
// planned.
func placeOf(out string, flags *planning) ([]string, error) {
	if !flags.refresh {
		return nil, errors.New("--refresh=false does not go with --out: a plan that is carried out has looked at the recorded runs")
	}
	if err := saved.CheckPlace(out); err != nil {
		return nil, fmt.Errorf("the plan cannot be saved: %w", err)
	}
	return saved.Places(out)
}

// writePlan writes a plan: to standard output what is read, to standard error
// the notes.
func (c *common) writePlan(planned *plan.Plan) {
	if c.json {
		writeJSON(os.Stdout, planned)
		return
	}
	writePlan(os.Stdout, planned, c.verbose)
	writeNotes(os.Stderr, planned.Notes)
}

// contextOr is cobra's context, which is nil where none was given.
func contextOr(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}
