package testenv

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

// Opened watches the files of a folder, without those of the folders in it: it
// says how often one was opened or read since it was last asked.
func Opened(t testing.TB, folder string) (count func() int) {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err == nil {
		t.Cleanup(func() { unix.Close(fd) })
		_, err = unix.InotifyAddWatch(fd, folder, unix.IN_OPEN|unix.IN_ACCESS)
	}
	if err != nil {
		t.Skip("SKIPPED: files cannot be watched here: ", err)
	}
	buffer := make([]byte, 1<<16)
	return func() int {
		t.Helper()
		count := 0
		for {
			n, err := unix.Read(fd, buffer)
			if err == unix.EAGAIN {
				return count
			}
			if err != nil {
				t.Fatal(err)
			}
			for event := buffer[:n]; len(event) > 0; {
				if binary.NativeEndian.Uint32(event[4:])&unix.IN_ISDIR == 0 {
					count++
				}
				event = event[unix.SizeofInotifyEvent+binary.NativeEndian.Uint32(event[12:]):]
			}
		}
	}
}
