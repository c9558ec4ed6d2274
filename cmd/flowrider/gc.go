package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/gc"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// collected is what gc --json writes.
type collected struct {
	FormatVersion string `json:"format_version"`
	DryRun        bool   `json:"dry_run"`
	*gc.Garbage
}

func newGCCommand() *cobra.Command {
	var flags common
	var options engine.GCOptions
	var olderThan string
	command := &cobra.Command{
		Use:   "gc",
		Short: "remove what nothing refers to any more",
		Long: "Lists what this machine keeps and nothing refers to any more, with its size, and\n" +
			"removes it: outputs in .flowrider/blobs, the runs of the history that had them,\n" +
			"texts for explain, logs, and the bundles of failed attempts. What a record of any\n" +
			"workspace selects, what a flow is pinned to and the log of each last attempt stay.\n" +
			"Runs of Metaflow are never removed, nor files of yours in .flowrider/displaced.\n" +
			"To go back to a configuration whose outputs were removed, or to a git branch with\n" +
			"other records, runs flows again; --older-than keeps what is young.\n\n" + exitCodes,
		Example: "  flowrider gc --dry-run\n  flowrider gc --older-than 14d\n" +
			"  flowrider gc --records   # and the records of flows that are not declared any more",
		RunE: func(command *cobra.Command, _ []string) error {
			return runGC(contextOr(command.Context()), &flags, options, olderThan)
		},
	}
	flags.register(command.Flags())
	flags.registerLock(command.Flags())
	command.Flags().BoolVar(&options.DryRun, "dry-run", false, "only list it")
	command.Flags().BoolVar(&options.Records, "records", false, "remove the records of flows that are not declared any more, too")
	command.Flags().StringVar(&olderThan, "older-than", "", "keep what is younger than this `DURATION`, such as 36h or 14d")
	return command
}

func runGC(ctx context.Context, flags *common, options engine.GCOptions, olderThan string) error {
	if olderThan != "" {
		var err error
		if options.OlderThan, err = schema.ParseDuration(olderThan); err != nil {
			return fmt.Errorf("--older-than: %w; write 36h or 14d", err)
		}
	}
	project, err := flags.load()
	if err != nil {
		return err
	}
	garbage, diags, err := project.GC(ctx, options)
	if err != nil {
		return err
	}
	if err := flags.report(project, diags); err != nil {
		return err
	}
	if flags.json {
		writeJSON(os.Stdout, collected{plan.FormatVersion, options.DryRun, garbage})
		return nil
	}
	writeGarbage(garbage, options.DryRun)
	return nil
}

// kinds are the kinds of garbage in words, for one and for many.
var kinds = []struct{ kind, one, many string }{
	{gc.Record, "record", "records"}, {gc.Run, "run of the history", "runs of the history"}, {gc.Output, "output", "outputs"},
	{gc.Text, "text", "texts"}, {gc.Attempt, "attempt", "attempts"}, {gc.Log, "log", "logs"},
	{gc.Bundle, "bundle", "bundles"}, {gc.Leftover, "leftover", "leftovers"},
}

// writeGarbage writes what was found, a line each, then the sums by kind. What
// stays and might not be wanted is noted.
func writeGarbage(garbage *gc.Garbage, dry bool) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, item := range garbage.Items {
		what := item.Path
		if what == "" {
			what = item.Flow + " run " + item.RunID
		}
		fmt.Fprintf(table, "%s\t%9s\t%s\n", item.Kind, sizeText(item.Size), diag.Printable(what))
	}
	table.Flush()
	writeKept(garbage.Kept)
	if len(garbage.Items) == 0 {
		fmt.Println("Nothing to remove.")
		return
	}
	verb, sums := "Removed", ""
	if dry {
		verb = "Would remove"
	}
	for _, k := range kinds {
		count := 0
		for _, item := range garbage.Items {
			if item.Kind == k.kind {
				count++
			}
		}
		if count > 0 {
			sums += ", " + plural(count, k.one, k.many)
		}
	}
	fmt.Printf("\n%s %s: %s.\n", verb, sizeText(garbage.Size), sums[2:])
}

func writeKept(kept gc.Kept) {
	for _, address := range kept.Undeclared {
		fmt.Fprintf(os.Stderr, "note: %s has a record and is not declared any more; --records removes it\n", address)
	}
	for _, problem := range kept.Damaged {
		fmt.Fprintf(os.Stderr, "note: %s; what it names stays\n", diag.Printable(problem))
	}
	if kept.Displaced > 0 {
		fmt.Fprintf(os.Stderr, "note: .flowrider/displaced has %s of yours (%s); remove what you do not need\n",
			plural(kept.Displaced, "file", "files"), sizeText(kept.DisplacedSize))
	}
}

// sizeText is a number of bytes as people read it.
func sizeText(size int64) string {
	if size < 1000 {
		return fmt.Sprintf("%d B", size)
	}
	value := float64(size)
	for _, unit := range []string{"kB", "MB", "GB"} {
		if value /= 1000; value < 999.95 {
			return fmt.Sprintf("%.1f %s", value, unit)
		}
	}
	return fmt.Sprintf("%.1f TB", value/1000)
}
