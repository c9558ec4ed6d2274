package blob

import (
	"crypto/sha256"
	"io"
	"io/fs"
	"sync"

	"github.com/flowrider/flowrider/internal/durable"
)

// staged is what a copy is called in its stage.
const staged = "content"

// copier puts what is read into a stage. The nil copier only hashes.
type copier struct {
	stage   *durable.Stage
	file    fs.FileMode // mode of files
	program fs.FileMode // mode of executable files
}

// copyError is an error of the copy, as opposed to one of what is read.
type copyError struct{ error }

func (e *copyError) Unwrap() error { return e.error }

func copying(err error) error {
	if err == nil {
		return nil
	}
	return &copyError{err}
}

func place(rel string) string {
	if rel == "" {
		return staged
	}
	return staged + "/" + rel
}

func (c *copier) folder(rel string) error {
	if c == nil {
		return nil
	}
	return copying(c.stage.Mkdir(place(rel)))
}

func (c *copier) link(target, rel string) error {
	if c == nil {
		return nil
	}
	return copying(c.stage.Symlink(target, place(rel)))
}

// forget takes a copy back whose original changed meanwhile.
func (c *copier) forget(rel string) error {
	if c == nil {
		return nil
	}
	return copying(c.stage.Remove(place(rel)))
}

var buffers = sync.Pool{New: func() any { return new([256 << 10]byte) }}

// copy reads a file to its end, and gives the digest of its bytes: of those
// that were written to the copy.
func (c *copier) copy(from io.Reader, rel string, program bool) (content [sha256.Size]byte, err error) {
	h := sha256.New()
	var to io.WriteCloser
	if c != nil {
		perm := c.file
		if program {
			perm = c.program
		}
		if to, err = c.stage.Create(place(rel), perm); err != nil {
			return content, copying(err)
		}
		defer func() {
			if closeErr := to.Close(); err == nil {
				err = copying(closeErr)
			}
		}()
	}
	pooled := buffers.Get().(*[256 << 10]byte)
	defer buffers.Put(pooled)
	buffer := pooled[:]
	for {
		n, readErr := from.Read(buffer)
		h.Write(buffer[:n])
		if to != nil && n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return content, copying(err)
			}
		}
		if readErr == io.EOF {
			h.Sum(content[:0])
			return content, nil
		}
		if readErr != nil {
			return content, readErr
		}
	}
}
