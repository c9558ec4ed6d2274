package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/schema"
)

// judge decides a flow's verdict. It is the only place that does: the first of
// the steps that comes to a verdict ends it.
func (s *Session) judge(flow *Flow) {
	s.take(flow, s.judgeRecord, s.judgePin, s.judgeNeeds, s.judgeForced, s.judgeImported, s.judgeUnknown, s.judgeConflict, s.judgeSelected, s.judgeHistory, s.judgeTwin, s.judgeRun)
	flow.nameConflict()
	flow.nameDamage()
	flow.Asserted = flow.Record != nil && flow.Record.Asserted
}

// take takes one step after the other until a flow has its verdict.
func (s *Session) take(flow *Flow, steps ...func(*Flow)) {
	for _, step := range steps {
		if step(flow); flow.decided() {
			return
		}
	}
}

// decided says whether a step has come to a verdict. A flow is blocked until
// then, and where it stays so there are reasons. What is wrong with its record
// becomes a reason only later.
func (f *Flow) decided() bool { return f.Verdict != Blocked || len(f.Reasons) > 0 }

// judgeRecord reads the record. One that a newer flowrider has written must
// not be replaced, whatever else is asked for.
func (s *Session) judgeRecord(flow *Flow) {
	problem := s.readRecord(flow)
	if flow.conflict = s.conflictOf(flow, problem); flow.conflict != nil {
		flow.Selected = flow.conflict.stand()
	}
	flow.renewed = s.ranSince(flow)
	if problem != nil && !problem.Newer && problem.Sides == nil {
		flow.damaged = problem
	}
	if problem != nil && problem.Newer {
		flow.Verdict = Blocked
		flow.Reasons = []Reason{{Code: "record_newer", Detail: problem.Error()}}
	}
}

// judgeNeeds blocks what needs a flow that is blocked.
func (s *Session) judgeNeeds(flow *Flow) {
	for _, address := range flow.DependsOn {
		need := s.decided[address]
		if need == nil || need.Verdict != Blocked || len(need.Reasons) == 0 {
			continue
		}
		cause := address
		if first := need.Reasons[0]; first.Code == "input_blocked" {
			cause = first.Detail
		}
		flow.Verdict = Blocked
		flow.Reasons = []Reason{{Code: "input_blocked", Detail: cause}}
		return
	}
}

// readRecord reads what is selected for a flow now, under its name or one that
// it had before. That its own record is not believed is not noted: it becomes
// one of the flow's reasons.
func (s *Session) readRecord(flow *Flow) *record.Problem {
	own, problem := s.tools.Records.Selection(flow.Instance.Address)
	if problem != nil && (problem.Newer || problem.Sides != nil) {
		return problem
	}
	former, selection, newer := s.takenOver(flow.Instance.Address, own)
	if selection.Record != nil && former != (schema.Address{}) {
		flow.MovedFrom = former.String()
	}
	flow.Selected, flow.Stood = selection.Record, maps.Clone(own.Stood)
	maps.Copy(flow.Stood, selection.Stood)
	flow.judgeCommitted(selection.Elsewhere)
	return cmp.Or(newer, problem)
}

// nameDamage puts what is wrong with the record before the other reasons.
func (f *Flow) nameDamage() {
	if f.damaged != nil {
		f.nameProblem(Reason{Code: codeDamage, Detail: f.damaged.Error()})
	}
}

// nameProblem puts a problem with the record before the other reasons, but
// what blocks a flow is its first one.
func (f *Flow) nameProblem(reason Reason) {
	at := 0
	if f.Verdict == Blocked {
		at = len(f.Reasons)
	}
	f.Reasons = slices.Insert(f.Reasons, at, reason)
}

const codeDamage = "record_damaged"

// lookUp reads the record of a flow that gets no verdict.
func (s *Session) lookUp(flow *Flow) {
	if problem := s.readRecord(flow); problem != nil {
		s.disbelieve(problem)
	}
}

