package manifest

// Change is one leaf that differs between two manifests. Old or New is empty
// where the leaf is absent; NewUnknown says that the new value is not known
// yet.
type Change struct {
	Path       Path
	Old, New   string
	NewUnknown bool
}

// Compare lists the leaves that differ, by path. A leaf that is unknown in
// now, with all that old has at or below it, is listed once.
func Compare(old, now Manifest) []Change {
	var changes []Change
	i, j := 0, 0
	for i < len(old.facts) || j < len(now.facts) {
		switch {
		case j < len(now.facts) && now.facts[j].Unknown:
			path := now.facts[j].Path
			for i < len(old.facts) && old.facts[i].Path.Compare(path) < 0 {
				changes = append(changes, Change{Path: old.facts[i].Path, Old: old.facts[i].Value})
				i++
			}
			change := Change{Path: path, NewUnknown: true}
			for i < len(old.facts) && old.facts[i].Path.HasPrefix(path) {
				change.Old = old.facts[i].Value
				i++
			}
			changes = append(changes, change)
			j++
		case j == len(now.facts) || i < len(old.facts) && old.facts[i].Path.Compare(now.facts[j].Path) < 0:
			changes = append(changes, Change{Path: old.facts[i].Path, Old: old.facts[i].Value})
			i++
		case i == len(old.facts) || old.facts[i].Path.Compare(now.facts[j].Path) > 0:
			changes = append(changes, Change{Path: now.facts[j].Path, New: now.facts[j].Value})
			j++
		default:
			if old.facts[i].Value != now.facts[j].Value {
				changes = append(changes, Change{Path: now.facts[j].Path, Old: old.facts[i].Value, New: now.facts[j].Value})
			}
			i, j = i+1, j+1
		}
	}
	return changes
}

// Agrees says whether old could be what now turns out to be: every leaf that
// is known is the same, and nothing unknown is certain to change, or was not
// there at all.
func Agrees(old, now Manifest) bool {
	for _, fact := range now.facts {
		if fact.Changes {
			return false
		}
	}
	for _, change := range Compare(old, now) {
		if !change.NewUnknown || change.Old == "" {
			return false
		}
	}
	return true
}
