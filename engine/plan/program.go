package plan

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/internal/diag"
)

// checkProgram finds a program of the project that is not in the bundle, or cannot be
// run.
func (s *Session) checkProgram(flow *Flow) hcl.Diagnostics {
	name, subject := s.ownProgram(flow)
	if name == "" || flow.Place.Unplaced || s.pins[flow.Address] != nil {
		return nil
	}
	file := path.Clean(name)
	entry := flow.Listing.Reach(file)
	switch {
	case entry != nil && entry.Type == bundle.Symlink:
		return nil // where it leads to is seen when it is run
	case entry != nil && entry.Path == file && entry.Executable:
		return nil
	case entry != nil && entry.Path == file:
		return hcl.Diagnostics{problemIn(subject, "Not executable", fmt.Sprintf("%s: %q is a file that cannot be run as a program. Type chmod +x %s, or name what runs it, as in argv = [%q, %q].",
			flow.Address, name, diag.ShellQuote(file), interpreterOf(file), file))}
	case flow.Listing.IsFolder(file):
		return hcl.Diagnostics{problemIn(subject, "Not executable", fmt.Sprintf("%s: %q is a folder. Write the path of a program in it.", flow.Address, name))}
	}
	problem, absent := s.notBundled(flow, name, subject)
	if near, ok := problem.Extra.(diag.Suggestion); ok && !strings.Contains(string(near), "/") { // else it would be one on the PATH
		problem.Detail = strings.ReplaceAll(problem.Detail, fmt.Sprintf("%q", near), fmt.Sprintf("%q", "./"+near))
		problem.Extra = "./" + near
	}
	if absent {
		return s.unlessMade(flow, problem)
	}
	return hcl.Diagnostics{problem}
}

// unlessMade is the mistake of a flow for which something is not there. Where flows and
// hooks come before, they may make it: then only what looks misspelt is told, and it is
// no error.
func (s *Session) unlessMade(flow *Flow, problem *hcl.Diagnostic) hcl.Diagnostics {
	if s.comesAfterSome(flow.Address) {
		if _, misspelt := problem.Extra.(diag.Suggestion); !misspelt {
			return nil
		}
		problem.Severity = hcl.DiagWarning
		problem.Detail += " As it is the flow fails, unless what comes before makes it."
	}
	return hcl.Diagnostics{problem}
}

// ownProgram is the program that a flow runs, as it is written, if that is a file of
// the project, and where that is said; "" for another, or if it is not known.
func (s *Session) ownProgram(flow *Flow) (name string, subject hcl.Range) {
	value, ok := flow.Resolved.Arguments["argv"]
	real := value.Unmarked()
	if !ok || !real.IsKnown() || flow.Resolved.Arguments["shell"].True() {
		return "", subject
	}
	words := real.AsValueSlice()
	if len(words) == 0 || !words[0].IsKnown() || words[0].IsNull() || words[0].Type() != cty.String {
		return "", subject
	}
	if name = words[0].AsString(); !strings.Contains(name, "/") || !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", subject
	}
	return name, elementPlaces(flow.Instance.Flow.Argument("argv"), len(words))(0)
}

// comesAfterSome says whether a flow or a hook comes before a flow.
func (s *Session) comesAfterSome(address string) bool {
	for node := range s.Graph.Before(address) {
		if node != address && (s.IsHook(node) || s.instances[node] != nil) {
			return true
		}
	}
	return false
}

// interpreterOf is what commonly runs a file.
func interpreterOf(file string) string {
	if path.Ext(file) == ".py" {
		return "python3"
	}
	return "sh"
}
