package blob

import (
	"io/fs"
	"maps"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/engine/index"
)

// Look is what the system says of a blob's files and folders, by their paths,
// when their content is not read.
type Look struct {
	entries map[string]index.Status
	settled bool // whoever changes anything later changes what the system says
}

// Look looks at a blob. Of one that is missing or cannot be read it is the zero
// Look, which is the same as no other.
func (s *Store) Look(digest, name string) Look {
	at, look := time.Now(), Look{map[string]index.Status{}, true}
	err := filepath.WalkDir(s.Path(digest, name), func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		status := index.StatusOf(&st)
		look.entries[path], look.settled = status, look.settled && settled(status, at)
		return nil
	})
	if err != nil {
		return Look{}
	}
	return look
}

// settled says whether a file's time of change is so long ago that the next
// change has another one: clocks of file systems tick coarsely.
func settled(status index.Status, at time.Time) bool {
	tick := 50 * time.Millisecond
	if status.Ctime.Nsec == 0 {
		tick = 2 * time.Second // it has whole seconds, or it seems so
	}
	return time.Unix(status.Ctime.Sec, status.Ctime.Nsec).Add(tick).Before(at)
}

// Same says that nothing has been changed between two looks. That it cannot say
// so does not mean that the content has changed: a new hard link shows too.
func (l Look) Same(later Look) bool {
	return l.settled && len(l.entries) > 0 && maps.Equal(l.entries, later.entries)
}

// Rewritten says that a file has been written or replaced between two looks,
// even if its content is what it was.
func (l Look) Rewritten(later Look) bool {
	for path, was := range l.entries {
		is := later.entries[path]
		if was.Mode&unix.S_IFMT != unix.S_IFDIR && (is.Inode != was.Inode || is.Device != was.Device || is.Mtime != was.Mtime || is.Size != was.Size) {
			return true
		}
	}
	return false
}
