package diag

import (
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
)

// Suggestion rides in a diagnostic's Extra: what to write instead.
type Suggestion string

// Suggest is the candidate nearest to a misspelt name, or "" if none is near.
// Of equally near ones the first in byte order wins, so that a message does
// not depend on the order of the candidates.
func Suggest(name string, candidates []string) string {
	bound := 1
	if len(name) > 3 {
		bound = max(2, len(name)/3) // two letters that changed places are two edits
	}
	best, least := "", bound+1
	for _, candidate := range candidates {
		if candidate == name || len(candidate)-len(name) > 4*bound || len(name)-len(candidate) > 4*bound { // bytes, of which a letter has up to four
			continue
		}
		if distance := levenshtein.Distance(name, candidate, nil); distance < least || distance == least && best != "" && candidate < best {
			best, least = candidate, distance
		}
	}
	return best
}

// Kinds writes which kinds of a block there are.
func Kinds(kinds []string) string {
	var texts []string
	for _, kind := range kinds {
		texts = append(texts, strconv.Quote(kind))
	}
	if len(texts) == 1 {
		return Listing("The only kind is", texts)
	}
	return Listing("The kinds are", texts)
}

// There writes "There is a." or "There are a, b and c." with the names sorted.
func There(names []string) string {
	if len(names) == 1 {
		return Listing("There is", names)
	}
	return Listing("There are", names)
}

// Listing writes "It takes a, b and c." with the candidates sorted.
func Listing(intro string, candidates []string) string {
	sorted := slices.Compact(slices.Sorted(slices.Values(candidates)))
	if len(sorted) == 0 {
		return ""
	}
	last := len(sorted) - 1
	text := sorted[last]
	if last > 0 {
		text = strings.Join(sorted[:last], ", ") + " and " + text
	}
	return intro + " " + text + "."
}
