package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
)

// flowStatus is one flow in status: its verdict and its record.
type flowStatus struct {
	Address   string       `json:"address"`
	Verdict   plan.Verdict `json:"verdict"`
	Reasons   []string     `json:"reasons,omitempty"` // their codes; explain has the rest
	Problem   string       `json:"problem,omitempty"` // with its record
	RunID     string       `json:"run_id,omitempty"`
	Started   *time.Time   `json:"started,omitempty"`
	Duration  float64      `json:"duration_s,omitempty"`
	Attempt   string       `json:"last_attempt,omitempty"`     // how the last attempt ended, unless it succeeded
	Asserted  bool         `json:"asserted,omitempty"`         // its record is that of an accepted or imported run
	Committed string       `json:"committed_run_id,omitempty"` // of the committed record, where run_id is this machine's choice
}

func newStatusCommand() *cobra.Command {
	flags := common{warns: true}
	var noHooks, strict bool
	var exclude []string
	command := &cobra.Command{
		Use:   "status [TARGET...]",
		Short: "list all flows with their verdicts and records",
		Long: "Lists flows with their verdicts, their recorded runs, and how their last attempts\non this machine ended, unless they succeeded; then what an apply is doing now, and\nwhat one that died has left.\n\n" + targetsHelp + "\n\n" +
			exitCodes,
		Example: "  flowrider status\n  flowrider status flow.report --no-hooks\n  flowrider status --json | jq '.flows[] | select(.last_attempt)'",
		RunE: func(command *cobra.Command, arguments []string) error {
			targets, err := parseTargets(arguments)
			if err != nil {
				return err
			}
			left, err := parseTargets(exclude)
			if err != nil {
				return err
			}
			options := plan.Options{Targets: targets, Exclude: left, NoHooks: noHooks, NoRefresh: !flags.refresh, Strict: strict}
			return runStatus(contextOr(command.Context()), &flags, options)
		},
	}
	flags.register(command.Flags())
	flags.registerCache(command.Flags())
	flags.registerRefresh(command.Flags())
	registerExclude(command.Flags(), &exclude)
	command.Flags().BoolVar(&noHooks, "no-hooks", false, "call no hooks; their values are unknown")
	command.Flags().BoolVar(&strict, "strict", false, "exit with 7 if records are asserted by accept or import")
	return command
}

func runStatus(ctx context.Context, flags *common, options plan.Options) error {
	project, err := flags.load()
	if err != nil {
		return err
	}
	_, planned, err := flags.planned(ctx, project, options)
	if err != nil {
		return err
	}
	list := []flowStatus{}
	for _, flow := range planned.Flows {
		list = append(list, statusOf(project, flow))
	}
	applies, problems := openApplies(project)
	if flags.json {
		undeclared := append([]string{}, planned.Undeclared...)
		document := map[string]any{"flows": list, "applies": applies, "undeclared": undeclared, "summary": planned.Summary}
		if warnings := flags.told(); len(warnings) > 0 {
			document["warnings"] = warnings
		}
		writeJSON(os.Stdout, document)
	} else {
		writeNotes(os.Stderr, append(planned.Notes, problems...))
		writeStatus(list)
		writeApplies(os.Stdout, applies)
		writeUndeclared(os.Stdout, "", planned.Undeclared)
		fmt.Println(planSummary(planned))
	}
	if refusal := planned.Refusal(); options.Strict && refusal != nil {
		return afterwards{refusal}
	}
	return nil
}

func statusOf(project *engine.Project, flow *plan.Flow) flowStatus {
	status := flowStatus{Address: flow.Address, Verdict: flow.Verdict, Asserted: flow.Asserted}
	var rec *record.Record
	if rec = flow.Selected; rec != nil {
		started := rec.Started
		status.RunID, status.Started, status.Duration = rec.RunID, &started, rec.Duration
	}
	if flow.ChoiceRunID != "" {
		status.Committed = flow.CommittedRunID
	}
	for _, reason := range flow.Reasons {
		status.Reasons = append(status.Reasons, reason.Code)
		if strings.HasPrefix(reason.Code, "record_") {
			status.Problem = reasonLine(reason)
		}
	}
	status.Attempt = attemptText(project.Records.LastAttempt(flow.Instance.Address))
	return status
}

// attemptText says how an attempt ended; "" if it succeeded or there is none.
func attemptText(attempt *record.Attempt) string {
	switch {
	case attempt == nil || attempt.Succeeded():
		return ""
	case attempt.Ended.IsZero() && attempt.Reason == "":
		return "ended unseen"
	case attempt.Failed:
		return "failed: " + firstLine(attempt.Reason)
	}
	return "was " + attempt.Reason
}

func writeStatus(list []flowStatus) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FLOW\tVERDICT\tRUN\tSTARTED\tTOOK\tWHY")
	chosen := 0
	var attempts, problems []flowStatus
	for _, status := range list {
		if status.Committed != "" {
			chosen++
		}
		run, started, took := "-", "-", "-"
		if status.Started != nil {
			run, started = status.RunID, status.Started.Local().Format(time.DateTime)
			took = time.Duration(status.Duration * float64(time.Second)).Round(100 * time.Millisecond).String()
		}
		if status.Attempt != "" {
			attempts = append(attempts, status)
		}
		if status.Problem != "" {
			problems = append(problems, status)
		}
		verdict := string(status.Verdict)
		if status.Asserted {
			verdict += ", asserted"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", status.Address, verdict, run, started, took, orDash(strings.Join(status.Reasons, ", ")))
	}
	table.Flush()
	fmt.Println()
	writeProblems(problems)
	writeAttempts(attempts)
	if chosen > 0 {
		fmt.Printf("%s: the committed records' runs lie in another store.\n", plural(chosen, "run is this machine's choice", "runs are this machine's choices"))
	}
}

// writeProblems says what is wrong with records.
func writeProblems(list []flowStatus) {
	for _, status := range list {
		fmt.Printf("%s: %s\n", status.Address, diag.Printable(status.Problem))
	}
	if len(list) > 0 {
		fmt.Println()
	}
}

// writeAttempts lists last attempts that did not succeed: below the table, for
// what they have to say is long.
func writeAttempts(list []flowStatus) {
	for _, status := range list {
		fmt.Printf("%s: the last attempt %s (flowrider logs %s)\n", status.Address, diag.Printable(status.Attempt), diag.ShellQuote(status.Address))
	}
	if len(list) > 0 {
		fmt.Println()
	}
}
