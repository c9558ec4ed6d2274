package gc

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Remove removes what was found. After an error or a crash the rest is found
// again.
func (c *Collector) Remove(g *Garbage) error {
	for _, address := range g.records {
		if err := c.Records.Forget(address); err != nil {
			return err
		}
	}
	for _, log := range g.logs {
		if err := c.Records.Prune(log, g.drop); err != nil {
			return err
		}
	}
	var errs []error // nothing refers to the rest any more: one failure is none of the others
	for _, folder := range c.folders(g.Items) {
		errs = append(errs, c.clear(folder))
	}
	return errors.Join(errs...)
}

// folder is what is removed from one folder.
type folder struct {
	path  string
	names []string
}

// folders are the files to remove, by the folders that they are in, in the
// order of their kinds. With the last output of a digest goes its folder.
func (c *Collector) folders(items []Item) []*folder {
	goes := map[string]int{} // how many outputs of a digest go
	for _, item := range items {
		if item.Kind == Output {
			goes[path.Dir(item.Path)]++
		}
	}
	var list []*folder
	known := map[string]*folder{}
	for _, item := range items {
		at := item.Path
		if item.Kind == Record || item.Kind == Run {
			continue
		}
		if item.Kind == Output {
			if there, err := os.ReadDir(c.absolute(path.Dir(at))); err == nil && len(there) == goes[path.Dir(at)] {
				at = path.Dir(at)
			}
		}
		in := known[path.Dir(at)]
		if in == nil {
			in = &folder{path: path.Dir(at)}
			known[in.path] = in
			list = append(list, in)
		}
		if name := path.Base(at); !slices.Contains(in.names[max(0, len(in.names)-1):], name) {
			in.names = append(in.names, name)
		}
	}
	return list
}

func (c *Collector) clear(f *folder) error {
	dir, err := c.Writer.OpenDir(c.absolute(f.path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.RemoveTrees(f.names...)
}

func (c *Collector) absolute(at string) string {
	return filepath.Join(c.Root, filepath.FromSlash(at))
}
