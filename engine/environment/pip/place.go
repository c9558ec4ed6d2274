package pip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/flowrider/flowrider/internal/durable"
)

// place is a folder of the cache where something is built once and shared:
//
//	<dir>/lock       held while building
//	<dir>/1          what is built, in a folder of its own
//	<dir>/complete   written last; names the folder that is complete
//
// Virtual environments cannot be moved, so they are built where they stay.
// After a build that was killed the next one takes the next number: a process
// that outlived its flowrider can still write into the old folder, and nothing
// reads that any more.
type place struct{ dir string }

const stampFormat = "flowrider place 1\n"

// complete finds the folder that was built completely.
func (p place) complete() (string, bool) {
	data, err := os.ReadFile(filepath.Join(p.dir, "complete"))
	if err != nil {
		return "", false
	}
	name, ok := strings.CutPrefix(string(data), stampFormat)
	number, err := strconv.Atoi(strings.TrimSuffix(name, "\n"))
	if !ok || err != nil || number < 1 {
		return "", false
	}
	dir := filepath.Join(p.dir, strconv.Itoa(number))
	if _, err := os.Stat(dir); err != nil {
		return "", false
	}
	return dir, true
}

// build makes the folder with make, unless usable accepts one that another
// process has completed meanwhile. what is told to whoever waits: "environment
// ml". Only one process builds in a place at a time.
func (p place) build(ctx context.Context, what string, log io.Writer, usable func(dir string) bool, make func(dir string) error) (string, error) {
	held, err := durable.LockWait(ctx, filepath.Join(p.dir, "lock"), func(other *durable.Held) {
		fmt.Fprintf(log, "waiting for %s, which is building %s\n", other.Holder, what)
	})
	if ctx.Err() != nil && err != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", fmt.Errorf("%s cannot be built: %w (FLOWRIDER_CACHE_DIR moves the cache)", what, err)
	}
	defer held.Unlock()
	if dir, ok := p.complete(); ok && usable(dir) {
		return dir, nil
	}
	dir, err := p.next()
	if err != nil {
		return "", fmt.Errorf("%s cannot be built: %w", what, err)
	}
	if err := make(dir); err != nil {
		os.RemoveAll(dir) // what made it has ended; left-overs do no harm
		return "", err
	}
	if err := p.finish(dir); err != nil {
		return "", fmt.Errorf("%s cannot be completed: %w", what, err)
	}
	return dir, nil
}

// next creates the folder with the next free number. Earlier ones are removed
// only once this one is complete: a number must not come back while somebody
// may still write there.
func (p place) next() (string, error) {
	if err := os.Remove(filepath.Join(p.dir, "complete")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	dir := filepath.Join(p.dir, strconv.Itoa(1+p.numbers()[0]))
	return dir, os.Mkdir(dir, 0o755)
}

// numbers are those of the folders there, the highest first; 0 is always last.
func (p place) numbers() []int {
	entries, _ := os.ReadDir(p.dir)
	highest, rest := 0, []int{}
	for _, entry := range entries {
		number, err := strconv.Atoi(entry.Name())
		if err != nil || number < 1 {
			continue
		}
		if number > highest {
			highest, number = number, highest
		}
		rest = append(rest, number)
	}
	return append([]int{highest}, rest...)
}

// finish stamps dir as complete. All its files reach the disk first: after a
// power cut a stamp must not stand over files that are empty.
func (p place) finish(dir string) error {
	if err := flush(p.dir); err != nil {
		return err
	}
	stamp := stampFormat + filepath.Base(dir) + "\n"
	if err := durable.WriteFile(filepath.Join(p.dir, "complete"), []byte(stamp)); err != nil {
		return err
	}
	for _, number := range p.numbers() {
		if old := filepath.Join(p.dir, strconv.Itoa(number)); number > 0 && old != dir {
			os.RemoveAll(old) // best effort: the next build tries again
		}
	}
	return nil
}
