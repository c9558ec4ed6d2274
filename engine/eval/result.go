package eval

import (
	"path/filepath"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// Result is what is known of a flow's result while the graph is walked.
type Result struct {
	Parameters Value // the evaluated parameters, an object

	Known    bool   // the run that references resolve to is known
	RunID    string // while known
	Pathspec string // while known

	DataVersion string // "" while unknown; with the policy key known beforehand
	Changes     bool   // unknown, and certain to be one that no record has
	Outputs     map[string]ResultOutput
}

// ResultOutput is what is known of one declared output.
type ResultOutput struct {
	Path        string    // of the file, absolute, where the runner has files
	Name        string    // the file's own name, kept in the hashed form
	Digest      string    // of the content
	DataVersion string    // "" while unknown
	Value       cty.Value // where the runner has values; cty.NilVal otherwise
}

// flowAttributes are the attributes of a flow's value, sorted.
var flowAttributes = []string{"name", "output", "parameters", "pathspec", "run_id"}

// outputAttributes are those of one of its outputs, sorted.
func outputAttributes(flow *schema.Flow, output *schema.FlowOutput) []string {
	switch {
	case flow.Kind == "metaflow":
		return []string{"digest", "run_id"}
	case isFile(output):
		return []string{"digest", "path"}
	case isPrinted(output):
		return []string{"digest", "value"}
	}
	return []string{"digest", "path", "value"}
}

// isFile says whether an output is certainly a file that a command writes.
func isFile(output *schema.FlowOutput) bool {
	return output.Argument("file") != nil && output.Argument("stdout") == nil
}

// isPrinted says whether an output is certainly what a command prints.
func isPrinted(output *schema.FlowOutput) bool {
	return output.Argument("file") == nil && output.Argument("stdout") != nil
}

// value makes the object that flow.NAME is in expressions. Every use of it
// carries the mark of the run, so that the leaf it ends up in is known.
func (r Result) value(instance *Instance) Value {
	flow, address := instance.Flow, instance.Address.String()
	whole := Run{Flow: address}
	runID := r.text(r.RunID, r.DataVersion, "", whole)
	pathspec := r.text(r.Pathspec, r.DataVersion, "", whole)
	outputs := map[string]Value{}
	for _, output := range flow.Outputs {
		outputs[output.Name] = r.output(flow, output, Run{Flow: address, Output: output.Name})
	}
	return object(map[string]Value{
		"name":       Plain(cty.StringVal(flow.Address.Name)),
		"run_id":     runID,
		"pathspec":   pathspec,
		"parameters": r.Parameters,
		"output":     object(outputs),
	})
}

// text is a value that belongs to a run: real while known, hashed as the data
// version it stands for.
func (r Result) text(real, dataVersion, suffix string, run Run) Value {
	v := Value{Real: cty.UnknownVal(cty.String).RefineNotNull(), Hashed: cty.UnknownVal(cty.String).RefineNotNull()}
	if r.Known {
		v.Real = cty.StringVal(real)
	}
	if dataVersion != "" {
		v.Hashed = cty.StringVal("@" + dataVersion + suffix)
	} else if r.Changes {
		v.Hashed = v.Hashed.Mark(Changes)
	}
	v.Real = v.Real.Mark(run)
	if r.Known && dataVersion != "" && real != "" {
		v.Real = v.Real.Mark(stand{real, v.Hashed.AsString()})
	}
	return v
}

func (r Result) output(flow *schema.Flow, declared *schema.FlowOutput, run Run) Value {
	known := r.Outputs[declared.Name]
	version := known.DataVersion
	attributes := map[string]Value{
		"digest": r.text(known.Digest, version, "", run),
	}
	if flow.Kind == "metaflow" {
		attributes["run_id"] = r.text(r.RunID, version, "", run)
		return object(attributes)
	}
	if !isPrinted(declared) {
		path := r.text(known.Path, version, "/"+known.Name, run)
		path.Real = path.Real.Mark(Local)
		if r.Known && version != "" && known.Path != "" {
			path.Real = path.Real.Mark(stand{filepath.Dir(known.Path), "@" + version}) // what dirname() gives
		}
		attributes["path"] = path
	}
	if !isFile(declared) {
		attributes["value"] = r.outputValue(known, run)
	}
	return object(attributes)
}

// outputValue is what the command printed. The value itself is its content,
// so it counts as it is: a run that is certain to be a new one may print the
// same.
func (r Result) outputValue(known ResultOutput, run Run) Value {
	if r.Known && known.Value != cty.NilVal {
		return Value{Real: known.Value.Mark(run), Hashed: known.Value}
	}
	if r.Known {
		return Plain(cty.NullVal(cty.DynamicPseudoType))
	}
	return Value{Real: cty.DynamicVal.Mark(run), Hashed: cty.DynamicVal}
}

func object(attributes map[string]Value) Value {
	real, hashed := map[string]cty.Value{}, map[string]cty.Value{}
	for name, value := range attributes {
		real[name], hashed[name] = value.Real, value.Hashed
	}
	return Value{Real: cty.ObjectVal(real), Hashed: cty.ObjectVal(hashed)}
}
