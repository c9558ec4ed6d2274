// Command schedule measures in which time flowrider's scheduler gets through
// graphs of real workflows, beside critical-path-first list scheduling that
// knows how long everything takes, and beside what no schedule could beat.
//
// By itself it drives the scheduler (engine/graph) with a simulated clock, as
// the test beside it does, which holds the bounds. With -real it applies the
// graphs with flowrider, as flows that sleep.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

func main() {
	real := flag.Bool("real", false, "apply the graphs with flowrider, as flows that sleep")
	seconds := flag.Float64("seconds", 100, "with -real: how long the best schedule of each graph is to take")
	only := flag.String("only", "", "with -real: only graphs with this in their name")
	onlySlots := flag.Int("slots", 0, "with -real: only with so many slots")
	folder := flag.String("folder", "", "with -real: where the projects are made; a temporary folder if it is not said")
	flag.Parse()
	workflows, err := readAll("bench/schedule/testdata")
	if err != nil {
		log.Fatal(err)
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	if !*real {
		fmt.Fprintln(table, "graph\ttasks\tslots\tno schedule beats\treference\tflowrider\tratio\tfirst time\tof the least\tGraham's bound\t")
		for _, w := range workflows {
			for _, slots := range []int{2, 4, 16} {
				m := measure(w, slots)
				fmt.Fprintf(table, "%s\t%d\t%d\t%.1f s\t%.1f s\t%.1f s\t%.4f\t%.1f s\t%.4f\t%.4f\t\n", w.name, len(w.tasks), slots,
					m.least, m.reference, m.known, m.known/m.reference, m.unknown, m.unknown/m.least, graham(slots))
			}
		}
		table.Flush()
		return
	}
	if *folder == "" {
		if *folder, err = os.MkdirTemp("", "flowrider-schedule"); err != nil {
			log.Fatal(err)
		}
		defer os.RemoveAll(*folder)
	}
	program := build(*folder)
	fmt.Println("graph, tasks, slots, scale, reference, flowrider, ratio")
	for _, w := range workflows {
		if !strings.Contains(w.name, *only) {
			continue
		}
		for _, slots := range []int{2, 4, 16} {
			if *onlySlots != 0 && *onlySlots != slots {
				continue
			}
			scale := *seconds / listSchedule(w.tasks, slots)
			scaled := w.scaled(scale)
			least := listSchedule(scaled.tasks, slots)
			took := apply(program, filepath.Join(*folder, fmt.Sprintf("%s-%d", w.name, slots)), scaled, slots)
			fmt.Printf("%s, %d, %d, %.5f, %.1f s, %.1f s, %.4f\n", w.name, len(w.tasks), slots, scale, least, took, took/least)
		}
	}
}
