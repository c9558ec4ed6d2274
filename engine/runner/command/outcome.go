package command

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
)

// Outcome judges an attempt: exit status 0, and every declared output there.
// All outputs are stored before the first is placed in the project, so that a
// flow with one output missing leaves nothing behind.
func (r Runner) Outcome(job *runner.Job, exit process.Exit) (*runner.Run, error) {
	if err := explain(exit); err != nil {
		return nil, err
	}
	run := &runner.Run{ID: job.Attempt, Outputs: map[string]record.Output{}}
	store := blob.Open(job.Root)
	for _, output := range job.Outputs {
		kept, err := keep(job, store, output)
		if err != nil {
			return nil, err
		}
		run.Outputs[output.Name] = kept
	}
	if job.Compare {
		run.DataVersion = contentVersion(run.Outputs)
		return run, nil
	}
	notes, err := r.places(job.Root, job.Project).placeAll(run.Outputs, job.Published)
	if err != nil {
		return nil, named(err, notes)
	}
	run.Notes = notes
	run.DataVersion = job.DataVersion(run.ID, "", contentVersion(run.Outputs))
	return run, nil
}

// named keeps what was moved aside from being lost with the run's notes.
func named(err error, notes []string) error {
	if len(notes) == 0 {
		return err
	}
	return fmt.Errorf("%w (%s)", err, strings.Join(notes, "; "))
}

// explain is the failure of a process that did not exit with status 0 by
// itself.
func explain(exit process.Exit) error {
	switch {
	case exit.Stopped:
		return runner.Failf("it was stopped before its end")
	case exit.Signal == syscall.SIGKILL:
		return runner.Failf("killed by signal 9 (out of memory?)")
	case exit.Signal != 0:
		return runner.Failf("killed by signal %d (%v)", int(exit.Signal), exit.Signal)
	case exit.Code == 127:
		return runner.Failf("exit status 127, with which a shell says that it did not find a program")
	case exit.Code != 0:
		return runner.Failf("exit status %d", exit.Code)
	}
	return nil
}

// keep stores one output and says what it is compared by.
func keep(job *runner.Job, store *blob.Store, output runner.Output) (record.Output, error) {
	if output.Stdout != "" {
		return keepPrinted(job, output)
	}
	put := func() (string, error) { return store.PutFrom(job.Dir, output.File, path.Base(output.File)) }
	if job.Compare {
		put = func() (string, error) {
			return blob.Digest(filepath.Join(job.Dir, filepath.FromSlash(output.File)), nil)
		}
	}
	digest, err := put()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return record.Output{}, runner.Failf("it exited 0 without writing its output %q, the file %s", output.Name, output.File)
	case err != nil:
		return record.Output{}, fmt.Errorf("output %q: %w", output.Name, err)
	}
	return record.Output{
		File: output.File, Published: output.Publish, Digest: digest,
		DataVersion: job.DataVersion(job.Attempt, output.Name, "content:"+strings.TrimPrefix(digest, "h1:")),
	}, nil
}

// contentVersion compares a whole result: its outputs by name and digest. A
// command without outputs has nothing to compare.
func contentVersion(outputs map[string]record.Output) string {
	if len(outputs) == 0 {
		return ""
	}
	var lines []string
	for name, output := range outputs {
		lines = append(lines, strconv.Quote(name)+" "+strconv.Quote(path.Base(output.File))+" "+output.Digest+"\n")
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte("flowrider command outputs 1\n" + strings.Join(lines, "")))
	return "content:" + hex.EncodeToString(sum[:])
}
