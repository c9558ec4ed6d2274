package battery_test

import (
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// breakage is one rule taken out of the program: in a file, a text that occurs
// once and what stands there instead; and the test that must notice.
type breakage struct{ rule, file, old, new, folder, test string }

// The breakages are those of the code of now, although they are tried in the full
// tier alone.
func TestT36BreakagesFitTheCode(t *testing.T) {
	for _, b := range breakages {
		testenv.OccursOnce(t, repository, b.file, b.old)
	}
}

var breakages = []breakage{
	// Writing.
	{"the file is synced", "internal/durable/dir.go", "if err := f.Sync(); err != nil {", "if err := error(nil); err != nil {",
		"internal/durable", "TestWriteSurvivesAPowerCut"},
	{"the folder is synced", "internal/durable/dir.go", "	if err := d.syncFolder(); err != nil {\n		return &Unsure{Path: filepath.Join(d.path, name), Err: err}\n	}\n	return nil\n}\n\nvar errNotSynced",
		"	return nil\n}\n\nvar errNotSynced", "internal/durable", "TestWriteSurvivesAPowerCut"},
	{"new folders are synced", "internal/durable/dir.go", "		err = parent.Sync(\".\")\n", "", "internal/durable", "TestFirstWriteSurvivesAPowerCut"},
	{"a failed fsync of the folder is said", "internal/durable/dir.go", "	if err := d.syncFolder(); err != nil {\n		return &Unsure{Path: filepath.Join(d.path, name), Err: err}\n	}\n	return nil\n}\n\nvar errNotSynced",
		"	_ = d.syncFolder()\n	return nil\n}\n\nvar errNotSynced", "internal/durable", "TestFailedFolderSyncIsUnsure"},
	{"a file that could not be synced is not synced again", "internal/durable/dir.go", "if !errors.Is(err, errNotSynced) {", "if true {",
		"internal/durable", "TestFsyncIsRetriedWithANewFile"},
	{"a file is written aside and renamed", "internal/durable/dir.go", "	temp := tempName(name)\n	f, err := d.folder.Create(temp, cmp.Or(opts.Mode, opts.Perm, 0o644))",
		"	temp := name\n	d.folder.Remove(temp)\n	f, err := d.folder.Create(temp, cmp.Or(opts.Mode, opts.Perm, 0o644))", "internal/durable", "TestWriteKilledAtEachOperation"},
	{"who comes during an fsync gets one of its own", "internal/durable/turns.go", "	t.mu.Lock()\n	t.next = nil // who comes from now on comes too late for this turn\n	t.mu.Unlock()\n	mine.err, mine.done = work(mine.brought), true\n",
		"	mine.err, mine.done = work(mine.brought), true\n	t.mu.Lock()\n	t.next = nil\n	t.mu.Unlock()\n", "internal/durable", "TestManyWritesShareOneFolderSync|TestManyEntriesShareOneSync"},
	{"a short write is an error", "internal/durable/journal.go", "	n, err := j.file.Write(data)\n	if err == nil && n < len(data) {\n		err = io.ErrShortWrite\n	}\n	if err == nil {\n		err = j.file.Sync()\n	}\n",
		"	_, err := j.file.Write(data)\n	_ = io.ErrShortWrite\n", "internal/durable", "TestJournalInPowerCuts"},
	{"entries have checksums", "internal/durable/log.go", "end < len(data) &&\n			crc32.Checksum(data[frameHead:end], castagnoli) == sum {", "end < len(data) && (sum == sum) {",
		"engine/record", "TestT25JournalMutations"},
	{"records have checksums", "engine/record/checksum.go", "return sealed.Checksum([]byte(head), rest) == string(stated)", "return sealed.Checksum([]byte(head), rest) == string(stated) || true",
		"engine/record", "TestT25RecordMutations"},

	// Journal and recovery.
	{"intent comes before the start", "engine/apply/journal.go", "	return &witness{journal: journal, attempt: noted.ID, last: record.Intended}, journal.Intend(decision.Instance.Address, noted)",
		"	return &witness{journal: journal, attempt: noted.ID, last: record.Intended}, nil", "engine/apply", "TestJournalOfAnApply"},
	{"what was verified is written down before it is recorded", "engine/apply/journal.go", "	w.saw(record.Verified, w.journal.Verify(w.attempt, success))\n", "",
		"engine/apply", "TestJournalOfAnApply"},
	{"what a dead apply verified is recorded", "engine/record/recover.go", "case apply.Workspace != \"\" && tried.Last == Verified &&", "case false && tried.Last == Verified &&",
		"engine/record", "TestRecover"},
	{"what another boot has left is not judged", "engine/record/recover.go", "apply.Boot == \"\" || apply.Boot != boot.ID()", "apply.Boot == \"\" || boot.ID() == \"\"",
		"engine/record", "TestFinishedBeforeAnotherBoot"},
	{"the next apply sweeps", "engine/record/recover.go", "	if len(all) > 0 {\n		ended, err", "	if len(all) > 9999 {\n		ended, err",
		"battery", "TestT13NothingOutlivesAKilledApply"},
	{"one apply at a time", "internal/durable/lock.go", "if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {", "if err := error(nil); err != nil {",
		"internal/durable", "TestLockNamesItsHolder"},

	// Success.
	{"the exit status is a witness", "engine/runner/command/outcome.go", "	case exit.Code != 0:\n		return runner.Failf(\"exit status %d\", exit.Code)\n", "",
		"engine/runner/command", "TestExitStatusOtherThanZeroGivesNoRun"},
	{"the end task is a witness", "engine/runner/metaflow/outcome.go", "	if err == nil && missing != \"\" {\n		err = runner.Failf(\"%s (%s)\", otherwise, missing)\n	}\n", "	_ = missing\n",
		"engine/runner/metaflow", "TestFailures"},
	{"what is hashed is what was copied", "engine/bundle/copy.go", "		return s.wholeDigest(), writeAt(out, s.buffer[:n], 0, at)",
		"		digest := s.wholeDigest()\n		_, err := readAt(in, s.buffer[:size], 0)\n		if err == nil {\n			err = writeAt(out, append(s.buffer[:n:n], ' '), 0, at)\n		}\n		return digest, err",
		"engine/apply", "TestChangeBetweenPlanAndBundle|TestEditBetweenDecisionAndCopy|TestT21.*"},

	// Processes.
	{"the whole tree is ended, not the group alone", "internal/process/tree_linux.go", "			if p.alive() {", "			if p.alive() && p.pgrp == t.leader {",
		"internal/process", "TestStopEndsTheWholeTree"},
	{"SIGINT comes first", "internal/process/ending.go", "var steps = [...]syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL}", "var steps = [...]syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL}",
		"internal/process", "TestStopLetsCleanUp"},
	{"there is a guard", "internal/process/guardian.go", "	left := follow(os.Stdin)\n	if _, err := left.end(); err != nil {", "	follow(os.Stdin)\n	if err := error(nil); err != nil {",
		"internal/process", "TestGuardEndsWhatAKilledProgramLeaves"},
	{"the guard carries no marker", "internal/process/guard.go", "Dir: \"/\", Env: []string{},", "Dir: \"/\", Env: os.Environ(),",
		"internal/process", "TestGuardEndsWhatAKilledProgramLeaves"},
	{"the guard is deaf to signals", "internal/process/guardian.go", "	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE)\n", "	signal.Ignore(syscall.SIGPIPE)\n",
		"internal/process", "TestGuardEndsWhatAKilledProgramLeaves"},
	{"a guard that dies is replaced", "internal/process/guard.go", "		if len(g.watched) > 0 {\n			_ = g.start()\n		}\n	}\n}\n\n// drop", "	}\n}\n\n// drop",
		"internal/process", "TestGuardIsReplaced"},
	{"flowrider's death is heard by what it started", "internal/process/inherit_linux.go", "Pdeathsig: syscall.SIGINT", "Pdeathsig: 0",
		"internal/process", "TestParentDeath"},
	{"no descriptor is handed on", "internal/process/inherit_linux.go", "	if unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) != nil {", "	if false && unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) != nil {",
		"internal/process", "TestDescriptors"},
	{"no ignored signal is handed on", "internal/process/inherit_linux.go", "if mask&(1<<(n-1)) != 0 {", "if false && mask&(1<<(n-1)) != 0 {",
		"internal/process", "TestIgnoredSignals"},

	// Output.
	{"output is read in chunks, not in lines", "internal/process/output.go", "		n, err := pipe.Read(buffer)\n",
		"		n, err := pipe.Read(buffer)\n		for err == nil && n < len(buffer) && buffer[n-1] != '\\n' {\n			var more int\n			more, err = pipe.Read(buffer[n:])\n			n += more\n		}\n",
		"internal/process", "TestOutputIsNotHeldBack"},
	{"streams are redacted", "internal/process/output.go", "shown := o.secrets.Writer(", "shown := (*redact.Secrets)(nil).Writer(",
		"internal/process", "TestSensitiveValuesAreHiddenInEachStream"},
	{"what may be the beginning of a secret is held back", "internal/redact/scan.go", "	upTo = len(data) - int(m.states[s.state].depth)\n", "	upTo = len(data)\n",
		"internal/redact", "TestStreamsAreHiddenAsASimpleSearchDoes"},
	{"a log is bounded", "internal/process/log.go", "const keep = 8 << 20", "const keep = 8 << 30", "internal/process", "TestLogKeepsBothEnds|TestMuchOutput"},
}
