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
)

func newExplainCommand() *cobra.Command {
	flags := common{warns: true}
	var against string
	command := &cobra.Command{
		Use:   "explain FLOW",
		Short: "say why a flow would run, or would not",
		Long: "Says a flow's verdict, every difference to its recorded run, and what is in its\nmanifest: all that counts. Calls no hook and works offline.\n\n" +
			exitCodes,
		Example: "  flowrider explain flow.report\n  flowrider explain flow.clean --against 1795310316549508",
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
	session, planned, flow, err := flags.decide(ctx, argument)
	if err != nil {
		return err
	}
	explanation := planned.Explain(flow)
	if against != "" {
		if explanation, err = session.ExplainAgainst(flow, against); err != nil {
			return err
		}
	}
	if flags.json {
		explanation.Warnings = flags.told()
		writeJSON(os.Stdout, explanation)
		return nil
	}
	writeNotes(os.Stderr, session.Notes)
	writeExplanation(os.Stdout, explanation, against != "")
	return nil
}

// decide plans one flow with what it needs, without calling hooks.
func (c *common) decide(ctx context.Context, argument string) (*plan.Session, *plan.Plan, *plan.Flow, error) {
	project, address, err := c.flow(argument)
	if err != nil {
		return nil, nil, nil, err
	}
	session, planned, err := c.planned(ctx, project, plan.Options{Targets: []plan.Target{plan.At(address)}, Offline: true, Explain: true, NoRefresh: !c.refresh})
	if err != nil {
		return nil, nil, nil, err
	}
	return session, planned, planned.Flow(address.String()), nil
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

// writeExplanation says all there is to say of a flow.
func writeExplanation(w io.Writer, e *plan.Explanation, against bool) {
	fmt.Fprintf(w, "%s %s.\n", e.Address, verdicts[e.Verdict])
	writeExplained(w, "", e, against)
}

// writeExplained is what stands below a flow's verdict, in explain and in
// plan -v.
func writeExplained(w io.Writer, indent string, e *plan.Explanation, against bool) {
	line := func(format string, values ...any) { fmt.Fprintf(w, indent+"  "+format+"\n", values...) }
	if e.Compared != nil {
		word := "compared with"
		if !against && (e.Verdict == plan.Fresh || e.Verdict == plan.Pinned) {
			word = "by"
		}
		line("%s run %s of %s", word, e.Compared.RunID, e.Compared.Finished.Local().Format(time.DateTime))
	}
	for _, confirmed := range e.Confirmed {
		line("confirmed by run %s of %s, with the same result", confirmed.RunID, confirmed.Finished.Local().Format(time.DateTime))
	}
	if e.Asserted {
		line("its record is asserted: somebody has accepted or imported the run")
	}
	if against && len(e.Reasons) == 0 {
		line("no difference")
	}
	writeReasons(w, indent+"  ", e.Reasons, math.MaxInt)
	if e.Pin != nil && !against {
		line("without the pin it %s", verdicts[e.Pin.WouldBe])
		writeReasons(w, indent+"    ", e.Pin.Reasons, math.MaxInt)
	}
	writeResumes(w, indent+"  ", e.Flow)
	writeElsewhere(w, indent+"  ", e.Flow)
	writeRemedies(w, indent, "What to do", e.Remedies)
	writeRemedies(w, indent, "What would make the recorded run right again, all of it", e.Undo)
	if e.ConfigHash != nil {
		fmt.Fprintf(w, "\n%sConfig hash %s, of:\n", indent, *e.ConfigHash)
	} else {
		fmt.Fprintf(w, "\n%sConfig hash not known yet, of:\n", indent)
	}
	for _, fact := range e.Manifest {
		line("%s", diag.Printable(fact))
	}
}

// writeRemedies writes what there is to do, under a heading.
func writeRemedies(w io.Writer, indent, heading string, remedies []plan.Remedy) {
	for i, remedy := range remedies {
		if i == 0 {
			fmt.Fprintf(w, "\n%s%s:\n", indent, heading)
		}
		text := remedy.Text
		if remedy.Command != "" {
			text = remedy.Command + "   " + text
		}
		fmt.Fprintf(w, "%s  %s\n", indent, diag.Printable(text))
	}
}
