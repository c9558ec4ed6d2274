package eval

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/schema"
)

// What uses a new run as a whole is certain to change. What takes its ID apart
// or compares it is not: the piece may be the same. To tell them apart while
// the run is not known, the expression is evaluated with a made-up one.

// newVersion begins the made-up data versions of results that are certain to
// be ones that no record has.
const newVersion = "a new version of "

// madeUp is a result that is not known as it might turn out.
func (r Result) madeUp(address string, flow *schema.Flow) Result {
	version := "a version of "
	if r.Changes {
		version = newVersion
	}
	outputs := map[string]ResultOutput{}
	for _, output := range flow.Outputs {
		known, of := r.Outputs[output.Name], output.Name+" of "+address
		outputs[output.Name] = ResultOutput{
			Path: "/made/up/" + of, Name: known.Name, Digest: "the digest of " + of, Value: cty.DynamicVal,
			DataVersion: version + of,
		}
	}
	return Result{
		Parameters: r.Parameters, Known: true, RunID: "the run of " + address, Pathspec: "the path of " + address,
		DataVersion: version + address, Outputs: outputs,
	}
}

// onlyCertain takes the mark Changes from what may come out as it was.
func (e *Evaluator) onlyCertain(expr hcl.Expression, want cty.Type, each *Each, hashed cty.Value) cty.Value {
	if e.trying || !Has(hashed, Changes) {
		return hashed
	}
	try := *e
	try.trying, try.locals, try.failed = true, map[string]Value{}, map[string]hcl.Diagnostics{}
	var certain []manifest.Path
	if value, diags := try.Evaluate(expr, want, each); !diags.HasErrors() {
		for _, fact := range Facts(nil, value.Hashed) {
			if strings.Contains(fact.Value, "@"+newVersion) || strings.Contains(fact.Path.String(), "@"+newVersion) {
				certain = append(certain, fact.Path)
			}
		}
	}
	return transform(hashed, func(path cty.Path, v cty.Value) cty.Value {
		at := pathOf(nil, path)
		if !v.HasMark(Changes) || slices.ContainsFunc(certain, func(p manifest.Path) bool { return p.HasPrefix(at) }) {
			return v
		}
		plain, _ := v.Unmark()
		return plain
	})
}