// judgeForced is --replace.
func (s *Session) judgeForced(flow *Flow) {
	if s.replaced(flow.Instance.Address) && !flow.renewed {
		flow.Verdict = Run
		flow.Reasons = []Reason{{Code: "forced", Detail: "--replace was given"}}
		if flow.ConfigHash != nil && s.pins[flow.Address] == nil {
			s.Claim(flow) // it runs in any case, so its twins need not
		}
	}
}

// judgeSelected lets the selected record stand while its run is good and its
// config hash is the current one, whatever else the history has: selection is
// sticky. This machine's choice does not stand for a committed record that is
// not right: it is in the history, too, and takes that record's place.
func (s *Session) judgeSelected(flow *Flow) {
	selected := flow.Selected
	if selected == nil || flow.superseded != nil || flow.conflict != nil {
		return
	}
	right := selected == flow.Elsewhere && s.Options.NoRefresh // it has what other machines have, and no run is asked for
	if right || selected.CurrentHash() == *flow.ConfigHash {
		flow.missing = s.find(flow, []*record.Record{flow.Selected})
	}
}

// judgeHistory looks for another good run with the same config hash.
func (s *Session) judgeHistory(flow *Flow) {
	outdated := flow.outdated // the selected record
	s.find(flow, s.history(*flow.ConfigHash))
	if flow.Verdict == Reuse {
		flow.Reasons = s.reasonsBut(outdated, flow)
	}
}

// judgeTwin lets a flow wait for another one of this walk that runs for the
// same config hash. One that runs in every apply does so itself.
func (s *Session) judgeTwin(flow *Flow) {
	if twin := s.first[*flow.ConfigHash]; twin != "" && twin != flow.Address && !isVolatile(flow) {
		flow.Verdict = Reuse
		flow.Twin = twin
		flow.Reasons = []Reason{{Code: "same_inputs", Detail: twin + " runs with the same inputs"}}
	}
}

// judgeRun is for what no other step has found a run for.
func (s *Session) judgeRun(flow *Flow) {
	flow.Verdict = Run
	flow.Reasons = s.reasonsBut(flow.outdated, flow)
	flow.Resumes = s.resumption(flow)
	s.claimFirst(flow)
}

// claimFirst makes a flow that will run the one that does for its config hash,
// unless another one was before it. A pinned one does not run: none may wait
// for it.
func (s *Session) claimFirst(flow *Flow) {
	if flow.ConfigHash != nil && s.first[*flow.ConfigHash] == "" && s.pins[flow.Address] == nil {
		s.Claim(flow)
	}
}

// reasonsBut are the reasons for a flow whose run is not outdated; that is one
// by itself.
func (s *Session) reasonsBut(outdated *Reason, flow *Flow) []Reason {
	if outdated != nil {
		return []Reason{*outdated}
	}
	return s.reasons(flow, flow.missing)
}

// Claim makes a flow the one that runs for its config hash, instead of its
// twin.
func (s *Session) Claim(flow *Flow) { s.first[*flow.ConfigHash] = flow.Address }

// history are the records that had a config hash, newest first, one for each
// run: one that the run has made before one that somebody has asserted. Entries that cannot be believed are named.
func (s *Session) history(configHash string) []*record.Record {
	entries, problems := s.tools.Records.History(configHash)
	for _, problem := range problems {
		s.disbelieve(problem)
	}
	var list []*record.Record
	at := map[string]int{} // of each run in the list
	for _, entry := range slices.Backward(entries) {
		as := entry.As(configHash)
		if as == nil {
			continue
		}
		if i, seen := at[as.RunID]; !seen {
			at[as.RunID] = len(list)
			list = append(list, as)
		} else if list[i].Asserted && !as.Asserted {
			list[i] = as
		}
	}
	return list
}

