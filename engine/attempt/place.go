// Package attempt makes single attempts at a flow: the private place that it
// runs in (environment, bundle and scratch folder), the job that its runner
// gets, its process and the judgement of how that ended.
//
// A Maker is the entry point; apply, verify and exec all run flows through it,
// so that a flow sees the same files and variables whoever started it. It
// decides no verdict (engine/plan), and records and publishes nothing by
// itself (engine/apply).
package attempt

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/runner"
)

// Maker makes attempts at the flows of one session. Its methods may be called
// from several goroutines.
type Maker struct {
	Session  *plan.Session
	Runners  map[string]runner.Runner
	Blobs    *blob.Store
	Python   func() string           // folder of flowrider's Python package, for PYTHONPATH
	Log      io.Writer               // receives what environment tools print
	Building func(*plan.Environment) // told before an environment is built

	verified sync.Map // looks at outputs of others that were read and are good
}

// Place is what has been made for one attempt.
type Place struct {
	Attempt string // ULID
	Dir     string // the bundle
	Scratch string // a private folder beside it
	Listing *bundle.Listing
	code    string      // the byte code that Python keeps of the bundle
	looks   []blob.Look // at the outputs that the flow reads, when it was given them
}

// NewID is the ID of an attempt that begins now. An ID knows no time before
// 1970, where a clock that is wrong may stand.
func NewID(now time.Time) string {
	return ulid.MustNew(uint64(max(now.UnixMilli(), 0)), rand.Reader).String()
}

// Make builds the environment of a flow and copies its bundle into a folder of
// its own below work.
func (m *Maker) Make(ctx context.Context, flow *plan.Flow, work, attempt string) (*Place, error) {
	if err := m.Build(ctx, flow.Place.Environment); err != nil {
		return nil, err
	}
	made := &Place{Attempt: attempt, Dir: filepath.Join(work, attempt), Scratch: filepath.Join(work, attempt+".scratch")}
	if err := os.MkdirAll(made.Scratch, 0o700); err != nil {
		return nil, err
	}
	var listing *bundle.Listing
	if _, err := patiently(ctx, func() (err error) {
		listing, err = bundle.Copy(ctx, flow.Place.Selection, made.Dir, m.Session.Index(flow.Place.Project))
		return err
	}); err != nil {
		return nil, fmt.Errorf("its bundle cannot be made: %w", err)
	}
	made.Listing, made.code = listing, filepath.Join(m.byteCodeOf(flow.Place.Environment), made.Dir)
	return made, nil
}

// Left is the place of an earlier attempt below work, as it was left.
func (m *Maker) Left(flow *plan.Flow, work, attempt string) *Place {
	made := &Place{Attempt: attempt, Dir: filepath.Join(work, attempt), Scratch: filepath.Join(work, attempt+".scratch"), Listing: flow.Listing}
	made.code = filepath.Join(m.byteCodeOf(flow.Place.Environment), made.Dir)
	return made
}

// Build makes sure that an environment stands on this machine. Nil is none.
func (m *Maker) Build(ctx context.Context, e *plan.Environment) error {
	if e == nil {
		return nil
	}
	if _, built := e.Prefix(); built {
		return nil
	}
	if m.Building != nil {
		m.Building(e)
	}
	if _, err := e.Build(ctx, m.Log); err != nil {
		at := e.Block.DeclRange
		return fmt.Errorf("%s (%s:%d) cannot be built: %w", e.Block.Address, at.Filename, at.Start.Line, err)
	}
	return nil
}

// Folders are those to remove when nobody needs the place any more: the
// bundle, the scratch folder, and the byte code that Python keeps of the bundle
// elsewhere.
func (p *Place) Folders() []string { return []string{p.Dir, p.Scratch, p.code} }

// Remove removes the place. What cannot be removed is a leftover for whoever
// makes the next place there.
func (p *Place) Remove() {
	for _, folder := range p.Folders() {
		os.RemoveAll(folder)
	}
}

// RemoveOlder removes the places of earlier attempts beside this one, but for
// those of attempts that are open: flows of all workspaces have them there.
func (p *Place) RemoveOlder(open []string) {
	work := filepath.Dir(p.Dir)
	entries, _ := os.ReadDir(work) // unreadable: nothing to remove
	for _, entry := range entries {
		if at := filepath.Join(work, entry.Name()); isPlace(entry.Name()) && at != p.Dir && at != p.Scratch && !slices.Contains(open, entry.Name()[:26]) {
			os.RemoveAll(at)
			os.RemoveAll(filepath.Join(filepath.Dir(p.code), entry.Name()))
		}
	}
}

// isPlace tells an attempt's folder from that of a flow's instance.
func isPlace(name string) bool {
	return len(name) >= 26 && (len(name) == 26 || name[26:] == ".scratch")
}
