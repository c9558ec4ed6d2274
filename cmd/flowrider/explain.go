package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

func newExplainCommand() *cobra.Command {
	var flags common
	var against string
	command := &cobra.Command{
		Use:   "explain FLOW",
		Short: "say why a flow would run, or would not",
		Long: "Says a flow's verdict, every difference to its recorded run, and what is in its\nmanifest: all that counts. Calls no hook and works offline.\n\n" +
			exitCodes,
		Example: "  flowrider explain flow.report\n  flowrider explain flow.clean --against 1795310316549508",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			return runExplain(contextOr(command.Context()), &flags, arguments[0], against)
		},
	}
	flags.register(command.Flags())
	flags.registerRefresh(command.Flags())
	flags.registerCache(command.Flags())
	command.Flags().StringVar(&against, "against", "", "compare with this `RUN_ID` of the flow's history")
	return command
}

func runExplain(ctx context.Context, flags *common, argument, against string) error {
	session, flow, err := flags.decide(ctx, argument)
	if err != nil {
		return err
	}
	explanation, err := session.Explain(flow, against)
	if err != nil {
		return err
	}
	if flags.json {
		writeJSON(os.Stdout, explanation)
		return nil
	}
	writeNotes(os.Stderr, session.Notes)
	writeExplanation(os.Stdout, explanation, against != "")
	return nil
}

// decide plans one flow with what it needs, without calling hooks.
func (c *common) decide(ctx context.Context, argument string) (*plan.Session, *plan.Flow, error) {
	project, address, err := c.flow(argument)
	if err != nil {
		return nil, nil, err
	}
	session, diags := project.Session(plan.Options{Targets: []schema.Address{address}, Offline: true, Explain: true, NoRefresh: !c.refresh})
	if err := c.report(project, diags); err != nil {
		return nil, nil, err
	}
	planned, diags := session.Plan(ctx)
	if err := c.report(project, diags); err != nil {
		return nil, nil, err
	}
	return session, planned.Flow(address.String()), nil
}

// verdicts are the verdicts in words.
var verdicts = map[plan.Verdict]string{
	plan.Fresh:   "is up to date",
	plan.Reuse:   "will reuse an earlier run",
	plan.Run:     "will run",
	plan.MayRun:  "may run, if what it needs comes out different",
	plan.Pinned:  "is pinned",
	plan.Blocked: "cannot run",
}

func writeExplanation(w io.Writer, e *plan.Explanation, against bool) {
	fmt.Fprintf(w, "%s %s.\n", e.Address, verdicts[e.Verdict])
	if e.Compared != nil {
		fmt.Fprintf(w, "  compared with run %s of %s\n", e.Compared.RunID, e.Compared.Finished.Local().Format(time.DateTime))
	}
	if e.Asserted {
		fmt.Fprintln(w, "  its record is asserted: somebody has accepted or imported the run")
	}
	if against && len(e.Reasons) == 0 {
		fmt.Fprintln(w, "  no difference")
	}
	writeReasons(w, "  ", e.Reasons, math.MaxInt)
	if e.Pin != nil && !against {
		fmt.Fprintf(w, "  without the pin it %s\n", verdicts[e.Pin.WouldBe])
		writeReasons(w, "    ", e.Pin.Reasons, math.MaxInt)
	}
	writeElsewhere(w, "  ", e.Flow)
	if e.ConfigHash != nil {
		fmt.Fprintf(w, "\nConfig hash %s, of:\n", *e.ConfigHash)
	} else {
		fmt.Fprintln(w, "\nConfig hash not known yet, of:")
	}
	for _, line := range e.Manifest {
		fmt.Fprintf(w, "  %s\n", diag.Printable(line))
	}
}
