package plan

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/internal/diag"
)

// checkProgram finds a program of the project that is not in the bundle, or cannot be
// run.
func (s *Session) checkProgram(flow *Flow) hcl.Diagnostics {
	name := wordOf(flow, 0)
	switch {
	case !strings.Contains(name, "/"), !filepath.IsLocal(filepath.FromSlash(name)): // it is none of the project's
		return nil
	case flow.Place.Unplaced, s.pins[flow.Address] != nil:
		return nil
	}
	file, subject := path.Clean(name), wordPlace(flow, 0)
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

// checkScript finds a script of the project that is not in the bundle, and that a flow
// gives to what runs such.
func (s *Session) checkScript(flow *Flow) hcl.Diagnostics {
	interpreter, name := wordOf(flow, 0), wordOf(flow, 1)
	file, isShell := path.Clean(name), slices.Contains([]string{"sh", "bash", "dash", "zsh"}, interpreter)
	switch {
	case !isShell && !interpreters.MatchString(interpreter), path.Ext(name) == "", strings.HasPrefix(name, "-"), !filepath.IsLocal(filepath.FromSlash(name)):
		return nil // it is something else
	case flow.Resolved.Arguments["workdir"].Real != cty.NilVal, flow.Place.Unplaced, s.pins[flow.Address] != nil:
		return nil
	case flow.Listing.Reach(file) != nil, flow.Listing.IsFolder(file):
		return nil
	}
	problem, absent := s.notBundled(flow, name, wordPlace(flow, 1))
	if isShell && !strings.Contains(name, "/") { // a shell looks on the PATH too
		problem.Severity = hcl.DiagWarning
	}
	if absent {
		return s.unlessMade(flow, problem)
	}
	return hcl.Diagnostics{problem}
}

// interpreters are programs whose first argument is the file that they run, if it is
// no option.
var interpreters = regexp.MustCompile(`^(python[0-9.]*|Rscript|julia|node|perl|ruby)$`)

// wordOf is an element of argv; "" where there is none, or it is not known, or argv is
// a line for the shell.
func wordOf(flow *Flow, i int) string {
	words := words(flow)
	if len(words) <= i || !words[i].IsKnown() || words[i].IsNull() || words[i].Type() != cty.String {
		return ""
	}
	return words[i].AsString()
}

// wordPlace is where it is written.
func wordPlace(flow *Flow, i int) hcl.Range {
	return elementPlaces(flow.Instance.Flow.Argument("argv"), len(words(flow)))(i)
}

func words(flow *Flow) []cty.Value {
	value, ok := flow.Resolved.Arguments["argv"]
	real := value.Unmarked()
	if !ok || !real.IsKnown() || flow.Resolved.Arguments["shell"].True() {
		return nil
	}
	return real.AsValueSlice()
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
