package bundle

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// watch gives the number of files below the top of a folder that were opened or
// read since it was last asked.
func watch(t *testing.T, folder string) (opened func() int) {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	check(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	_, err = unix.InotifyAddWatch(fd, folder, unix.IN_OPEN|unix.IN_ACCESS)
	check(t, err)
	return func() int {
		count := 0
		buffer := make([]byte, 1<<16)
		for {
			n, err := unix.Read(fd, buffer)
			if err == unix.EAGAIN {
				return count
			}
			check(t, err)
			for at := 0; at < n; {
				mask := uint32(buffer[at+4]) | uint32(buffer[at+5])<<8 | uint32(buffer[at+6])<<16 | uint32(buffer[at+7])<<24
				length := int(uint32(buffer[at+12]) | uint32(buffer[at+13])<<8)
				if mask&unix.IN_ISDIR == 0 {
					count++
				}
				at += unix.SizeofInotifyEvent + length
			}
		}
	}
}

// When all has settled, listing reads no contents, and linked files are not read
// for a copy or after a run either.
func TestSettledFilesAreNotRead(t *testing.T) {
	p := newIndexed(t, memory(t))
	check(t, os.Mkdir(p.path("data"), 0o755))
	for i := range 20 {
		check(t, os.WriteFile(p.path(fmt.Sprint("f", i)), []byte("x"), 0o644))
		check(t, os.WriteFile(p.path(fmt.Sprint("data/", i)), []byte("x"), 0o644))
	}
	p.sel.Link = []string{"data"}
	opened, linked := watch(t, p.root), watch(t, p.path("data"))
	p.list()
	if opened() == 0 || linked() == 0 {
		t.Fatal("nothing seems to be read at first: the watch does not work here")
	}
	p.settle()
	opened()
	linked()
	p.list()
	cache := p.open(false)
	l, err := Copy(noContext, Selection{Root: p.root, HasInclude: true, Link: []string{"data"}}, t.TempDir(), cache.Of(p.root))
	check(t, err)
	check(t, CheckLinks(l, p.root, cache.Of(p.root)))
	if n, m := opened(), linked(); n != 0 || m != 0 {
		t.Errorf("%d files and %d linked ones were opened or read", n, m)
	}
	check(t, os.WriteFile(p.path("data/3"), []byte("y"), 0o644))
	linked()
	if CheckLinks(l, p.root, cache.Of(p.root)) == nil {
		t.Error("a linked file that has changed is not found")
	}
	if linked() == 0 {
		t.Error("it was not read")
	}
}
