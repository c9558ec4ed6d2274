package bundle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Above either of these a copy draws a warning.
const (
	manyBytes = 200e6
	manyFiles = 20_000
)

// weight is a folder or a file of a bundle with all that is copied of it.
type weight struct {
	path   string
	folder bool
	bytes  int64
	files  int
}

// Warnings says what is unusual about a bundle, one sentence each: a copy
// above 200 MB or 20,000 files, with its largest parts and the line to write.
func (l *Listing) Warnings() []string {
	total, inside := l.weigh()
	var warnings []string
	if total.bytes > manyBytes {
		heavy := heaviest(total, inside, func(w weight) int64 { return w.bytes })
		warnings = append(warnings, fmt.Sprintf("each run copies %s; the largest parts are %s. What the flow does not read: %s. "+
			"What it reads, used in place: bundle { %s }", size(total.bytes),
			describe(heavy, func(w weight) string { return size(w.bytes) }),
			lineFor("exclude", heavy), lineFor("link", heavy)))
	}
	if total.files > manyFiles {
		heavy := heaviest(total, inside, func(w weight) int64 { return int64(w.files) })
		warnings = append(warnings, fmt.Sprintf("each run copies %s files; most are in %s. What the flow does not read: %s",
			count(total.files), describe(heavy, func(w weight) string { return count(w.files) + " files" }), lineFor("exclude", heavy)))
	}
	return warnings
}

// weigh adds up the copied files: all of them, and what lies in each folder
// by the folder's path.
func (l *Listing) weigh() (total weight, inside map[string][]weight) {
	folders := map[string]*weight{"": {folder: true}}
	inside = map[string][]weight{}
	for _, e := range l.Entries {
		if e.Type != File {
			continue
		}
		dir := folderOf(e.Path)
		inside[dir] = append(inside[dir], weight{e.Path, false, e.Size, 1})
		for {
			if folders[dir] == nil {
				folders[dir] = &weight{path: dir, folder: true}
			}
			folders[dir].bytes += e.Size
			folders[dir].files++
			if dir == "" {
				break
			}
			dir = folderOf(dir)
		}
	}
	for at, w := range folders {
		if at != "" {
			inside[folderOf(at)] = append(inside[folderOf(at)], *w)
		}
	}
	return *folders[""], inside
}

// maxHeavy is how many parts a warning names.
const maxHeavy = 3

// heaviest finds the parts worth naming: of what lies at the top the largest,
// and in place of a folder what is in it, as long as one part of that is
// nearly all of it.
func heaviest(total weight, inside map[string][]weight, measure func(weight) int64) []weight {
	order := func(a, b weight) int {
		return cmp.Or(cmp.Compare(measure(b), measure(a)), strings.Compare(a.path, b.path))
	}
	top := slices.SortedFunc(slices.Values(inside[""]), order)
	top = top[:min(maxHeavy, len(top))]
	var heavy []weight
	for _, w := range top {
		if measure(w)*20 < measure(total) {
			continue
		}
		for w.folder {
			largest := slices.MinFunc(inside[w.path], order)
			if measure(largest)*10 < measure(w)*9 {
				break
			}
			w = largest
		}
		heavy = append(heavy, w)
	}
	if len(heavy) == 0 { // spread evenly over very many
		return top
	}
	return heavy
}

func describe(heavy []weight, measure func(weight) string) string {
	var parts []string
	for _, w := range heavy {
		parts = append(parts, fmt.Sprintf("%s (%s)", quote(w.path), measure(w)))
	}
	return strings.Join(parts, ", ")
}

// lineFor is the line that names the parts in an argument.
func lineFor(argument string, heavy []weight) string {
	var globs []string
	for _, w := range heavy {
		glob := globFor(w.path)
		if w.folder {
			glob += "/**"
		}
		globs = append(globs, glob)
	}
	return argumentLine(argument, globs...)
}
