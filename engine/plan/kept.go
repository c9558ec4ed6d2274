package plan

import (
	"encoding/json"

	"github.com/flowrider/flowrider/engine/eval"
)

// Texts are, by digest, what is kept with a flow's record for explain to
// compare: the manifest, the list of files and the facts of the lock.
func (f *Flow) Texts() map[string]string {
	texts := map[string]string{*f.ConfigHash: f.Manifest.Text(), f.Listing.Digest: f.Listing.Text()}
	if e := f.Place.Environment; e != nil {
		if lock, _ := e.Locked(); lock != nil {
			texts[lock.Digest] = lock.Facts
		}
	}
	return texts
}

// Passed are the parameters that are passed, as records keep them. What is
// sensitive, ambient or a path of this machine stands in its hashed form.
func (f *Flow) Passed() map[string]json.RawMessage {
	value, ok := f.Resolved.Arguments["parameters"]
	if !ok {
		return nil
	}
	all := map[string]json.RawMessage{}
	hashed := value.Hashed.AsValueMap()
	real, _ := value.Real.Unmark()
	for name, parameter := range real.AsValueMap() {
		if eval.Has(parameter, eval.Sensitive) || eval.Has(parameter, eval.Ambient) || eval.Has(parameter, eval.Local) {
			all[name] = json.RawMessage(eval.CanonicalJSON(hashed[name]))
			continue
		}
		plain, _ := parameter.UnmarkDeep()
		all[name] = json.RawMessage(eval.CanonicalJSON(plain))
	}
	return all
}