// find takes the first candidate whose run still exists and was successful.
// missing says what the last one that was looked at lacks.
func (s *Session) find(flow *Flow, candidates []*record.Record) (missing string) {
	for _, candidate := range candidates {
		lacks, err := s.check(flow, candidate)
		if err != nil {
			// Nobody can tell, which is not the same as missing.
			flow.Verdict = Blocked
			flow.Reasons = []Reason{{Code: "run_unchecked", Detail: fmt.Sprintf("whether run %s still exists cannot be told: %v", candidate.RunID, err)}}
			return ""
		}
		if lacks != "" {
			missing = lacks
			continue
		}
		if reason := outdated(flow, candidate, s.Now()); reason != nil {
			flow.outdated = cmp.Or(flow.outdated, reason) // the newest is looked at first
			continue
		}
		flow.Record = candidate
		flow.RunID = &candidate.RunID
		flow.Verdict = Reuse
		if candidate == flow.Selected {
			flow.Verdict = Fresh
		}
		return missing
	}
	return missing
}

// check says what a record's run lacks: it is in another store, gone, or has
// not what the flow declares. Without refresh nobody looks whether it is there.
func (s *Session) check(flow *Flow, rec *record.Record) (missing string, err error) {
	if rec.Runner != flow.Runner {
		return "a run of the runner " + flow.Runner, nil
	}
	if !s.Options.NoRefresh {
		if missing, err := s.lost(flow, rec); missing != "" || err != nil {
			return missing, err
		}
	}
	if _, err := s.resultOf(flow, rec); err != nil {
		return err.Error(), nil
	}
	return "", nil
}

// lost says which part of a record's run is not where it should be. A run that
// is nothing but content is here if its content is, whoever has made it.
func (s *Session) lost(flow *Flow, rec *record.Record) (missing string, err error) {
	elsewhere := s.tools.Records.IsElsewhere(rec)
	if elsewhere && !rec.IsContent() {
		return fmt.Sprintf("run %s, which lies in another store than this folder's: it was made in another clone, or .flowrider was deleted", rec.RunID), nil
	}
	project := "" // of a flow that was not described: nobody knows its places
	if flow.Place != nil {
		project = flow.Place.Project
	}
	missing, err = s.tools.Runners[flow.Runner].Check(s.Config.Root, project, rec)
	if missing != "" && elsewhere {
		missing += fmt.Sprintf("; run %s lies in another store", rec.RunID)
	}
	return missing, err
}

// judgeUnknown decides while the config hash is not known: the flow may run
// if its record, or any other of the history whose run is good, agrees on all
// that is known, else it will.
func (s *Session) judgeUnknown(flow *Flow) {
	if flow.ConfigHash != nil {
		return
	}
	known := flow.Manifest.Components()
	candidates := s.formsWith(known)
	if flow.Selected != nil && s.agrees(flow.Selected, flow.Manifest, known) {
		candidates = append([]*record.Record{flow.Selected}, candidates...)
		lacks, err := s.check(flow, flow.Selected)
		if flow.missing = lacks; err == nil && lacks == "" {
			flow.outdated = outdated(flow, flow.Selected, s.Now())
		}
	}
	if slices.ContainsFunc(append(flow.conflict.known(), candidates...), func(rec *record.Record) bool {
		return outdated(flow, rec, s.Now()) == nil && s.agrees(rec, flow.Manifest, known) && s.StillThere(flow, rec)
	}) {
		flow.Verdict = MayRun
		flow.Reasons = s.reasons(flow, flow.missing)
		return
	}
	flow.Verdict = Run
	flow.Reasons = s.reasonsBut(flow.outdated, flow)
}

// text is a kept text. One that cannot be believed is named.
func (s *Session) text(digest string) (text string, ok bool) {
	text, ok, problem := s.tools.Records.Text(digest)
	if problem != nil {
		s.disbelieve(problem)
	}
	return text, ok
}

// disbelieve names what is kept and cannot be believed.
func (s *Session) disbelieve(problem *record.Problem) {
	if problem.Newer {
		s.note(problem.Error())
		return
	}
	s.note(fmt.Sprintf("%v; it is not believed", problem))
}

func (s *Session) note(text string) {
	for _, earlier := range s.Notes {
		if earlier == text {
			return
		}
	}
	s.Notes = append(s.Notes, text)
}
