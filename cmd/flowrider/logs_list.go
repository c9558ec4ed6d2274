package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// listLogs lists the attempts at a flow that still have logs, newest first.
func (c *common) listLogs(project *engine.Project, address schema.Address) error {
	list, err := project.Records.Logged(address)
	if err != nil {
		return err
	}
	if c.json {
		writeJSON(os.Stdout, map[string]any{"flow": address.String(), "attempts": list})
		return nil
	}
	if len(list) == 0 {
		fmt.Fprintf(os.Stderr, "%s has no logs on this machine\n", address)
		return nil
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ATTEMPT\tSTARTED\tTOOK\tRUN\tENDED")
	for _, logged := range list {
		took := "-"
		if logged.Ended != nil {
			took = logged.Ended.Sub(logged.Started).Round(100 * time.Millisecond).String()
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", logged.ID, logged.Started.Local().Format(time.DateTime), took, orDash(logged.RunID), howEnded(logged))
	}
	return table.Flush()
}

// howEnded says how an attempt ended, and why.
func howEnded(logged record.Logged) string {
	text := strings.ReplaceAll(logged.State, "_", " ")
	if logged.State == "failed" && logged.Reason != "" {
		text += ": " + diag.Printable(firstLine(logged.Reason))
	}
	return text
}
