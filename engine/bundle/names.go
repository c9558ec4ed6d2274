package bundle

import (
	"fmt"
	"slices"
	"strings"
)

// Name is a file of a project whose content nobody has read.
type Name struct {
	Path string // slash path from the project's root
	Size int64
}

// Names lists the files that a selection has, sorted by path, without reading
// them and whether or not they could be bundled: symlinks are left out. More
// than most files are an error.
func Names(sel Selection, most int) ([]Name, error) {
	c, err := sel.compile()
	if err != nil {
		return nil, err
	}
	top, err := openRoot(c.root)
	if err != nil {
		return nil, err
	}
	defer top.close()
	c.most = most
	all, err := walkProject(c, top)
	if all == nil {
		return nil, err
	}
	files := make([]Name, 0, len(all.files))
	for _, f := range all.files {
		files = append(files, Name{f.path, f.status.Size})
	}
	slices.SortFunc(files, func(a, b Name) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

func tooMany(most int) error { return fmt.Errorf("there are more than %s files", count(most)) }
