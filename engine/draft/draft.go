// Package draft writes the first flowrider.hcl of a folder from what is there:
// Metaflow flows with their parameters, requirement files, packages. Make is
// the entry point.
//
// It runs no Python and asks nothing; what it cannot know stands in the draft
// as a comment. It writes no file (cmd/flowrider), and whether a draft is right
// is said by validate and plan, as of any other configuration.
package draft

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/runner/metaflow"
	"github.com/flowrider/flowrider/internal/pysource"
)

// mostFiles is how many files a folder may have for flows to be looked for in
// it.
const mostFiles = 200_000

// Draft is what there is to write.
type Draft struct {
	Files []File   // in the order in which they are told
	Flows []string // names of the flows that were found
	Notes []string // for the person
	Blank []string // parameters that must be given and that the draft has no value of
}

// File is a file to write, or to write anew with lines at its end.
type File struct {
	Name  string
	Text  string
	Added []string // the lines that are new in a file that was there
}

// folder is what was found in the root folder.
type folder struct {
	root  string
	tree  *pysource.Tree
	files []bundle.Name
	there map[string]bool // their paths
	notes []string
}

// flow is a found flow with what becomes of it.
type flow struct {
	*metaflow.Definition
	name        string
	environment *environment
	needs       []string // names of the flows whose results it looks up
}

// Make drafts the configuration of a folder.
func Make(root string) (*Draft, error) {
	f := &folder{root: root, tree: pysource.NewTree(root), there: map[string]bool{}}
	var err error
	if f.files, err = bundle.Names(bundle.Selection{Root: root}, mostFiles); err != nil {
		return nil, fmt.Errorf("flows cannot be looked for here: %w", err)
	}
	for _, file := range f.files {
		f.there[file.Path] = true
	}
	flows := f.flows()
	nameFlows(flows)
	connect(flows)
	environments := f.environments(flows)
	d := &Draft{Files: []File{{Name: "flowrider.hcl", Text: f.configuration(flows, environments)}}}
	for _, flow := range flows {
		if remote := remote(flow.Decorators); remote != "" {
			f.notes = append(f.notes, fmt.Sprintf("%s: flow.%s is a comment in the draft, since @%s is not for local runs", flow.File, flow.name, remote))
			continue
		}
		d.Flows = append(d.Flows, flow.name)
		for _, p := range flow.Parameters {
			if _, ok := f.valueOf(flow, p); !ok && p.Required {
				d.Blank = append(d.Blank, fmt.Sprintf("%s of flow.%s", key(p.Name), flow.name))
			}
		}
	}
	for _, ignore := range []func([]*flow) (*File, error){f.ownIgnore, f.gitIgnore} {
		file, err := ignore(flows)
		if err != nil {
			return nil, err
		}
		if file != nil {
			d.Files = append(d.Files, *file)
		}
	}
	d.Notes = f.notes
	return d, nil
}

// flows finds the flows that files start, by path and in source order.
func (f *folder) flows() []*flow {
	var list []*flow
	for _, file := range f.files {
		if path.Ext(file.Path) != ".py" {
			continue
		}
		mayStart, err := f.mayStart(file)
		var definitions []*metaflow.Definition
		if mayStart {
			definitions, _, err = metaflow.Define(f.tree, file.Path)
		}
		var wrong *pysource.SyntaxError
		switch {
		case errors.As(err, &wrong):
			f.notes = append(f.notes, fmt.Sprintf("%s:%d: passed over: %s", file.Path, wrong.Line, wrong.Reason))
		case err != nil:
			f.notes = append(f.notes, fmt.Sprintf("%s: passed over: it cannot be read: %v", file.Path, plainly(err)))
		}
		entry := metaflow.Entry(definitions)
		switch {
		case entry != nil && entry.Started:
			list = append(list, &flow{Definition: entry})
		case entry == nil && len(definitions) > 1:
			f.notes = append(f.notes, file.Path+": passed over: it has several flows, and which of them it starts is not to be seen")
		}
	}
	return list
}

// mayStart says of a file, without taking it apart, whether it may start a
// flow.
func (f *folder) mayStart(file bundle.Name) (bool, error) {
	text, err := os.ReadFile(filepath.Join(f.root, filepath.FromSlash(file.Path)))
	return bytes.Contains(text, []byte("metaflow")) || bytes.Contains(text, []byte("__main__")), err
}

// plainly is an error without the path, which is told before it.
func plainly(err error) error {
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		return wrong.Err
	}
	return err
}

// read is the text of a file in the root folder, "" where there is none.
func (f *folder) read(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(f.root, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}

// connect finds out which flows look up the results of which, without making a
// cycle: Metaflow's client finds whatever run is the latest.
func connect(flows []*flow) {
	for _, f := range flows {
		for _, other := range flows {
			if f != other && slices.Contains(f.Reads, other.Class) && !reaches(flows, other, f) && !slices.Contains(f.needs, other.name) &&
				strings.Count(classes(flows), " "+other.Class+" ") == 1 {
				f.needs = append(f.needs, other.name)
			}
		}
	}
}

func classes(flows []*flow) string {
	var text strings.Builder
	for _, f := range flows {
		text.WriteString(" " + f.Class + " ")
	}
	return text.String()
}

// reaches says whether a flow needs another, through others too.
func reaches(flows []*flow, from, to *flow) bool {
	for _, f := range flows {
		if slices.Contains(from.needs, f.name) && (f == to || reaches(flows, f, to)) {
			return true
		}
	}
	return false
}
