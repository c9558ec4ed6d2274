package diag

import (
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
)

// Suggestion rides in a diagnostic's Extra: what to write instead.
type Suggestion string

// Suggest is the candidate nearest to a misspelt name, or "" if none is near: one
// that differs in case alone, else by few edits, else the only one that begins as
// the name does. Of equally near ones the first in byte order wins, so that a
// message does not depend on the order of the candidates.
func Suggest(name string, candidates []string) string {
	best, least := "", 0
	var longer []string
	for _, candidate := range candidates {
		edits, near := apart(name, candidate)
		if near && (best == "" || edits < least || edits == least && candidate < best) {
			best, least = candidate, edits
		}
		if len(name) > 2 && len(candidate) > len(name) && strings.HasPrefix(candidate, name) && !slices.Contains(longer, candidate) {
			longer = append(longer, candidate)
		}
	}
	if best == "" && len(longer) == 1 {
		return longer[0]
	}
	return best
}

// apart is how many edits make one name of another, and whether those are so few
// that they may be mistakes: of a name of one or two letters, nothing is left
// then. What is the same up to a dot, as in two addresses, says nothing.
func apart(name, candidate string) (edits int, near bool) {
	if name == candidate {
		return 0, false
	}
	if strings.EqualFold(name, candidate) {
		return 0, true
	}
	if dot := strings.LastIndexByte(name, '.'); strings.HasPrefix(candidate, name[:dot+1]) {
		name, candidate = name[dot+1:], candidate[dot+1:]
	}
	short, most := min(len(name), len(candidate)), 0
	switch {
	case short > 4:
		most = max(2, short/3)
	case short > 2 && sorted(name) == sorted(candidate):
		most = 2 // letters that changed places
	case short > 2:
		most = 1
	}
	if most == 0 || max(len(name), len(candidate))-short > 4*most { // bytes, of which a letter has up to four
		return 0, false
	}
	edits = levenshtein.Distance(name, candidate, nil)
	return edits, edits <= most
}

func sorted(name string) string {
	letters := []byte(name)
	slices.Sort(letters)
	return string(letters)
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
	if slices.ContainsFunc(names, func(name string) bool { return name != names[0] }) {
		return Listing("There are", names)
	}
	return Listing("There is", names)
}

// Listing writes "It takes a, b and c." with the candidates sorted.
func Listing(intro string, candidates []string) string {
	list := slices.Compact(slices.Sorted(slices.Values(candidates)))
	if len(list) == 0 {
		return ""
	}
	last := len(list) - 1
	text := list[last]
	if last > 0 {
		text = strings.Join(list[:last], ", ") + " and " + text
	}
	return intro + " " + text + "."
}
