package index

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// reference is a moment of a file system's own clock.
type reference struct {
	device uint64
	at     Time
	margin time.Duration // how long after a change another one may show the same times
}

// The margins. Where times are kept by the kernel of this machine in fine
// grains, the slack is for its ticks. Elsewhere times are as coarse as two
// seconds, or another machine's.
const (
	marginLocal = 20 * time.Millisecond
	marginOther = 3 * time.Second
)

// probe is the file that is written to ask for the time.
const probe = "probe"

// readReference asks the file system of a folder what time it is: it writes a
// byte to a file there and looks at it. Any other clock may go differently.
func readReference(dir string) (reference, error) {
	name := filepath.Join(dir, probe)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o644)
	if err != nil {
		return reference{}, err
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte{'\n'}, 0); err != nil {
		return reference{}, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return reference{}, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return reference{}, fmt.Errorf("%s is not a file", name)
	}
	now := StatusOf(&st)
	return reference{device: now.Device, at: now.Mtime, margin: marginOf(int(f.Fd()))}, nil
}

// StatusOf is what the system says of a file.
func StatusOf(st *unix.Stat_t) Status {
	return Status{
		Mode: uint32(st.Mode), Size: st.Size,
		Mtime: Time{int64(st.Mtim.Sec), int64(st.Mtim.Nsec)}, Ctime: Time{int64(st.Ctim.Sec), int64(st.Ctim.Nsec)},
		Inode: st.Ino, Device: uint64(st.Dev),
	}
}

// settles says whether a file that is read after this moment cannot change any
// more without showing other times. Of another device's clock nothing is known.
func (r reference) settles(s Status) bool {
	return s.Device == r.device && s.newest().plus(r.margin).before(r.at)
}

// wait is how long it takes until the file can settle; 0 if it can now, or if
// that is not known: its times are in the future, or of another device.
func (r reference) wait(s Status) time.Duration {
	newest := s.newest()
	if s.Device != r.device || r.settles(s) || r.at.before(newest) {
		return 0
	}
	passed := time.Duration(r.at.Sec-newest.Sec)*time.Second + time.Duration(r.at.Nsec-newest.Nsec)
	return r.margin - passed + tick
}

// tick is more than one tick of any kernel's clock, by which its file times lag
// behind.
const tick = 10 * time.Millisecond

// pause is how long to wait for fresh files, at most the margin; 0 if it is not
// worth it.
func (r reference) pause(fresh []Status) time.Duration {
	var longest, cost time.Duration
	for _, s := range fresh {
		if wait := r.wait(s); 0 < wait && wait <= r.margin {
			longest = max(longest, wait)
			cost += costOfFile + time.Duration(min(s.Size, 1<<40))*costOfByte
		}
	}
	if cost <= longest {
		return 0
	}
	return longest
}
