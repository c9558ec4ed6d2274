package plan

import (
	"fmt"
	"path"
	"strings"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// lookup is what was searched for once: for the instances of a flow that have the
// same files.
type lookup struct {
	flow   schema.Address
	digest string // of the listing
	kind   needed
}

// nearby is what such a search found.
type nearby struct {
	name         string // what was searched for
	near, advice string
}

// near is what to say of a path that a flow needs and that is not there, as NearFiles
// has it. All files are looked through for that, so it is done for the first such path
// of a flow's instances alone: of their mistakes the first one is told.
func (s *Session) near(flow *Flow, n need) (near, advice string) {
	key := lookup{flow.Instance.Address.Whole(), flow.Listing.Digest, n.kind}
	found, ok := s.nearbys[key]
	if !ok {
		found.name = n.name()
		if n.kind == neededFolder {
			found.near, found.advice = nearFolder(flow.Listing, n.name())
		} else {
			found.near, found.advice = NearFiles(flow.Listing, n.name())
		}
		s.nearbys[key] = found
	}
	if found.name != n.name() {
		return "", ""
	}
	return found.near, found.advice
}

// NearFiles is what to say of a file that is not in a bundle: which one may be
// meant, or which have its name in other folders. near is the only one, if it is
// one; both are "" where there is nothing to say.
func NearFiles(listing *bundle.Listing, name string) (near, advice string) {
	module := strings.ReplaceAll(name, ".", "/") + ".py"
	if listing.Find(module) != nil {
		return module, didYouMean(module)
	}
	var all, sameName []string
	for _, entry := range listing.Entries {
		if all = append(all, entry.Path); path.Base(entry.Path) == path.Base(name) {
			sameName = append(sameName, entry.Path)
		}
	}
	switch {
	case len(sameName) == 1:
		return sameName[0], didYouMean(sameName[0])
	case len(sameName) > 0 && len(sameName) <= 5:
		return "", diag.There(sameName)
	}
	near = diag.Suggest(name, all)
	return near, didYouMean(near)
}

// nearFolder is the same of a folder.
func nearFolder(listing *bundle.Listing, name string) (near, advice string) {
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
		return sameName[0], didYouMean(sameName[0])
	}
	near = diag.Suggest(name, all)
	return near, didYouMean(near)
}

func didYouMean(near string) string {
	if near == "" {
		return ""
	}
	return fmt.Sprintf("Did you mean %q?", near)
}
