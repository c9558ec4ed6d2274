package command

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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

// maxPrinted bounds what a command may print for an output: 1 MiB.
const maxPrinted = 1 << 20

// Outcome judges an attempt: exit status 0, and every declared output there.
// All outputs are stored before the first is placed in the project, so that a
// flow with one output missing leaves nothing behind.
func (Runner) Outcome(job *runner.Job, exit process.Exit) (*runner.Run, error) {
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
	for _, output := range job.Outputs {
		notes, err := place(job.Root, job.Project, run.Outputs[output.Name], store, job.Published)
		if err != nil {
			return nil, err
		}
		run.Notes = append(run.Notes, notes...)
	}
	run.DataVersion = job.DataVersion(run.ID, "", contentVersion(run.Outputs))
	return run, nil
}

// explain is the failure of a process that did not exit with status 0.
func explain(exit process.Exit) error {
	switch {
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
	digest, err := store.PutFrom(job.Dir, output.File)
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

// keepPrinted takes what the process printed as a value.
func keepPrinted(job *runner.Job, output runner.Output) (record.Output, error) {
	file, err := os.Open(filepath.Join(job.Scratch, "stdout"))
	if err != nil {
		return record.Output{}, err
	}
	defer file.Close()
	printed, err := io.ReadAll(io.LimitReader(file, maxPrinted+1))
	if err != nil {
		return record.Output{}, err
	}
	if len(printed) > maxPrinted {
		return record.Output{}, runner.Failf("its output %q is longer than 1 MiB; write it to a file instead", output.Name)
	}
	value := json.RawMessage(printed)
	switch {
	case output.Stdout == "text":
		encoded, err := json.Marshal(string(printed))
		if err != nil {
			panic(err) // a string always encodes
		}
		value = encoded
	case output.Stdout != "json":
		return record.Output{}, misuse("output %q: stdout is \"json\" or \"text\"", output.Name)
	case !json.Valid(printed):
		return record.Output{}, runner.Failf("what it printed for its output %q is no JSON", output.Name)
	}
	value = compact(value)
	sum := sha256.Sum256(value)
	digest := "h1:" + hex.EncodeToString(sum[:])
	return record.Output{
		Digest: digest, Value: value,
		DataVersion: job.DataVersion(job.Attempt, output.Name, "content:"+hex.EncodeToString(sum[:])),
	}, nil
}

// compact is a JSON text with sorted keys and without blanks, so that layout
// does not count. Numbers keep their digits.
func compact(text json.RawMessage) json.RawMessage {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return text
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return text
	}
	return encoded
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
