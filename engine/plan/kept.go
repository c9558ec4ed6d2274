package plan

import (
	"encoding/json"

	"github.com/zclconf/go-cty/cty"

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
// sensitive, ambient or a path of this machine stands in its hashed form. What
// is not known yet is left out.
func (f *Flow) Passed() map[string]json.RawMessage {
	value, ok := f.Resolved.Arguments["parameters"]
	if !ok {
		return nil
	}
	all := map[string]json.RawMessage{}
	hashed := membersOf(value.Hashed)
	for name, parameter := range membersOf(value.Real) {
		if plain, _ := parameter.UnmarkDeep(); !plain.IsWhollyKnown() || !hashed[name].IsWhollyKnown() {
			continue
		}
		if eval.Has(parameter, eval.Sensitive) || eval.Has(parameter, eval.Ambient) || eval.Has(parameter, eval.Local) {
			all[name] = json.RawMessage(eval.CanonicalJSON(hashed[name]))
			continue
		}
		plain, _ := parameter.UnmarkDeep()
		all[name] = json.RawMessage(eval.CanonicalJSON(plain))
	}
	return all
}

// membersOf are the members of an object or map; none while it is not known.
func membersOf(v cty.Value) map[string]cty.Value {
	if v, _ = v.Unmark(); !v.IsKnown() {
		return nil
	}
	return v.AsValueMap()
}
