// Package saved keeps a plan in a file, with all that is needed to carry it
// out later and to do nothing more than it says. A file that was edited or cut
// in any way is refused, and so is one that was made for something else.
//
// Write and Read are the entry points. What carrying a plan out means is left
// to engine/plan and engine/apply. There is no sensitive value in the file.
package saved

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/sealed"
	"github.com/flowrider/flowrider/schema"
)

// Format is the version of the file's format that this program writes.
const Format = 1

var kind = sealed.Kind{Noun: "saved plan", Member: "flowrider_plan", Format: Format}

// Plan is a saved plan.
type Plan struct {
	Version   string            // of the flowrider that made it
	Project   Identity          // what it was made for
	Variables map[string]string // values that were given by name
	Withheld  []string          // variables whose given values are sensitive: they are given again
	Approved  *plan.Approved
}

// file is the content of the file. In the order of sorted keys only the
// checksum stands before the format, so that the beginning tells what it is.
type file struct {
	Format    int                    `json:"flowrider_plan"`
	Hooks     map[string]plan.Answer `json:"hooks"`
	LeftOut   []string               `json:"left_out"` // by name: --exclude
	Locks     map[string]string      `json:"locks"`
	Manifests map[string]string      `json:"manifests"` // drafts, by the flow's address
	Newest    map[string]string      `json:"newest"`
	Origins   map[string]plan.Origin `json:"origins"`
	Pending   []string               `json:"pending"`
	Plan      *plan.Plan             `json:"plan"`
	Project   Identity               `json:"project"`
	Replace   []string               `json:"replace"`
	Targets   []string               `json:"targets"`
	Variables map[string]string      `json:"variables"`
	Version   string                 `json:"version"`
	Withheld  []string               `json:"withheld"`
}

// encode gives the text of the file.
func encode(p *Plan) ([]byte, error) {
	a := p.Approved
	f := file{
		Format: Format, Version: p.Version, Project: p.Project, Variables: p.Variables, Withheld: p.Withheld,
		Plan: a.Plan, Pending: a.Pending, Targets: a.Targets, Replace: a.Replace, LeftOut: a.Exclude,
		Newest: a.Newest, Hooks: a.Hooks, Locks: a.Locks, Origins: a.Origins, Manifests: map[string]string{},
	}
	for _, flow := range a.Plan.Flows {
		f.Manifests[flow.Address] = flow.Manifest.Draft()
	}
	return sealed.Encode(&f)
}

// decode reads the text of a file. Other than a record, it must be letter by
// letter what encode has written.
func decode(text []byte) (*Plan, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("is empty")
	}
	normal, problem := kind.Open(text)
	switch {
	case problem != nil && !problem.Newer && !begins(text):
		return nil, errNoPlan
	case problem != nil:
		return nil, problem
	case !bytes.Equal(normal, text):
		return nil, errors.New("was edited: it is not written as flowrider writes it")
	}
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("is no saved plan: %w", err)
	}
	p := &Plan{Version: f.Version, Project: f.Project, Variables: f.Variables, Withheld: f.Withheld, Approved: &plan.Approved{
		Plan: f.Plan, Pending: f.Pending, Targets: f.Targets, Replace: f.Replace, Exclude: f.LeftOut, Newest: f.Newest, Hooks: f.Hooks, Locks: f.Locks, Origins: f.Origins,
	}}
	if err := p.complete(f.Manifests); err != nil {
		return nil, fmt.Errorf("is no saved plan: %w", err)
	}
	return p, nil
}

var errNoPlan = errors.New("is no saved plan")

// complete puts in what the JSON form of a plan leaves out.
func (p *Plan) complete(manifests map[string]string) error {
	if p.Approved.Plan == nil {
		return errors.New("it has no plan")
	}
	for _, flow := range p.Approved.Plan.Flows {
		if flow == nil || !flow.Verdict.Valid() {
			return errors.New("it has a flow without a verdict")
		}
		var err error
		if flow.Manifest, err = manifest.ParseDraft(manifests[flow.Address]); err != nil {
			return fmt.Errorf("%s: %w", flow.Address, err)
		}
		if newest := p.Approved.Newest[flow.Address]; newest != "" {
			flow.Selected = &record.Record{Flow: flow.Address, RunID: newest} // no more is known of it
		}
		if flow.RunID != nil && slices.Contains(p.Approved.Pending, flow.Address) {
			flow.Record = &record.Record{Flow: flow.Address, RunID: *flow.RunID} // another one than is selected
		}
	}
	return nil
}

// What a saved plan begins with: its checksum, and the number of its format.
const (
	head    = "{\n  \"checksum\": \"sha256:"
	digits  = 64
	afterIt = "\",\n  \"flowrider_plan\": "
)

// begins says whether a text begins as saved plans do.
func begins(text []byte) bool {
	at := len(head) + digits
	return len(text) >= at && strings.HasPrefix(string(text[:at]), head) && bytes.HasPrefix(text[at:], []byte(afterIt))
}

// Is says whether the file at a path begins as saved plans do.
func Is(path string) bool {
	f, err := open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	text := make([]byte, len(head)+digits+len(afterIt))
	_, err = io.ReadFull(f, text)
	return err == nil && begins(text)
}

// maxFile bounds what is read: a flow takes some kilobytes.
const maxFile = 1 << 30

// Read reads the plan at a path. Its errors name the file, and say what to do.
func Read(path string) (*Plan, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, err
	}
	p, err := decode(text)
	switch {
	case errors.Is(err, errNoPlan):
		return nil, fmt.Errorf("%s %w; flowrider plan --out FILE makes one", path, err)
	case err != nil:
		return nil, fmt.Errorf("%s %w; %s", path, err, Advice(path))
	}
	return p, nil
}

// Advice is what to type for a new plan in the place of one that is refused.
func Advice(path string) string { return "make it again: flowrider plan --out " + path }

// open opens a regular file: of anything else nobody knows when it ends.
func open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s", path)
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file, so there is no saved plan in it", path)
	}
	return os.Open(path)
}

// Places are the absolute paths of a saved plan, as it is written and with the
// links of its folder followed, for keeping it out of bundles.
func Places(path string) ([]string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	places := []string{absolute}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(absolute)); err == nil {
		places = append(places, filepath.Join(folder, filepath.Base(absolute)))
	}
	return places, nil
}

// CheckPlace says why no plan can be saved at a path: a file that is there is
// written over only if it is a saved plan, or empty.
func CheckPlace(path string) error {
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %s", folder)
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !info.Mode().IsRegular() || info.Size() > 0 && !Is(path):
		return fmt.Errorf("%s is there already and is no saved plan, so it is not written over", path)
	}
	return nil
}

// Write saves a plan durably at a path, for its owner alone.
func Write(path string, p *Plan) error {
	p.Version = schema.Version
	text, err := encode(p)
	if err != nil {
		return err
	}
	if err := CheckPlace(path); err != nil {
		return err
	}
	dir, err := durable.OpenDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.WriteWith(filepath.Base(path), text, durable.Options{Perm: 0o600})
}
