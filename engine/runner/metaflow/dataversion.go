package metaflow

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// artifactVersion is the data version of one artifact with that content. It
// can never equal that of a whole result.
func artifactVersion(artifact, content string) string {
	return digest([]string{"flowrider metaflow artifact 1", strconv.Quote(artifact) + " " + content})
}

// contentVersion is the data version of a whole run: the digest of one line
// for each artifact that counts, of every task by step and position, and of
// one line for each parameter by its hashed form. No run ID, task ID, attempt
// or time is in it, so that equal results have equal versions.
func (r run) contentVersion(given []given) (string, error) {
	constants, err := r.parameters().finished()
	if err != nil {
		return "", err
	}
	if constants == nil {
		constants = &attempt{} // a Metaflow that stored them with the tasks only
	}
	lines, err := r.parameterLines(constants, given)
	if err != nil {
		return "", err
	}
	tasks, err := r.everyTask()
	if err != nil {
		return "", err
	}
	for _, t := range tasks {
		made, err := t.made(constants)
		if err != nil {
			return "", err
		}
		for _, a := range made {
			lines = append(lines, fmt.Sprintf("task %q %q %q %s", a.step, a.position, a.name, a.content))
		}
	}
	slices.Sort(lines)
	return digest(append([]string{"flowrider metaflow result 1"}, lines...)), nil
}

// artifact is one that a task has made: where, and what it counts by.
type artifact struct{ step, position, name, content string }

// made lists the artifacts of the task, less those that it merely has from the
// parameters.
func (t task) made(constants *attempt) ([]artifact, error) {
	stored, err := t.finished()
	if err != nil || stored == nil {
		return nil, err
	}
	position, err := t.position(maxOrigins)
	if err != nil {
		return nil, err
	}
	if loop := stored.Objects["_iteration_stack"]; loop != "" {
		position += " " + loop // tells the rounds of a loop apart
	}
	var list []artifact
	for name, sha := range stored.Objects {
		if !counts(name) || constants.Objects[name] == sha {
			continue
		}
		content, err := t.contentOf(stored, name)
		if err != nil {
			return nil, err
		}
		list = append(list, artifact{t.step, position, name, content})
	}
	return list, nil
}

// counts says whether an artifact of that name is part of the result. `name`
// is a property of every flow that Metaflow stores with each task.
func counts(name string) bool { return name != "name" && !strings.HasPrefix(name, "_") }

// position is where in a foreach the task ran, such as train:1,score:0. A
// task that a resume has cloned does not say so; the task that ran does.
func (t task) position(left int) (string, error) {
	notes, err := t.fields("foreach-execution-path", "origin-run-id", "origin-task-id")
	if err != nil {
		return "", err
	}
	originTask := notes["origin-task-id"]
	if originTask == "" || originTask == "None" {
		return notes["foreach-execution-path"], nil
	}
	from, err := runAt(t.root, t.flow, notes["origin-run-id"])
	if err != nil {
		return "", &damaged{path: t.path(), err: err}
	}
	origin := task{from, t.step, originTask}
	if there, err := t.exists(origin.path()); err != nil {
		return "", err
	} else if !there || left == 0 {
		return "", fmt.Errorf("%s is a copy of %s, which is not there", t.path(), origin.path())
	}
	return origin.position(left - 1)
}

// includedFile is the type of an IncludeFile's artifact. It stores where the
// content lies, with an absolute path.
const includedFile = "<class 'metaflow.includefile.IncludedFile'>"

var includedURL = regexp.MustCompile(`[a-z0-9]+://[^\x00-\x1f]*/([0-9a-f]{40})`)

// contentOf is the SHA-1 that an artifact counts by: of its pickled bytes, but
// of an included file's content.
func (r run) contentOf(a *attempt, name string) (string, error) {
	sha := a.Objects[name]
	if a.Info[name].Type != includedFile {
		return sha, nil
	}
	pickled, err := r.pickled(sha)
	if err != nil {
		return "", err
	}
	if url := includedURL.FindSubmatch(pickled); url != nil {
		return "file " + string(url[1]), nil
	}
	return sha, nil
}

// pickled is what the datastore holds under a SHA-1.
func (r run) pickled(sha string) ([]byte, error) {
	name := r.blob(r.flow, sha)
	data, err := os.ReadFile(r.file(name))
	if err != nil || !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return data, err // a pickle never begins as gzip does
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, &damaged{path: name, err: err}
	}
	content, err := io.ReadAll(unpacked)
	if err = errors.Join(err, unpacked.Close()); err != nil {
		return nil, &damaged{path: name, err: err}
	}
	return content, nil
}

// digest is the data version of these lines.
func digest(lines []string) string {
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n") + "\n"))
	return "content:" + hex.EncodeToString(sum[:])
}
