package main

import (
	"fmt"
	"time"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/internal/diag"
)

func counter(event apply.Event) string { return fmt.Sprintf("[%d/%d]", event.Done, event.Total) }

// eventLine is an event as a plain line; "" for what is not worth one.
func eventLine(event apply.Event) string {
	switch {
	case event.Type == "log":
		return ""
	case event.Type == "note":
		return "note: " + diag.Printable(event.Reason)
	case event.Type != "flow" && event.State == apply.Failed:
		return fmt.Sprintf("        %s: failed", event.Address)
	case event.Type != "flow" && event.State == apply.Stale:
		return fmt.Sprintf("        %s: the plan is stale (%s)", event.Address, diag.Printable(firstLine(event.Reason)))
	case event.Type != "flow":
		return fmt.Sprintf("        %s: %s", event.Address, diag.Printable(firstLine(event.Reason)))
	}
	number := counter(event)
	switch event.State {
	case apply.Running:
		if event.Attempt > 1 {
			return fmt.Sprintf("%-7s %s: running (attempt %d)", number, event.Address, event.Attempt)
		}
		return fmt.Sprintf("%-7s %s: running (%s)", number, event.Address, event.Reason)
	case apply.Retrying:
		return fmt.Sprintf("%-7s %s: %s: %s", number, event.Address, retrying(event), diag.Printable(firstLine(event.Reason)))
	case apply.Succeeded:
		if event.Reason != "" {
			return fmt.Sprintf("%-7s %s: succeeded in %s, %s; it keeps run %s", number, event.Address, took(seconds(event.Duration)), event.Reason, event.RunID)
		}
		return fmt.Sprintf("%-7s %s: succeeded in %s, run %s", number, event.Address, took(seconds(event.Duration)), event.RunID)
	case apply.Reused:
		if event.Reason != "" {
			return fmt.Sprintf("%-7s %s: reused run %s, %s", number, event.Address, event.RunID, diag.Printable(event.Reason))
		}
		return fmt.Sprintf("%-7s %s: reused run %s", number, event.Address, event.RunID)
	case apply.Failed:
		if event.Attempt > 1 {
			return fmt.Sprintf("%-7s %s: failed%s, the last of %s", number, event.Address, afterAttempts(event), took(seconds(event.Duration)))
		}
		if event.Duration > 0 {
			return fmt.Sprintf("%-7s %s: failed after %s", number, event.Address, took(seconds(event.Duration)))
		}
		return fmt.Sprintf("%-7s %s: failed", number, event.Address)
	case apply.Blocked:
		return fmt.Sprintf("%-7s %s: blocked, since %s", number, event.Address, event.Reason)
	case apply.Stale:
		return fmt.Sprintf("%-7s %s: the plan is stale (%s)", number, event.Address, event.Reason)
	case apply.Cancelled:
		return fmt.Sprintf("%-7s %s: cancelled, %s", number, event.Address, event.Reason)
	}
	return ""
}

// retrying says that another attempt follows, and when.
func retrying(event apply.Event) string {
	when := ""
	if event.Expected > 0 {
		when = " in " + took(seconds(event.Expected))
	}
	return fmt.Sprintf("retrying%s, attempt %d failed", when, event.Attempt)
}

// seconds is a duration as events have it.
func seconds(count float64) time.Duration { return time.Duration(count * float64(time.Second)) }

// took is how long something has taken: 200ms, 5.2s, 1m 5s, 2h 10m, 3d 4h.
func took(d time.Duration) string {
	if tenths := d.Round(100 * time.Millisecond); tenths < time.Minute {
		return tenths.String()
	}
	return inSeconds(d)
}

// inSeconds is a time without tenths, in its two greatest units.
func inSeconds(d time.Duration) string {
	d = d.Round(time.Second)
	units := []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}}
	for i, unit := range units {
		if d < unit.length {
			continue
		}
		lesser, name := time.Second, "s"
		if i+1 < len(units) {
			lesser, name = units[i+1].length, units[i+1].name
		}
		return fmt.Sprintf("%d%s %d%s", d/unit.length, unit.name, d%unit.length/lesser, name)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}
