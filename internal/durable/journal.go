package durable

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
)

// Journal is a log that one process writes while it runs, on room that was
// reserved before, so that a disk that fills up meanwhile does not keep it from
// saying how things ended. It is framed as a Log is; the room that is not used
// yet are bytes of zero. Its methods may be called from many goroutines, and
// entries that come close together share one fsync.
type Journal struct {
	path  string
	file  File
	turns turns[[]byte]

	mu         sync.Mutex
	size, room int64 // bytes that are written, and that there is room for
	broken     error // the error after which nothing is written any more
}

// reserved is the room of a new journal, and how much it grows at a time.
const reserved = 1 << 20

// NewJournal makes a journal at path with its first entry. It has its name when
// all of that is durable: nobody ever sees one without its first entry. Missing
// folders on the way are created.
func (w Writer) NewJournal(path string, format Format, first []byte) (*Journal, error) {
	dir, err := w.OpenDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	name := filepath.Base(path)
	if err := checkName(name); err != nil {
		return nil, err
	}
	temp := tempName(name)
	file, err := dir.folder.Create(temp, 0o644)
	if err != nil {
		return nil, dir.failed(name, err)
	}
	j := &Journal{path: filepath.Join(dir.path, name), file: file}
	err = j.grow(reserved)
	if err == nil {
		err = j.write([][]byte{[]byte(format.line()), appendFrame(nil, first)})
	}
	if err == nil {
		if err = dir.folder.Rename(temp, name); err != nil {
			err = dir.failed(name, err)
		}
	}
	if err != nil {
		file.Close()
		dir.folder.Remove(temp)
		return nil, err
	}
	if err := dir.syncFolder(); err != nil {
		file.Close()
		return nil, &Unsure{Path: j.path, Err: err}
	}
	return j, nil
}

// Append adds an entry, which is durable when Append returns nil. After an
// error nothing is added any more: what is on the disk then is not known.
func (j *Journal) Append(payload []byte) error {
	return j.turns.take(appendFrame(nil, payload), j.write)
}

// MakeRoom sees to it that half of the room is left, for whoever is about to
// begin what later entries must not fail to say.
func (j *Journal) MakeRoom() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.room-j.size > reserved/2 {
		return nil
	}
	return j.grow(j.room + reserved)
}

// grow makes room. The caller holds mu, or nobody else knows j.
func (j *Journal) grow(room int64) error {
	if err := j.file.Reserve(room); err != nil {
		return fmt.Errorf("%s could not be written: %w", j.path, sized(err, int(room-j.room)))
	}
	j.room = room
	return nil
}

// write writes pieces at once, and syncs them.
func (j *Journal) write(pieces [][]byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return j.broken
	}
	var data []byte
	for _, piece := range pieces {
		data = append(data, piece...)
	}
	if j.size+int64(len(data)) > j.room {
		if err := j.grow(j.room + reserved + int64(len(data))); err != nil {
			return err // and what is smaller may still find room
		}
	}
	n, err := j.file.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.broken = fmt.Errorf("%s could not be written: %w", j.path, err)
	}
	j.size += int64(len(data))
	return j.broken
}

// Close gives back the room that was not used. What was written stays.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var err error
	if j.broken == nil {
		err = j.file.Truncate(j.size)
		j.broken = errors.New(j.path + " is closed")
	}
	return errors.Join(err, j.file.Close())
}
