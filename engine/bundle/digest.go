package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// How a digest is written. A file above chunksAbove is digested by the
// SHA-256 of the SHA-256s of its chunks, so that several cores can share one
// file; its label is another, so that no small file can have the same digest.
const (
	digestWhole  = "sha256:"
	digestChunks = "chunks:"
	chunksAbove  = 4 << 20
	chunkSize    = 1 << 20
)

// errChanging says that a file was not the same before and after it was read.
var errChanging = errors.New("changes while it is read")

// pauses are how long to wait before a file that changed is read again.
var pauses = []time.Duration{0, 2 * time.Millisecond, 10 * time.Millisecond}

// scratch is what one worker reuses from file to file.
type scratch struct {
	buffer []byte // at least chunkSize
	sum    hash.Hash
}

func newScratch() *scratch {
	return &scratch{buffer: make([]byte, chunkSize), sum: sha256.New()}
}

// facts are what a listing keeps of a file's content.
type facts struct {
	status status // before and after it was read
	digest string
}

// digestFile reads a regular file in a folder and digests it. It returns
// errChanging if the file did not hold still, and what the system says
// otherwise.
func (s *scratch) digestFile(dir *folder, name string) (facts, error) {
	return s.tryStill(func() (facts, error) {
		fd, err := dir.openFile(name)
		if err != nil {
			return facts{}, err
		}
		defer unix.Close(fd)
		return s.digestOpen(fd)
	})
}

// digestOpen digests an open file once.
func (s *scratch) digestOpen(fd int) (facts, error) {
	return holdStill(fd, func(before status) (string, error) { return s.digestBytes(fd, before.Size) })
}

// tryStill calls read until the file holds still, four times at most.
func (s *scratch) tryStill(read func() (facts, error)) (facts, error) {
	f, err := read()
	for _, pause := range pauses {
		if !errors.Is(err, errChanging) {
			break
		}
		time.Sleep(pause)
		f, err = read()
	}
	return f, err
}

// holdStill calls read between two looks at an open file, and fails unless
// both see the same regular file.
func holdStill(fd int, read func(status) (string, error)) (facts, error) {
	before, err := statusOf(fd)
	if err != nil {
		return facts{}, err
	}
	if before.kind != kindFile {
		return facts{}, errChanging // it was a file a moment ago
	}
	digest, err := read(before)
	if err != nil {
		return facts{}, err
	}
	after, err := statusOf(fd)
	if err != nil {
		return facts{}, err
	}
	if before != after {
		return facts{}, errChanging
	}
	return facts{before, digest}, nil
}

// digestBytes digests the bytes of an open file, which must be size in
// number, from its beginning.
func (s *scratch) digestBytes(fd int, size int64) (string, error) {
	if size > chunksAbove {
		return s.digestInChunks(fd, size)
	}
	s.sum.Reset()
	for at := int64(0); at < size; {
		n, err := readAt(fd, s.buffer[:min(int64(len(s.buffer)), size-at)], at)
		if err != nil {
			return "", err
		}
		s.sum.Write(s.buffer[:n])
		at += int64(n)
	}
	return s.wholeDigest(), nil
}

func (s *scratch) wholeDigest() string {
	var sum [sha256.Size]byte
	return digestWhole + hex.EncodeToString(s.sum.Sum(sum[:0]))
}

// digestInChunks digests a large file on all cores.
func (s *scratch) digestInChunks(fd int, size int64) (string, error) {
	chunks := int((size + chunkSize - 1) / chunkSize)
	sums := make([][sha256.Size]byte, chunks)
	errs := make([]error, chunks)
	inParallel(chunks, func(i int, s *scratch) {
		from := int64(i) * chunkSize
		chunk := s.buffer[:min(chunkSize, size-from)]
		for read := 0; read < len(chunk); {
			n, err := readAt(fd, chunk[read:], from+int64(read))
			if err != nil {
				errs[i] = err
				return
			}
			read += n
		}
		sums[i] = sha256.Sum256(chunk)
	})
	s.sum.Reset()
	for i := range sums {
		if errs[i] != nil {
			return "", errs[i]
		}
		s.sum.Write(sums[i][:])
	}
	return digestChunks + hex.EncodeToString(s.sum.Sum(nil)), nil
}

// readAt reads some bytes of an open file. A file that ends too early is one
// that changes.
func readAt(fd int, buffer []byte, at int64) (int, error) {
	n, err := retry(func() (int, error) { return unix.Pread(fd, buffer, at) })
	if err == nil && n == 0 {
		err = errChanging
	}
	return n, err
}

// digestText digests a text that is no file, such as a symlink's.
func digestText(text string) string {
	sum := sha256.New()
	io.WriteString(sum, text)
	return digestWhole + hex.EncodeToString(sum.Sum(nil))
}
