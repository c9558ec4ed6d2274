package model

import (
	"maps"
	"slices"
	"strings"
)

// codes are the reasons for a leaf that was edited, by its kind.
var codes = map[string]string{
	"argv": "command_changed", "outputs": "command_changed", "env": "env_changed", "parameters": "parameters_changed",
	"salt": "salt_changed", "bundle": "code_changed", "environment": "environment_changed",
}

// reasons are the codes of why an instance has a verdict other than fresh:
// sorted.
func (w *walk) reasons(a Address, verdict string, d *Decision, missing bool) []string {
	found := map[string]bool{}
	if w.world.failed[a] && verdict == "run" {
		found["previous_failed"] = true
	}
	if d.selected == nil {
		found["new"] = true
	} else {
		if missing {
			found["result_missing"] = true
		}
		compare(d.selected.current().manifest, d.manifest, found)
	}
	return slices.Sorted(maps.Keys(found))
}

// compare finds the reasons in the difference of two manifests.
func compare(old, now manifest, found map[string]bool) {
	paths := slices.Collect(maps.Keys(old))
	for path := range now {
		if _, both := old[path]; !both {
			paths = append(paths, path)
		}
	}
	for _, path := range paths {
		before, had := old[path]
		l, has := now[path]
		if had && has && !l.unknown && before.value == l.value {
			continue
		}
		kind, _, _ := strings.Cut(path, ".")
		switch {
		case kind == "depends_on":
			compareDepends(before.uses, l.uses, found)
		case kind == "environment" && l.unknown:
			found["environment_may_change"] = true
		case l.hook && l.unknown:
			found["hook_may_change"] = true
		case l.hook:
			found["hook_changed"] = true
		case len(l.uses) == 0:
			found[codes[kind]] = true
		default:
			compareUses(before, l, codes[kind], found)
		}
	}
}

// compareUses tells an upstream result that moved from an edit.
func compareUses(before, l leaf, code string, found map[string]bool) {
	moved, edited := false, before.shape != l.shape
	for _, u := range l.uses {
		earlier := slices.IndexFunc(before.uses, func(old use) bool { return old.from == u.from && old.output == u.output })
		if earlier < 0 {
			edited = true
		} else if u.version != "" && before.uses[earlier].version == u.version {
			continue
		}
		moved = true
		found[u.reason()] = true
	}
	if !moved || edited && !l.unknown {
		found[code] = true
	}
}

// compareDepends compares two lists in which neither order nor names count.
func compareDepends(before, now []use, found map[string]bool) {
	left := slices.Clone(before)
	var renamed, moved []use
	for _, u := range now {
		i := slices.IndexFunc(left, func(old use) bool { return old.from == u.from })
		if i < 0 {
			renamed = append(renamed, u)
			continue
		}
		if left[i].version != u.version {
			moved = append(moved, u)
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, u := range renamed {
		if i := slices.IndexFunc(left, func(old use) bool { return old.version == u.version }); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			moved = append(moved, u)
		}
	}
	for _, u := range moved {
		found[u.reason()] = true
	}
	if len(left) > 0 || len(moved) == 0 { // one is gone; nobody may know which
		found["input_changed"] = true
	}
}

// reason is the code for an input that is not what it was, or may not be.
func (u use) reason() string {
	if u.version == "" && !u.certain {
		return "input_may_change"
	}
	return "input_changed"
}
