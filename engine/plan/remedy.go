package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/internal/diag"
)

// Remedy is something to do about a flow that is not up to date.
type Remedy struct {
	Command string `json:"command,omitempty"` // to be typed
	Text    string `json:"text"`              // what it does, or what to do by hand
}

// mostBack is how many values are named that could be set back.
const mostBack = 3

// remedies says what would make a flow up to date, or tells more: each by
// itself. undo is what would have to be done, all of it, for the recorded run
// to be right again. pending are the flows that it needs and that are not up to
// date.
func remedies(flow *Flow, pending []string) (list, undo []Remedy) {
	address := diag.ShellQuote(flow.Address)
	add := func(command, text string) { list = append(list, Remedy{command, text}) }
	switch flow.Verdict {
	case Run, MayRun:
		text := "runs it"
		if flow.Verdict == MayRun {
			text = "runs it if it has to"
		}
		if len(pending) > 0 {
			text += ", and first what it needs: " + strings.Join(pending, ", ")
		}
		add("flowrider apply "+address, text)
	case Reuse:
		add("flowrider apply "+address, "points its record to the earlier run; it does not run")
	case Fresh, Pinned:
		return nil, nil
	}
	if acceptable(flow) {
		add("flowrider accept "+address, "takes the recorded run as it is, if you know that the differences do not matter")
	}
	for _, reason := range flow.Reasons {
		switch reason.Code {
		case "previous_failed":
			add("flowrider logs "+address, "shows why its last attempt failed")
		case "hook_may_change":
			add("flowrider plan "+address, "calls the hook, and says for certain")
		case "environment_may_change":
			if e := environmentOf(flow); e != nil {
				add("flowrider env lock "+diag.ShellQuote(e.Block.Address.Local()), "locks its environment, so that it is known whether that changed")
			}
		}
		if flow.Selected != nil {
			undo = append(undo, undoing(flow, reason, pending)...)
		}
	}
	return list, undo
}

// undoing is what would take one reason away.
func undoing(flow *Flow, reason Reason, pending []string) []Remedy {
	switch reason.Code {
	case "parameters_changed", "command_changed", "env_changed", "options_changed", "salt_changed":
		return setBack(flow, reason)
	case "code_changed":
		return filesBack(flow, reason)
	case "environment_changed":
		if e := environmentOf(flow); e != nil {
			if lock, _ := e.Locked(); lock != nil {
				return []Remedy{{"", "put " + lock.Path + " back as it was"}}
			}
		}
	case "hook_changed":
		return []Remedy{{"", "let the hook give its earlier value again"}}
	case "input_changed", "input_may_change":
		return upstreamFirst(reason, pending)
	case "volatile":
		return []Remedy{{"", "take volatile = true away: with it, it runs in every apply"}}
	case "forced":
		return []Remedy{{"", "leave --replace out"}}
	}
	return nil
}

// environmentOf is a flow's environment, where it has been described.
func environmentOf(flow *Flow) *Environment {
	if flow.Place == nil {
		return nil
	}
	return flow.Place.Environment
}

// setBack names the values that differ, and where they are written.
func setBack(flow *Flow, reason Reason) []Remedy {
	var parts []string
	for _, change := range reason.Changes {
		switch {
		case change.Unknown:
		case len(parts) == mostBack:
			return []Remedy{{"", strings.Join(parts, ", ") + " and so on" + placeOf(flow, reason)}}
		case change.Old == nil:
			parts = append(parts, "take "+change.Path+" away")
		default:
			parts = append(parts, "set "+change.Path+" back to "+string(change.Old))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return []Remedy{{"", strings.Join(parts, ", ") + placeOf(flow, reason)}}
}

// placeOf is the argument that a reason is about: (env, flowrider.hcl:12).
func placeOf(flow *Flow, reason Reason) string {
	if flow.Instance == nil {
		return ""
	}
	for _, name := range []string{"parameters", "env", "argv", "shell", "workdir", "options", "run_options", "config_values", "salt", "file"} {
		argument := flow.Instance.Flow.Argument(name)
		if argument == nil || codeOf[name] != reason.Code && (codeOf[name] != "" || reason.Code != "options_changed") {
			continue
		}
		attribute := ""
		if len(reason.Changes) > 0 {
			attribute, _, _ = strings.Cut(reason.Changes[0].Path, ".")
		}
		place := flow.Instance.Flow.Place(name, attribute)
		return fmt.Sprintf(" (%s, %s:%d)", name, place.Filename, place.Start.Line)
	}
	return ""
}

// filesBack names the files that differ.
func filesBack(flow *Flow, reason Reason) []Remedy {
	var back, away []string
	for _, change := range reason.Changes {
		switch change.Kind {
		case "added":
			away = append(away, change.Path)
		case "changed", "removed":
			back = append(back, change.Path)
		default: // nobody here knows which
			return []Remedy{{"", "put its files back as they were"}}
		}
	}
	var parts []string
	if len(back) > 0 {
		parts = append(parts, "put "+some(back)+" back as before")
	}
	if len(away) > 0 {
		parts = append(parts, "take "+some(away)+" away")
	}
	if len(parts) == 0 {
		return nil
	}
	remedy := Remedy{Text: strings.Join(parts, ", ")}
	if flow.Selected != nil && flow.Selected.GitCommit != "" {
		remedy.Text += fmt.Sprintf(" (the recorded run was made in commit %.12s)", flow.Selected.GitCommit)
	}
	return []Remedy{remedy}
}

// some are a few of many names.
func some(names []string) string {
	if len(names) <= mostBack {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more files", strings.Join(names[:mostBack], ", "), len(names)-mostBack)
}

// upstreamFirst says of each flow whose result moved, or may, what there is to
// do about it.
func upstreamFirst(reason Reason, pending []string) []Remedy {
	var list []Remedy
	seen := map[string]bool{"": true}
	for _, change := range reason.Changes {
		if seen[change.Flow] {
			continue
		}
		seen[change.Flow] = true
		upstream := diag.ShellQuote(change.Flow)
		if slices.Contains(pending, change.Flow) {
			list = append(list, Remedy{"flowrider apply " + upstream, "if its result comes out as it was, this flow does not run"})
		} else {
			list = append(list, Remedy{"flowrider explain " + upstream, "says by what its result moved; with its earlier result this flow is up to date"})
		}
	}
	return list
}

// acceptable says whether accept could make a flow up to date.
func acceptable(flow *Flow) bool {
	if flow.Selected == nil || flow.ConfigHash == nil || flow.Verdict != Run {
		return false
	}
	return !slices.ContainsFunc(flow.Reasons, func(reason Reason) bool {
		return slices.Contains([]string{"new", "result_missing", "expired", "volatile", "forced"}, reason.Code)
	})
}
