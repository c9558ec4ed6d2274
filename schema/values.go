package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// ValuesName is the file beside flowrider.hcl that gives values to variables.
const ValuesName = "flowrider.vars.hcl"

// ValuesGlobs are the names of files of values. What they say counts where it is
// used, so that the files themselves do not.
var ValuesGlobs = []string{"*.vars.hcl", "*.vars.hcl.json"}

// IsNamedForValues says whether a file's name is one of those.
func IsNamedForValues(name string) bool {
	return slices.ContainsFunc(ValuesGlobs, func(glob string) bool {
		matches, _ := filepath.Match(glob, name)
		return matches
	})
}

// NamedForValues is the name that a file of values has to have to be known as one.
func NamedForValues(name string) string {
	extension := filepath.Ext(name)
	if better := strings.TrimSuffix(name, extension) + ".vars.hcl"; extension != ".json" {
		return better
	}
	return strings.TrimSuffix(strings.TrimSuffix(name, extension), ".hcl") + ".vars.hcl.json"
}

// OwnValues reads the values that the configuration's own file gives to
// variables, in source order; none without that file.
func (c *Config) OwnValues() ([]*Attribute, hcl.Diagnostics) {
	if _, err := os.Lstat(filepath.Join(c.Root, ValuesName)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if info, err := os.Stat(filepath.Join(c.Root, ValuesName)); err == nil && !info.Mode().IsRegular() { // a pipe is not waited for
		return nil, hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Unreadable file",
			Detail: fmt.Sprintf("The values of variables in %s cannot be read: it is no regular file.", ValuesName),
		}}
	}
	return c.Values(filepath.Join(c.Root, ValuesName))
}

// Values reads a file that gives values to variables, as HCL or, by its name,
// as JSON. It becomes one of the Sources.
func (c *Config) Values(path string) ([]*Attribute, hcl.Diagnostics) {
	name := c.below(path)
	source, err := readValues(path)
	if err != nil {
		return nil, hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Unreadable file",
			Detail: fmt.Sprintf("The values of variables in %s cannot be read: %v.", display(path), errors.Unwrap(err)),
		}}
	}
	if _, diags := newMeter().checkLimits(name, source); diags.HasErrors() {
		return nil, diags
	}
	file, diags := parse(name, source)
	if file != nil {
		c.Sources[name] = file
	}
	if diags.HasErrors() {
		return nil, plainValues(file, name, diags)
	}
	found, moreDiags := file.Body.JustAttributes()
	for _, problem := range moreDiags {
		switch {
		case strings.Contains(problem.Summary, "block"):
			problem.Summary, problem.Detail = "No block here", "A file of values has only lines such as seed = 7: one for each variable that gets a value."
		case problem.Summary == noJSONTwice:
			problem.Summary, problem.Detail = "Duplicate argument", "The file gives this variable a value already. Take one of them away."
		}
	}
	return attributes(found), slices.Concat(diags, moreDiags, duplicateKeys(file.Body))
}

func plainValues(file *hcl.File, name string, diags hcl.Diagnostics) hcl.Diagnostics {
	if strings.HasSuffix(name, ".json") {
		part, rest := newPart(), *file // what is shown of the file stays as it is
		part.resumable = maxResumed
		return part.salvageJSON(&rest, name, diags)
	}
	plain, _, _ := plainFile(file, name, diags)
	return plain
}

// below names a file as the configuration's files are named: relative to the
// root folder.
func (c *Config) below(path string) string {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(c.Root, absolute); err == nil {
		return filepath.ToSlash(relative)
	}
	return absolute
}
