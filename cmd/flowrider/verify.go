package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/engine/verify"
)

func newVerifyCommand() *cobra.Command {
	var flags common
	command := &cobra.Command{
		Use:   "verify FLOW",
		Short: "run a flow once more, and compare the results",
		Long: "Runs a flow once more with what its recorded run was made of, in a private place,\n" +
			"and says whether the result is the same: whether the flow is deterministic. Names\n" +
			"the outputs that differ. Nothing recorded or published changes.\n\n" +
			"Exit codes: 0 the results are equal · 1 they differ, or there is an error · 3 the\nflow failed · 4 locked by another apply · 130, 143 interrupted.",
		Example: "  flowrider verify flow.clean\n  flowrider verify flow.clean --json | jq '.differences'",
		RunE: func(command *cobra.Command, arguments []string) error {
			return runVerify(contextOr(command.Context()), &flags, arguments[0])
		},
	}
	flags.register(command.Flags())
	flags.registerLock(command.Flags())
	return command
}

func runVerify(ctx context.Context, flags *common, argument string) error {
	project, address, err := flags.flow(argument)
	if err != nil {
		return err
	}
	ctx = interruptible(ctx, nil)
	result, diags, err := project.Verify(ctx, address)
	if err := flags.report(project, diags); err != nil {
		return err
	}
	var stopped *interrupted
	var failed *verify.Failed
	switch {
	case errors.As(context.Cause(ctx), &stopped):
		return exit(stopped.code)
	case errors.As(err, &failed):
		writeVerifyFailure(os.Stderr, failed)
		return exit(exitFailed)
	case err != nil:
		return err
	}
	if flags.json {
		writeJSON(os.Stdout, result)
	} else {
		writeNotes(os.Stderr, result.Notes)
		writeVerified(os.Stdout, result)
	}
	if !result.Equal {
		return exit(exitError)
	}
	return nil
}

func writeVerifyFailure(w io.Writer, failed *verify.Failed) {
	fmt.Fprintln(w, failed.Error())
	writeTail(w, failed.Tail)
	fmt.Fprintf(w, "All of it: %s\nNothing recorded has changed.\n", failed.Log)
}

// writeTail writes the end of a log.
func writeTail(w io.Writer, tail string) {
	if tail = strings.TrimRight(tail, "\n"); tail != "" {
		fmt.Fprintln(w, "The end of its log:")
		for line := range strings.Lines(inert(tail) + "\n") {
			fmt.Fprint(w, "  | "+line)
		}
	}
}

func writeVerified(w io.Writer, r *verify.Result) {
	if r.Equal {
		fmt.Fprintf(w, "%s gave the same result once more, as run %s did.\n", r.Flow, r.RunID)
		return
	}
	fmt.Fprintf(w, "%s gave another result than run %s did, with the same config hash:\n", r.Flow, r.RunID)
	for _, output := range r.Outputs {
		state := "equal"
		if !output.Equal {
			state = "differs"
		}
		fmt.Fprintf(w, "  output %s: %s\n", output.Name, state)
	}
	shown := 0
	for _, difference := range r.Differences {
		if difference.Step == "" {
			continue
		}
		if shown++; shown <= mostChanges {
			fmt.Fprintf(w, "  step %s: %s\n", difference.Step, artifactText(difference))
		}
	}
	if shown > mostChanges {
		fmt.Fprintf(w, "  … and %d more\n", shown-mostChanges)
	}
	if r.Pathspec != "" {
		fmt.Fprintf(w, "The new run stays where its runner keeps it, as %s.\n", r.Pathspec)
	}
	fmt.Fprintln(w, "What depends on it will run again whenever it does. Nothing recorded has changed.")
}

// artifactText says which artifact differs, and of which task where there are
// several.
func artifactText(d runner.Difference) string {
	text := "artifact " + d.Artifact + " differs"
	switch {
	case d.Old == "":
		text = "artifact " + d.Artifact + " is new"
	case d.New == "":
		text = "artifact " + d.Artifact + " is not there any more"
	}
	if d.Task != "" {
		text += " (" + d.Task + ")"
	}
	return text
}
