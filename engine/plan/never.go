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

// checkIncluded refuses to bundle what is in no bundle, where include names it. What
// a glob names besides is left out without a word.
func (s *Session) checkIncluded(projectRoot string, include []string, argument *schema.Attribute) (diags hcl.Diagnostics) {
	if argument == nil {
		return nil
	}
	place := elementPlaces(argument, len(include))
	for i, name := range include {
		if summary, why := s.neverBundled("", projectRoot, name); why != "" {
			diags = append(diags, problemIn(place(i), summary, fmt.Sprintf("%q %s", name, why)))
		}
	}
	return diags
}

// neverBundled says of a file that is in no bundle, whatever names it, why that is;
// "" of others. flow is the address of the one that needs it, or "".
func (s *Session) neverBundled(flow, projectRoot, name string) (summary, why string) {
	file := filepath.Join(projectRoot, filepath.FromSlash(name))
	for at, below := file, ""; len(at) > len(projectRoot); at, below = filepath.Dir(at), path.Join(filepath.Base(at), below) {
		owner, ok := s.outputs[at]
		if !ok {
			continue
		}
		is, reference := "is", s.outputReference(owner, strings.TrimSuffix(path.Clean(name), "/"+below))
		if below != "" {
			is, reference = "lies in", fmt.Sprintf("\"${%s}/%s\"", reference, below)
		}
		if owner == flow {
			return "Output in a bundle", is + " an output of the flow itself, and so not there before."
		}
		return "Output in a bundle", fmt.Sprintf("%s an output of %s. Outputs are in no bundle: pass it as %s, which makes the dependency too.", is, owner, reference)
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
