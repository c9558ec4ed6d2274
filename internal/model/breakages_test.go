package model_test

import (
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// breakage is one rule of the definition taken out of the engine: in a file,
// a text that occurs once and what stands there instead.
type breakage struct{ rule, file, old, new string }

// The breakages are those of the code of now, although they are tried in the full
// tier alone.
func TestBreakagesFitTheCode(t *testing.T) {
	for _, b := range breakages {
		testenv.OccursOnce(t, "../..", b.file, b.old)
	}
}

var breakages = []breakage{
	// What counts in the config hash.
	{"the command line counts", "engine/runner/command/command.go",
		`[]string{"argv", "shell", "workdir", "parameters"}`, `[]string{"shell", "workdir", "parameters"}`},
	{"parameters count", "engine/runner/command/command.go",
		`[]string{"argv", "shell", "workdir", "parameters"}`, `[]string{"argv", "shell", "workdir"}`},
	{"env counts", "engine/plan/describe.go", `[]string{"env", "salt"}`, `[]string{"salt"}`},
	{"salt counts", "engine/plan/describe.go", `[]string{"env", "salt"}`, `[]string{"env"}`},
	{"the bundle counts", "engine/plan/describe.go", `manifest.Quote(flow.Listing.Digest)`, `manifest.Quote("")`},
	{"the executable bit counts", "engine/bundle/text.go", `	case e.Executable:`, `	case false:`},
	{"the environment counts", "engine/plan/describe.go", `known("environment", manifest.Quote(lock.Digest))`, `known("environment", manifest.Quote(""))`},
	{"values of hooks count", "engine/plan/hook.go", `value := eval.Plain(real)`, `value := eval.Value{Real: real, Hashed: cty.Zero}`},
	{"declared outputs count", "engine/plan/describe.go", `	facts = append(facts, outputFacts(flow.Resolved)...)`, ``},
	{"a number is no text", "engine/eval/value.go", `		return manifest.Quote(v.AsString())`, `		return v.AsString()`},

	// What does not count.
	{"the name does not count", "engine/plan/describe.go",
		`known("runner", manifest.Quote(flow.Runner))`, `known("runner", manifest.Quote(flow.Runner)), known("name", manifest.Quote(flow.Address))`},
	{"tags do not count", "engine/plan/describe.go", `[]string{"env", "salt"}`, `[]string{"env", "salt", "tags"}`},
	{"ambient and sensitive values do not count", "engine/eval/mark.go",
		`	v, _ = v.UnmarkDeep()
	return transform(v,`, `	v, _ = v.UnmarkDeep()
	if true {
		return v
	}
	return transform(v,`},

	// Inputs.
	{"a run ID counts as its data version", "engine/eval/result.go",
		`		v.Hashed = cty.StringVal("@" + dataVersion + suffix)`, `		v.Hashed = cty.StringVal("@" + dataVersion + real + suffix)`},
	{"an output counts by its own data version", "engine/eval/result.go", `	version := known.DataVersion`, `	version := r.DataVersion`},
	{"names of upstream flows do not count", "engine/eval/result.go",
		`		v.Hashed = cty.StringVal("@" + dataVersion + suffix)`, `		v.Hashed = cty.StringVal("@" + dataVersion + run.Flow + suffix)`},
	{"depends_on counts", "engine/plan/describe.go", `	return append(facts, dependsOn...), append(uses, moreUses...)`,
		`	_ = dependsOn
	return facts, append(uses, moreUses...)`},
	{"the order of depends_on does not count", "engine/plan/describe.go", `	slices.Sort(versions)
	var facts`, `	var facts`},
	{"after is order", "engine/eval/edges.go", `				g.ConnectAfter(node.String(), target.String())`, ``},
	{"after is order only", "engine/eval/edges.go", `g.ConnectAfter(node.String(), target.String())`, `g.Connect(node.String(), target.String())`},

	// Data versions.
	{"content: the digest of the outcome", "engine/runner/dataversion.go", `		if content != "" {`, `		if false {`},
	{"run: every run is new", "engine/runner/dataversion.go", `	case PolicyRun:
		return`, `	case PolicyRun:
		if content != "" {
			return content
		}
		return`},
	{"key: the config hash", "engine/runner/dataversion.go", `	case PolicyKey:
		return`, `	case PolicyKey:
		if content != "" {
			return content
		}
		return`},
	{"key: known before anything runs", "engine/plan/result.go", `		if flow.ConfigHash != nil {`, `		if false {`},
	{"run: certain to be new", "engine/plan/result.go", `result.Changes = flow.Verdict == Run`, `result.Changes = false`},
	{"without outputs there is no content", "engine/plan/result.go", `flow.Runner == "command" && len(flow.Instance.Flow.Outputs) == 0`, `false`},

	// Fresh, reuse, run.
	{"fresh: the config hash is the current one", "engine/plan/judge.go", `selected.CurrentHash() == *flow.ConfigHash`, `true`},
	{"fresh: the run still exists", "engine/plan/judge.go", `		if lacks != "" {
			missing = lacks
			continue
		}`, `		_ = lacks`},
	{"fresh: not expired", "engine/plan/expiry.go", `age > limit`, `age > 1000*limit`},
	{"expiry counts from the run that confirmed last", "engine/plan/expiry.go", `	_, _, _, finished := rec.Current()`, `	finished := rec.Finished()`},
	{"fresh: not volatile", "engine/plan/expiry.go", `return flow.Resolved.Arguments["volatile"].True()`, `return false`},
	{"fresh: not forced", "engine/plan/judge.go", `	if s.replaced(flow.Instance.Address) && !flow.renewed {`, `	if false {`},
	{"the history is searched", "engine/plan/judge.go", `	s.find(flow, s.history(*flow.ConfigHash))
	if flow.Verdict`, `	if flow.Verdict`},
	{"the history keeps all records", "engine/record/history.go", `	done := map[string]bool{}`, `	if rec != nil {
		return nil
	}
	done := map[string]bool{}`},
	{"selection is sticky", "engine/plan/judge.go", `s.judgeSelected, s.judgeHistory, s.judgeTwin, s.judgeRun)`, `s.judgeHistory, s.judgeSelected, s.judgeTwin, s.judgeRun)`},
	{"one of two twins runs", "engine/plan/judge.go", `twin != "" && twin != flow.Address && !isVolatile(flow)`, `false`},
	{"a twin of a forced flow waits too", "engine/plan/judge.go", `			s.Claim(flow) // it runs in any case, so its twins need not
`, ``},
	{"a twin's result counts as the other's", "engine/plan/result.go", `	if flow.Twin != "" {`, `	if false {`},

	// Ran again, same result.
	{"the record keeps pointing at the older run", "engine/apply/commit.go", `l.sameResult(old, fresh) &&`, `false &&`},
	{"only an equal result confirms", "engine/apply/commit.go", `l.sameResult(old, fresh) &&`, ``},
	{"contents are compared under key too", "engine/apply/commit.go", ` || before.Digest != output.Digest {`, ` {`},
	{"the config hash is the newest confirmation's", "engine/record/canonical.go", `	if last := len(rec.Equivalent) - 1; last >= 0 {
		e := rec.Equivalent[last]
		return e.ConfigHash,`, `	if last := len(rec.Equivalent) - 1; last >= 0 {
		e := rec.Equivalent[last]
		return rec.ConfigHash,`},
	{"a confirmed record is found by every hash", "engine/record/as.go", `	for i := len(rec.Equivalent) - 1; i >= 0; i-- {`, `	for i := len(rec.Equivalent) - 1; false; i-- {`},

	// While something is unknown.
	{"unknown: may_run if a good run agrees", "engine/plan/judge.go", `		flow.Verdict = MayRun
`, `		flow.Verdict = Run
`},
	{"unknown: every known leaf has to agree", "engine/manifest/compare.go", `		if !change.NewUnknown || change.Old == "" {`, `		if change.NewUnknown && change.Old == "" {`},
	{"unknown: a leaf that was not there cannot agree", "engine/manifest/compare.go", `!change.NewUnknown || change.Old == ""`, `!change.NewUnknown`},
	{"unknown: what is certain to be new cannot agree", "engine/manifest/compare.go", `		if fact.Changes {`, `		if fact.Changes && fact.Value != "" {`},
	{"unknown: any entry of the history will do", "engine/plan/judge.go", `candidates := s.formsWith(known)`, `candidates := []*record.Record(nil)`},
	{"unknown: an expired run does not agree", "engine/plan/judge.go", `		return outdated(flow, rec, s.Now()) == nil && s.agrees`, `		return s.agrees`},
	{"unknown: a run that is gone does not agree", "engine/plan/judge.go", ` && s.StillThere(flow, rec)
	}) {`, `
	}) {`},
	{"a stale lock is unknown", "engine/plan/describe.go", `fact := manifest.Fact{Path: manifest.At("environment"), Unknown: true}`, `fact := known("environment", "null")`},
	{"a hook that is not called is unknown", "engine/plan/hook.go", `	value := eval.UnknownValue
`, `	value := eval.Plain(cty.Zero)
`},

	// Reasons.
	{"previous_failed", "engine/plan/reasons.go", `attempt != nil && attempt.Failed`, `false`},
	{"new", "engine/plan/reasons.go", `		add("new", "")`, ``},
	{"result_missing", "engine/plan/reasons.go", `		add("result_missing", missing)
`, ``},
	{"each leaf has its reason", "engine/plan/reasons.go", `"env":         "env_changed"`, `"env":         "parameters_changed"`},
	{"hook_changed", "engine/plan/reasons.go", `		case len(hooks) > 0:
			add("hook_changed"`, `		case false:
			add("hook_changed"`},
	{"an input that moved is no edit", "engine/plan/inputs.go", `(change.NewUnknown || byValue || before == after)`, `(byValue && before == after)`},
	{"an input that may change is not said to have", "engine/plan/inputs.go", `	if now == "" && !s.certain(run.Flow) {`, `	if false {`},

	// Pins, moved, accept, workspaces.
	{"a pin beats --replace", "engine/plan/judge.go", `s.judgePin, s.judgeNeeds, s.judgeForced,`, `s.judgeForced, s.judgePin, s.judgeNeeds,`},
	{"a pin's run must be there", "engine/plan/pin.go", `flow.Pin.record, lacks = rec, s.lacks(flow, rec)`, `flow.Pin.record = rec`},
	{"nothing is walked on account of a pin", "engine/eval/edges.go", `			case pinned:
				g.ConnectOrder(node.String(), target.String())`, ``},
	{"moved carries records", "engine/plan/moved.go", `			return former, there.Renamed(address), nil`, ``},
	{"accept re-keys", "engine/plan/accept.go", `rec.ConfigHash, rec.SharedHash, rec.Components, rec.Inputs, rec.Asserted = *flow.ConfigHash, "",`,
		`rec.ConfigHash, rec.SharedHash, rec.Components, rec.Inputs, rec.Asserted = rec.ConfigHash, "",`},
	{"accept leaves a mark", "engine/plan/accept.go", `flow.Manifest.Components(), flow.Inputs, true`, `flow.Manifest.Components(), flow.Inputs, false`},
	{"a run takes the place of an asserted record", "engine/apply/commit.go", `return !rec.Asserted && `, `return `},
	{"workspaces have records of their own", "engine/record/workspace.go", `open(s.root, s.top, workspace, s.writer)`, `open(s.root, s.top, DefaultWorkspace, s.writer)`},

	// What always holds.
	{"a failed run leaves no record", "engine/runner/command/outcome.go", `	if err := explain(exit); err != nil {
		return nil, err
	}`, ``},
	{"a failure blocks what needs it", "engine/apply/apply.go", `		if cause := l.broken[need]; cause != "" {`, `		if cause := l.broken[need]; false {`},
	{"plan writes nothing", "engine/plan/session.go", `	diags := s.Walk(ctx, func(flow *Flow) {`, `	_ = s.tools.Records.PutText(manifest.Digest(""), "")
	diags := s.Walk(ctx, func(flow *Flow) {`},
}
