package plan

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/schema"
)

// written is what a flow writes in the project.
type written struct {
	flow      schema.Address
	what      string // "an output of", or what else it is, before the flow's address
	reference string // what gives it to another flow
}

// checkIncluded refuses to bundle what is in no bundle, where include names it: that
// of a flow, or of a project, which has no address here. What a glob names besides is
// left out without a word, and of what lies in an output it is said that it is.
func (s *Session) checkIncluded(flow schema.Address, projectRoot string, include []string, argument *schema.Attribute) (diags hcl.Diagnostics) {
	if argument == nil {
		return nil
	}
	place := elementPlaces(argument, len(include))
	for i, name := range include {
		summary, why := s.neverBundled(flow, projectRoot, name, false)
		if why == "" {
			continue
		}
		problem := problemIn(place(i), summary, fmt.Sprintf("%q %s", name, why))
		if strings.HasPrefix(why, liesIn) {
			problem.Severity = hcl.DiagWarning
		}
		diags = append(diags, problem)
	}
	return diags
}

// neverBundled says of a path, or a glob, that is in no bundle, whatever names it, why
// that is, and what to do about it; "" of others. flow is the one that needs it, and
// toWorkIn says that it wants to work there.
func (s *Session) neverBundled(flow schema.Address, projectRoot, name string, toWorkIn bool) (summary, why string) {
	file := filepath.Join(projectRoot, filepath.FromSlash(name))
	for at, below := file, ""; len(at) > len(projectRoot); at, below = filepath.Dir(at), path.Join(filepath.Base(at), below) {
		written, ok := s.outputs[at]
		if !ok {
			continue
		}
		is, reference := "is "+written.what, written.reference
		if below != "" {
			is = liesIn + written.what
		}
		if written.flow.Whole() == flow.Whole() {
			return "Output in a bundle", is + " the flow itself, and so in no bundle."
		}
		if below = withoutGlob(below); below != "" {
			reference = fmt.Sprintf("\"${%s}/%s\"", reference, below)
		}
		why = fmt.Sprintf("%s %s, and so in no bundle: pass it as %s, which makes the dependency too", is, written.flow, reference)
		if toWorkIn {
			why += ", and let the command change to it"
		}
		return "Output in a bundle", why + "."
	}
	switch {
	case schema.IsNamedForValues(path.Base(name)):
		return "File of values in a bundle", "has the name of a file that gives values to variables. Those are in no bundle, since what they say counts where it is used: " +
			"pass on what the flow needs of it in its parameters or env. A file of another kind needs another name."
	case filepath.Dir(file) == s.Config.Root && slices.Contains(s.Config.FileNames, filepath.Base(file)):
		return "Configuration in a bundle", "is a part of flowrider's configuration, which is in no bundle, since what it says of a flow counts by itself: " +
			"pass on what the flow needs of it in its parameters or env."
	}
	return "", ""
}

// liesIn begins what is said of what is not an output itself.
const liesIn = "lies in "

// withoutGlob is what a glob begins with that is a path.
func withoutGlob(glob string) string {
	segments := strings.Split(glob, "/")
	for i, segment := range segments {
		if strings.ContainsAny(segment, "*?[{\\") {
			return path.Join(segments[:i]...)
		}
	}
	return glob
}
