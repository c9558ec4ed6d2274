package bundle

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Opening a FIFO or a device can have effects of its own. The kernel tells
// whether anybody did.
func TestSpecialFilesAreNeverOpened(t *testing.T) {
	root := newProject(t, map[string]string{"a.py": ""})
	pipe, file := filepath.Join(root, "pipe"), filepath.Join(root, "a.py")
	check(t, unix.Mkfifo(pipe, 0o644))
	watch, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	check(t, err)
	defer unix.Close(watch)
	onPipe, err := unix.InotifyAddWatch(watch, pipe, unix.IN_OPEN)
	check(t, err)
	onFile, err := unix.InotifyAddWatch(watch, file, unix.IN_OPEN)
	check(t, err)
	for _, sel := range []Selection{
		{Root: root},
		{Root: root, HasInclude: true, Include: []string{"pipe"}},
		{Root: root, Link: []string{"pipe"}},
	} {
		if _, err := List(sel, nil); err == nil {
			t.Error("no error")
		}
	}
	mustList(t, Selection{Root: root, Exclude: []string{"pipe"}})
	opened := map[int]int{}
	buffer := make([]byte, 4096)
	n, err := unix.Read(watch, buffer)
	check(t, err)
	for at := 0; at < n; at += unix.SizeofInotifyEvent {
		opened[int(buffer[at])]++ // watch descriptors are small and first
	}
	if opened[onPipe] > 0 || opened[onFile] == 0 {
		t.Errorf("the FIFO was opened %d times and the file %d times", opened[onPipe], opened[onFile])
	}
}
