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

// checkWorkdir finds a working folder that is not in the bundle: neither with files of
// the project, nor because the flow's own outputs lie in it.
func (s *Session) checkWorkdir(flow *Flow) hcl.Diagnostics {
	text, _ := flow.Resolved.Arguments["workdir"].Text()
	folder := path.Clean(text)
	if text == "" || folder == "." || flow.Place.Unplaced || s.pins[flow.Address] != nil || flow.Listing.IsFolder(folder) {
		return nil
	}
	if entry := flow.Listing.Reach(folder); entry != nil && entry.Type == bundle.Symlink {
		return nil // where it leads to is seen when it runs
	}
	for _, output := range flow.Resolved.Outputs {
		if file, ok := output["file"].Text(); !ok || strings.HasPrefix(path.Clean(file), folder+"/") {
			return nil
		}
	}
	problem := problemAt(flow.Instance.Flow.Argument("workdir"), "No such folder", "")
	info, err := os.Stat(filepath.Join(flow.Place.Project, filepath.FromSlash(folder)))
	switch {
	case err == nil && !info.IsDir():
		problem.Detail = fmt.Sprintf("%s: workdir is a folder, and %q is a file.", flow.Address, text)
	case err == nil:
		problem.Detail = fmt.Sprintf("%s: no file below %q is in the bundle, and a bundle has only folders with files. `flowrider bundle ls %s` lists them.", flow.Address, text, shellAddress(flow))
	default:
		problem.Detail = fmt.Sprintf("%s: there is no folder %q in the bundle. The path is relative to the project's root.", flow.Address, text)
		if near := nearFolder(flow.Listing, folder); near != "" {
			problem.Detail += fmt.Sprintf(" Did you mean %q?", near)
			problem.Extra = diag.Suggestion(near)
		}
		return s.unlessMade(flow, problem)
	}
	return hcl.Diagnostics{problem}
}

// nearFolder is the folder of a bundle that may be meant by a name that none has; ""
// where that is not clear.
func nearFolder(listing *bundle.Listing, name string) string {
	var all, sameName []string
	known := map[string]bool{}
	for _, entry := range listing.Entries {
		for folder := path.Dir(entry.Path); folder != "." && !known[folder]; folder = path.Dir(folder) {
			known[folder] = true
			if all = append(all, folder); path.Base(folder) == path.Base(name) {
				sameName = append(sameName, folder)
			}
		}
	}
	if len(sameName) == 1 {
		return sameName[0]
	}
	return diag.Suggest(name, all)
}
