package plan

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/internal/diag"
)

// need is a path below its project's root that a flow cannot do without in its bundle.
type need struct {
	kind      needed
	text      string // as it is written
	subject   hcl.Range
	elsewhere bool // it may be found elsewhere, too
}

// name is the path, clean.
func (n need) name() string { return path.Clean(n.text) }

// needed is what is needed there.
type needed int

const (
	neededFile    needed = iota // which says what the flow is, and is read before anything runs
	neededProgram               // which can be run
	neededScript                // which another program runs
	neededFolder                // to work in
)

// checkNeeds finds what a flow needs in its bundle and does not have there.
func (s *Session) checkNeeds(flow *Flow) (diags hcl.Diagnostics) {
	diags = s.checkFile(flow)
	if s.pins[flow.Address] != nil {
		return diags // it does not run
	}
	needs := programs(flow)
	if text, _ := flow.Resolved.Arguments["workdir"].Text(); text != "" && path.Clean(text) != "." {
		needs = append(needs, need{kind: neededFolder, text: text, subject: flow.Instance.Flow.Argument("workdir").Expr.Range()})
	}
	for _, need := range needs {
		diags = append(diags, s.lacking(flow, need)...)
	}
	return diags
}

// checkFile finds a flow's file among the bundled ones.
func (s *Session) checkFile(flow *Flow) hcl.Diagnostics {
	argument := flow.Instance.Flow.Argument("file")
	if argument == nil {
		return nil
	}
	text, _ := flow.Resolved.Arguments["file"].Text()
	return s.lacking(flow, need{kind: neededFile, text: text, subject: argument.Expr.Range()})
}

// lacking is what is wrong with a path that a flow needs in its bundle. What comes
// before may mend all of that but two: what is in no bundle anyway, and the file that
// is read before anything runs. There nothing is refused, and only what looks like a
// mistake is told: something is there that does not do, or something near.
func (s *Session) lacking(flow *Flow, n need) hcl.Diagnostics {
	if flow.Place.Unplaced || flow.has(n) {
		return nil
	}
	problem := problemIn(n.subject, "No such file", "")
	if n.elsewhere {
		problem.Severity = hcl.DiagWarning
	}
	if n.kind == neededFolder {
		problem.Summary = "No such folder"
	}
	if _, why := s.neverBundled(flow.Instance.Address, flow.Place.Project, n.text, n.kind == neededFolder); why != "" {
		problem.Detail = fmt.Sprintf("%s: %q %s", flow.Address, n.text, why)
		return hcl.Diagnostics{problem}
	}
	mayBeMade := n.kind != neededFile && s.comesAfterSome(flow.Address)
	if !s.unsuitable(flow, n, problem) {
		near := s.absent(flow, n, problem)
		if near == "" && mayBeMade {
			return nil
		}
	}
	if mayBeMade {
		problem.Severity = hcl.DiagWarning
		problem.Detail += " As it is the flow fails, unless what comes before changes that."
	}
	return hcl.Diagnostics{problem}
}

// has says whether a flow finds in its bundle what it needs, or may find it: where
// symlinks lead to is seen when it runs, and folders of its outputs are made.
func (f *Flow) has(n need) bool {
	entry := f.Listing.Reach(n.name())
	switch n.kind {
	case neededFile:
		return entry != nil && entry.Path == n.name()
	case neededScript:
		return entry != nil || f.Listing.IsFolder(n.name())
	case neededProgram:
		return entry != nil && (entry.Type == bundle.Symlink || entry.Path == n.name() && entry.Executable)
	}
	if entry != nil && entry.Type == bundle.Symlink || f.Listing.IsFolder(n.name()) {
		return true
	}
	for _, output := range f.Resolved.Outputs {
		value, given := output["file"]
		if file, known := value.Text(); given && (!known || strings.HasPrefix(path.Clean(file), n.name()+"/")) {
			return true
		}
	}
	return false
}

// unsuitable says of what lies where a flow needs something else why that does not do,
// if something lies there.
func (s *Session) unsuitable(flow *Flow, n need, problem *hcl.Diagnostic) bool {
	info, err := os.Stat(filepath.Join(flow.Place.Project, filepath.FromSlash(n.name())))
	switch {
	case n.kind == neededProgram && flow.Listing.Find(n.name()) != nil:
		problem.Summary = "Not executable"
		problem.Detail = fmt.Sprintf("%s: %q is a file that cannot be run as a program. Type chmod +x %s, or name what runs it, as in argv = [%q, %q].",
			flow.Address, n.text, diag.ShellQuote(n.name()), interpreterOf(n.name()), n.name())
	case n.kind == neededProgram && flow.Listing.IsFolder(n.name()):
		problem.Summary = "Not executable"
		problem.Detail = fmt.Sprintf("%s: %q is a folder. Write the path of a program in it.", flow.Address, n.text)
	case err != nil:
		return false
	case n.kind == neededFolder && info.IsDir():
		problem.Detail = fmt.Sprintf("%s: no file below %q is in the bundle, and a bundle has only folders with files. `flowrider bundle ls %s` lists them.", flow.Address, n.text, shellAddress(flow))
	case n.kind == neededFolder:
		problem.Detail = fmt.Sprintf("%s: workdir is a folder, and %q is a file.", flow.Address, n.text)
	case info.Mode().IsRegular():
		problem.Detail = fmt.Sprintf("%s: %q exists, and is left out of the bundle by include, exclude or an ignore file. `flowrider bundle ls %s` lists what is in it.", flow.Address, n.text, shellAddress(flow))
	default:
		return false
	}
	return true
}

// absent says that nothing lies where a flow needs something, and what is near; "" if
// nothing is.
func (s *Session) absent(flow *Flow, n need, problem *hcl.Diagnostic) (near string) {
	near, advice := s.near(flow, n)
	if n.kind == neededProgram && near != "" && !strings.Contains(near, "/") { // else it would be one on the PATH
		near = "./" + near
		advice = didYouMean(near)
	}
	switch {
	case near != "":
		problem.Extra = diag.Suggestion(near)
	case advice == "" && n.kind != neededFolder:
		advice = fmt.Sprintf("`flowrider bundle ls %s` lists them.", shellAddress(flow))
	}
	lacks := fmt.Sprintf("there is no file %q among the bundled files of the project", n.text)
	if n.kind == neededFolder {
		lacks = fmt.Sprintf("there is no folder %q in the bundle", n.text)
	}
	problem.Detail = strings.TrimSpace(fmt.Sprintf("%s: %s. The path is relative to the project's root. %s", flow.Address, lacks, advice))
	return near
}

// comesAfterSome says whether a flow or a hook comes before a node. Those of a for_each
// stand behind the node of the whole; behind environments there is nothing more.
func (s *Session) comesAfterSome(node string) bool {
	for _, before := range append(s.Graph.Needs(node), s.Graph.ComesAfter(node)...) {
		if s.IsHook(before) || s.instances[before] != nil || !strings.HasPrefix(before, "environment.") && s.comesAfterSome(before) {
			return true
		}
	}
	return false
}
