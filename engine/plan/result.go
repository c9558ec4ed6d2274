package plan

import (
	"fmt"
	"path"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// Policy is what a flow's data version is compared by. A command without
// outputs has no content to compare, whatever it asks for.
func Policy(flow *Flow) string {
	policy, ok := flow.Resolved.Arguments["data_version"].Text()
	if !ok {
		policy = runner.PolicyContent
	}
	if policy == runner.PolicyContent && flow.Runner == "command" && len(flow.Instance.Flow.Outputs) == 0 {
		return runner.PolicyRun
	}
	return policy
}

// outcome is what is known of a flow's result from its verdict alone.
func (s *Session) outcome(flow *Flow) eval.Result {
	if flow.Record != nil {
		if result, err := s.resultOf(flow, flow.Record); err == nil {
			s.results[flow.Address] = flow.Record
			return result
		}
	}
	result := eval.Result{Parameters: parameters(flow.Resolved)}
	if flow.Resolved == nil || flow.Verdict == Blocked {
		return result
	}
	if flow.Twin != "" {
		twin := s.outcomes[flow.Twin] // how the result counts is said by the flow that runs
		twin.Parameters = result.Parameters
		return twin
	}
	switch Policy(flow) {
	case runner.PolicyKey:
		if flow.ConfigHash != nil {
			result.DataVersion = "key:" + *flow.ConfigHash
			result.Outputs = map[string]eval.ResultOutput{}
			for _, output := range flow.Instance.Flow.Outputs {
				result.Outputs[output.Name] = eval.ResultOutput{DataVersion: result.DataVersion + "/" + s.part(flow, output.Name), Name: outputFile(flow.Resolved, output.Name)}
			}
		}
	case runner.PolicyRun:
		result.Changes = flow.Verdict == Run
	}
	return result
}

// part is what a runner calls an output in a data version that is no content.
func (s *Session) part(flow *Flow, output string) string {
	if artifact, ok := flow.Resolved.Outputs[output]["artifact"].Text(); ok {
		return artifact
	}
	return output
}

// outputFile is the own name of a declared output's file.
func outputFile(resolved *eval.Flow, name string) string {
	if text, ok := resolved.Outputs[name]["file"].Text(); ok {
		return path.Base(path.Clean(text))
	}
	return ""
}

// OutputReader is a runner that can read an output that a record does not
// list, because it was declared after the run.
type OutputReader interface {
	OutputVersion(root string, rec *record.Record, artifact string) (record.Output, error)
}

// outputOf is a declared output of a recorded run. One that was declared, or
// names another artifact, since the run is read from the run itself.
func (s *Session) outputOf(flow *Flow, rec *record.Record, name string) (record.Output, error) {
	artifact, _ := flow.Resolved.Outputs[name]["artifact"].Text()
	if output, ok := rec.Outputs[name]; ok && output.Artifact == artifact {
		return output, nil
	}
	reader, ok := s.tools.Runners[flow.Runner].(OutputReader)
	if !ok {
		return record.Output{}, fmt.Errorf("its run has no output %q", name)
	}
	output, err := reader.OutputVersion(s.Config.Root, rec, artifact)
	if err != nil {
		return output, err
	}
	job := runner.Job{DataPolicy: Policy(flow), ConfigHash: rec.CurrentHash()}
	output.DataVersion = job.DataVersion(rec.RunID, artifact, output.DataVersion)
	return output, nil
}

// resultOf is a finished run as expressions see it.
func (s *Session) resultOf(flow *Flow, rec *record.Record) (eval.Result, error) {
	result := eval.Result{
		Parameters: parameters(flow.Resolved), Known: true, RunID: rec.RunID, Pathspec: rec.Pathspec,
		DataVersion: rec.DataVersion, Outputs: map[string]eval.ResultOutput{},
	}
	for _, declared := range flow.Instance.Flow.Outputs {
		output, err := s.outputOf(flow, rec, declared.Name)
		if err != nil {
			return result, err
		}
		known := eval.ResultOutput{Digest: output.Digest, DataVersion: output.DataVersion}
		if output.File != "" {
			known.Name = path.Base(output.File)
			known.Path = s.tools.Blobs.Path(output.Digest, known.Name)
		}
		if output.Value != nil {
			if value, err := fromJSON(output.Value); err == nil {
				known.Value = value
			}
		}
		result.Outputs[declared.Name] = known
	}
	return result, nil
}
