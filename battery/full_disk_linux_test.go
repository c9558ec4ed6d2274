package battery_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/internal/testenv"
)

// writers are flows that put something in every place: outputs, records,
// history, manifests, logs and bundles.
const writers = `
	variable "v" { default = "1" }
	flow "command" "f" {
		for_each = toset(["a", "b", "c", "d"])
		argv     = ["sh", "-ec", "yes ${each.key}${var.v} | head -c 50000 > out-${each.key}; echo done"]
		output "o" { file = "out-${each.key}" }
	}
	flow "command" "last" {
		argv = concat(["cat"], [for f in flow.f : f.output.o.path])
		output "text" { stdout = "text" }
	}
`

// roomy is a size at which nothing is missing.
const roomy = "size=64m,nr_inodes=100000"

// mountDisk mounts a file system of its own in a new folder.
func mountDisk(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // for those who are not root
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		testenv.Unable(t, fmt.Errorf("tmpfs cannot be mounted: %w", err))
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

func remount(t *testing.T, dir, options string) {
	t.Helper()
	if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT, options); err != nil {
		t.Fatalf("remount with %s: %v", options, err)
	}
}

// T05: an apply on a disk that is too small, in steps of 4 KiB and of single
// files, from one on which nothing more fits to one on which all does. It says
// so, keeps every record that it has reported and those from before, and goes
// on without repair when there is room.
func TestT05FullDisk(t *testing.T) {
	program(t, "")
	if !testenv.Private(t) {
		return
	}
	sizes, inodes := &shortage{t: t, wants: fullDisks, codes: map[int]int{}}, &shortage{t: t, wants: fullInodes, codes: map[int]int{}}
	sizes.tighten(func(used unix.Statfs_t, step int) string {
		return fmt.Sprintf("size=%d", int64(used.Blocks-used.Bfree+uint64(step))*used.Bsize)
	})
	inodes.tighten(func(used unix.Statfs_t, step int) string {
		return fmt.Sprintf("nr_inodes=%d", used.Files-used.Ffree+uint64(step))
	})
	t.Logf("exit codes: %v and %v", sizes.codes, inodes.codes)
	testenv.Figure(t, "T05", "%d disks that were too small in steps of 4 KiB, and %d with too few inodes: each time an exit code that is not 0, %d records from before and %d new ones intact, and done with room",
		sizes.small, inodes.small, sizes.kept+inodes.kept, sizes.new+inodes.new)
}

// shortage is what was seen on disks that are too small.
type shortage struct {
	t                *testing.T
	wants            int    // disks that are too small
	applied          string // a folder with a project that has its first records
	before           map[string]string
	used             unix.Statfs_t // of a disk that has just that
	small, kept, new int
	codes            map[int]int // of the program, on those that are too small
}

// tighten applies on disks of rising sizes until one is large enough. options
// gives those of a disk that has so many steps more than what is on it.
func (s *shortage) tighten(options func(used unix.Statfs_t, step int) string) {
	t := s.t
	enough := 1
	for !s.try(options, enough) {
		enough *= 2
	}
	low := enough / 2 // too small; find the first that is enough
	for low+1 < enough {
		if middle := (low + enough) / 2; s.try(options, middle) {
			enough = middle
		} else {
			low = middle
		}
	}
	t.Logf("%s is enough, %d were too small so far", options(s.used, enough), s.small)
	missing := min(s.wants, enough) - s.small
	for i := range missing {
		s.try(options, enough*i/missing)
	}
	if want := min(s.wants, enough) * 9 / 10; s.small < want { // where it ends is not the same each time
		t.Errorf("%d disks were too small, want %d", s.small, want)
	}
}

// try applies on one disk, and says whether it was large enough.
func (s *shortage) try(options func(used unix.Statfs_t, step int) string, step int) bool {
	t := s.t
	dir := mountDisk(t, roomy)
	defer unix.Unmount(dir, unix.MNT_DETACH)
	p := newProject(t, dir, writers)
	if s.applied == "" {
		s.before = reported(p.must("apply", "--json").out)
		s.applied = t.TempDir()
		copyTree(t, dir, s.applied)
	} else {
		copyTree(t, s.applied, dir)
	}
	if err := unix.Statfs(dir, &s.used); err != nil {
		t.Fatal(err)
	}
	before, small := s.before, options(s.used, step)
	remount(t, dir, small)
	ended := p.run("apply", "--json", "--var", "v=2")
	now := reported(ended.out)
	runs, problems := recorded(dir)
	for _, problem := range problems {
		t.Errorf("%s: %s", small, problem)
	}
	for address, run := range before {
		if want, ok := now[address]; ok && runs[address] != want {
			t.Errorf("%s: %s was reported as recorded with run %s, and the record has %q", small, address, want, runs[address])
		} else if !ok && runs[address] != run {
			t.Logf("%s: the record of %s is a newer one that was not reported", small, address)
		}
		if _, ok := runs[address]; !ok {
			t.Errorf("%s: the record of %s is gone", small, address)
		}
	}
	enough := len(now) == len(before)
	switch {
	case ended.code == 0 && !enough:
		t.Errorf("%s: exit 0, and reported are only %v\n%s", small, now, ended.errors)
	case ended.code != 0 && !strings.Contains(strings.ToLower(ended.errors+ended.out), syscall.ENOSPC.Error()):
		t.Errorf("%s: exit %d, and nothing says that the disk is full:\n%s%s", small, ended.code, ended.out, ended.errors)
	case ended.code != 0:
		s.small++
		s.codes[ended.code]++
		s.new += len(now)
		s.kept += len(before) - len(now)
	}
	remount(t, dir, roomy)
	after := p.run("apply", "--json", "--var", "v=2")
	if diff := cmp.Diff([]string{"0", "5"}, []string{fmt.Sprint(after.code), fmt.Sprint(len(reported(after.out)))}); diff != "" {
		t.Errorf("%s: the next apply, with room (-want +got):\n%s%s%s", small, diff, after.out, after.errors)
	}
	left, err := filepath.Glob(filepath.Join(dir, "runs", ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%s: left over: %v %v", small, left, err)
	}
	return ended.code == 0
}

// copyTree copies what is in a folder, with its times.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", from+"/.", to).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v\n%s", err, out)
	}
}
