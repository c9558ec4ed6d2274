package plan

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/schema"
)

// claims are the places in which flows write, as they are declared.
type claims struct {
	session *Session
	own     *places // flowrider's own, in lower case
	sources *places // of the project's code: what is written must not cover it
	claimed *places // of flows so far
}

// places are paths with what each of them is. Finding one that another lies
// in takes as long as paths are deep, however many there are.
type places struct {
	at    map[string]string // path: what it is
	above map[string]string // folder on the way to a path: that path
}

func newPlaces() *places { return &places{at: map[string]string{}, above: map[string]string{}} }

func (p *places) add(path, what string) {
	p.at[path] = what
	for folder := range folders(path) {
		if _, ok := p.above[folder]; !ok {
			p.above[folder] = path
		}
	}
}

// covered is the place that is at a path or below it; "" if none is.
func (p *places) covered(path string) string {
	if _, ok := p.at[path]; ok {
		return path
	}
	return p.above[path]
}

// met is the place that is at a path, below it or above it; "" if none is.
func (p *places) met(path string) string {
	if found := p.covered(path); found != "" {
		return found
	}
	for folder := range folders(path) {
		if _, ok := p.at[folder]; ok {
			return folder
		}
	}
	return ""
}

// folders yields the folders above an absolute path, the nearest first.
func folders(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for folder := filepath.Dir(path); folder != path; path, folder = folder, filepath.Dir(folder) {
			if !yield(folder) {
				return
			}
		}
	}
}

// ownPlaces are the files and folders of flowrider itself below its root.
func (s *Session) ownPlaces() *places {
	own := newPlaces()
	add := func(name, what string) {
		own.add(strings.ToLower(filepath.Join(s.Config.Root, filepath.FromSlash(name))), what)
	}
	for _, name := range s.Config.FileNames {
		add(name, name+" is the configuration")
	}
	add(s.Config.Settings.Runs, s.Config.Settings.Runs+"/ has the records of flowrider")
	add(LocksDir, LocksDir+"/ has the packages of the environments")
	return own
}

// sourcePlaces are the files and folders of the projects' code that the
// configuration names.
func (s *Session) sourcePlaces(instances []*eval.Instance) *places {
	sources := newPlaces()
	for _, name := range slices.Sorted(maps.Keys(s.projects)) {
		if p := s.projects[name]; p.pkg != "" && !p.unplaced {
			sources.add(filepath.Join(p.root, filepath.FromSlash(p.pkg)), "the package of project."+name)
		}
	}
	for _, instance := range instances {
		argument := instance.Flow.Argument("file")
		root, known := s.projectRoot(instance)
		if argument == nil || !known {
			continue
		}
		value, diags := s.beforehand(argument, cty.String, instance.Each)
		if text, ok := value.Text(); ok && !diags.HasErrors() {
			sources.add(filepath.Join(root, filepath.FromSlash(text)), "the file of "+instance.Address.String())
		}
	}
	return sources
}

// claim gives an instance the place name, a slash path below a project's root,
// if it may have it, for what it writes there.
func (c *claims) claim(instance *eval.Instance, argument *schema.Attribute, root, name string, written written) hcl.Diagnostics {
	absolute := filepath.Join(root, filepath.FromSlash(name))
	if taken := c.taken(absolute, name); taken != "" {
		return hcl.Diagnostics{problemAt(argument, "Place is taken", fmt.Sprintf("Nothing can be written to %q: %s. Write another path.", name, taken))}
	}
	if other := c.claimed.met(absolute); other != "" {
		summary := "Two flows write one file"
		if c.claimed.at[other] == instance.Address.String() {
			summary = "File is written twice"
		}
		return hcl.Diagnostics{problemAt(argument, summary, c.conflict(instance, absolute, other, name))}
	}
	c.claimed.add(absolute, instance.Address.String())
	c.session.outputs[absolute] = written
	return nil
}

func (c *claims) conflict(instance *eval.Instance, absolute, other, name string) string {
	owner, address := c.claimed.at[other], instance.Address.String()
	advice := "Give one of them another path, or publish = false."
	if strings.HasPrefix(owner, instance.Flow.Address.String()+"[") {
		advice = "Use each.key in the path."
	}
	switch {
	case owner == address && other == absolute:
		return fmt.Sprintf("%s would write %q twice. Use two paths.", address, name)
	case other == absolute:
		return fmt.Sprintf("%s and %s would both write %q. %s", owner, address, name, advice)
	case len(other) < len(absolute):
		return fmt.Sprintf("%s would write %q inside of %q, which %s writes. %s", address, name, c.shown(other), owner, advice)
	}
	return fmt.Sprintf("%s would write %q, and %s writes %q inside of it. %s", address, name, owner, c.shown(other), advice)
}

// shown is a path as it is shown: below the root folder where it is there.
func (c *claims) shown(absolute string) string {
	if rel, err := filepath.Rel(c.session.Config.Root, absolute); err == nil {
		return filepath.ToSlash(rel)
	}
	return absolute
}

// taken says to what a place belongs already; "" if it is free. Case does not
// matter for names that tools know, since some file systems do not see it.
func (c *claims) taken(absolute, name string) string {
	for part := range strings.SplitSeq(strings.ToLower(name), "/") {
		switch part {
		case ".git", ".metaflow", ".flowrider", ".flowriderignore":
			return part + " belongs to " + strings.TrimSuffix(part[1:], "ignore")
		}
	}
	root := c.session.Config.Root
	if rel, err := filepath.Rel(absolute, root); err == nil && filepath.IsLocal(rel) {
		return "the folder of flowrider.hcl is there"
	}
	if found := c.own.met(strings.ToLower(absolute)); found != "" {
		return c.own.at[found]
	}
	if filepath.Dir(absolute) == root && schema.IsConfigFile(strings.ToLower(path.Base(name))) {
		return "a file of that name is read as configuration"
	}
	if found := c.sources.covered(absolute); found != "" {
		return c.sources.at[found] + " is there"
	}
	return ""
}
