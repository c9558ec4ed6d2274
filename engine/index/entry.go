package index

import (
	"cmp"
	"time"
)

// Status is what the system says of a file: all that must be equal for it to
// be the file that was hashed.
type Status struct {
	Mode          uint32 // type and permission bits
	Size          int64
	Mtime, Ctime  Time
	Inode, Device uint64
}

// Time is a time of a file system's clock, as it says it.
type Time struct{ Sec, Nsec int64 }

// plus is a later time. It is the last there is, where that is beyond what can be
// said.
func (t Time) plus(d time.Duration) Time {
	t.Nsec += int64(d % time.Second)
	sum := t.Sec + int64(d/time.Second) + t.Nsec/int64(time.Second)
	if sum < t.Sec {
		return Time{Sec: 1<<63 - 1}
	}
	return Time{sum, t.Nsec % int64(time.Second)}
}

func (t Time) before(other Time) bool { return t.compare(other) < 0 }

func (t Time) compare(other Time) int {
	return cmp.Or(cmp.Compare(t.Sec, other.Sec), cmp.Compare(t.Nsec, other.Nsec))
}

// newest is the later one of the file's times.
func (s Status) newest() Time {
	if s.Mtime.before(s.Ctime) {
		return s.Ctime
	}
	return s.Mtime
}

// entry is what is remembered of a file.
type entry struct {
	status  Status
	digest  string
	settled bool  // says of the moment of hashing, and never turns true later
	unseen  uint8 // how many times the index was written without a look at the file
	seen    bool  // by a pass of this process
}

// maxUnseen is how many times an index is written before it drops a file that
// nobody looks at.
const maxUnseen = 50
