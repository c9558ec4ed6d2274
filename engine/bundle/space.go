package bundle

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// space is the room on a file system.
type space struct {
	free     int64 // bytes, for this user
	capacity int64 // bytes, used or not
	files    int64 // that can still be created; -1 if there is no limit
}

func spaceAt(path string) (space, error) {
	var st unix.Statfs_t
	if _, err := retry(func() (int, error) { return 0, unix.Statfs(path, &st) }); err != nil {
		return space{}, fmt.Errorf("free space of %s: %w", path, err)
	}
	s := space{free: int64(st.Bavail) * int64(st.Bsize), capacity: int64(st.Blocks) * int64(st.Bsize), files: int64(st.Ffree)}
	if st.Files == 0 {
		s.files = -1
	}
	return s, nil
}

// block is what the smallest file takes on most file systems.
const block = 4096

// need is what the copies of the plan take, in whole blocks.
func (p *plan) need() (bytes int64, files int, largest found) {
	for _, f := range p.files {
		files++
		if f.linked {
			continue
		}
		bytes += (f.status.Size + block - 1) / block * block
		if f.status.Size > largest.status.Size {
			largest = f
		}
	}
	return bytes, files + len(p.symlinks), largest
}

// checkCapacity refuses, before anything is read, what no amount of tidying
// makes fit on the project's file system, such as a huge file with holes.
func (p *plan) checkCapacity() error {
	bytes, files, largest := p.need()
	room, err := spaceAt(p.root)
	if err != nil {
		return err
	}
	if bytes > room.capacity {
		return tooLarge(bytes, files, largest, fmt.Sprintf("more than the whole file system of %s holds (%s)", p.root, size(room.capacity)))
	}
	return nil
}

// checkSpace refuses a copy that does not fit on the file system of dest.
func (p *plan) checkSpace(dest string) error {
	bytes, files, largest := p.need()
	room, err := spaceAt(dest)
	switch {
	case err != nil:
		return err
	case bytes > room.free:
		return tooLarge(bytes, files, largest, fmt.Sprintf("and the file system of %s has %s free; free some space", dest, size(room.free)))
	case room.files >= 0 && int64(files) > room.files:
		return tooLarge(bytes, files, largest, fmt.Sprintf("and the file system of %s has room for %s more files; remove some", dest, count(int(room.files))))
	}
	return nil
}

func tooLarge(bytes int64, files int, largest found, why string) error {
	noun := "files"
	if files == 1 {
		noun = "file"
	}
	err := fmt.Errorf("bundle needs %s in %s %s, %s, or exclude what the flow does not read", size(bytes), count(files), noun, why)
	if largest.path != "" {
		return fmt.Errorf("%w; the largest file is %s with %s, which bundle { %s } would use in place", err,
			quote(largest.path), size(largest.status.Size), argumentLine("link", globFor(largest.path)))
	}
	return err
}
