package durable

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/flowrider/flowrider/internal/boot"
)

// Locked is a lock that this process holds. The kernel frees it when the
// process dies, however it dies, so a lock is never stale; its file is never
// removed.
type Locked struct {
	path string
	file *os.File
}

// Holder says who has a lock. It is for messages only: no decision may rest
// on it.
type Holder struct {
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
	Born    string    `json:"born,omitempty"` // when the process was started: a number alone is another process's later
	Command string    `json:"command"`        // program and subcommand, without arguments, which may be secret
}

// String completes "is held by …".
func (h Holder) String() string {
	if h.PID == 0 {
		return "another process"
	}
	text := fmt.Sprintf("process %d", h.PID)
	if h.Command != "" {
		text += " (" + h.Command + ")"
	}
	if !h.Since.IsZero() {
		text += " since " + h.Since.Local().Format("2006-01-02 15:04:05")
	}
	return text
}

// Held is the error of a lock that somebody else has.
type Held struct {
	Path   string
	Holder Holder
}

func (e *Held) Error() string {
	return fmt.Sprintf("%s is locked by %s; wait for it to end, or stop it there with Ctrl-C", e.Path, e.Holder)
}

// Lock takes the lock at path at once, or says with a *Held error who has it.
// Missing folders on the way are created. It excludes every other holder on
// this machine, in this process too. Child processes do not inherit it.
func Lock(path string) (*Locked, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("%s cannot be locked: %w", path, err)
	}
	for range 100 {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0o644)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be locked: %w", path, err)
		}
		if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			f.Close()
			return nil, explainLock(path, err)
		}
		if !isAt(f, path) {
			f.Close() // somebody removed the folder between our open and our lock
			continue
		}
		l := &Locked{path: path, file: f}
		l.announce()
		return l, nil
	}
	return nil, fmt.Errorf("%s cannot be locked: it is replaced again and again; see what else writes in its folder", path)
}

// LockWait takes the lock at path as Lock does, but waits for its holder
// until ctx is done, and then returns the *Held error. waiting, which may be
// nil, is called once before the first wait.
func LockWait(ctx context.Context, path string, waiting func(*Held)) (*Locked, error) {
	const pause = 50 * time.Millisecond
	for {
		l, err := Lock(path)
		var held *Held
		if !errors.As(err, &held) {
			return l, err
		}
		if waiting != nil {
			waiting(held)
			waiting = nil
		}
		select {
		case <-ctx.Done():
			return nil, held
		case <-time.After(pause):
		}
	}
}

// Unlock frees the lock.
func (l *Locked) Unlock() error {
	// While the lock is still ours, so that it cannot be the next holder's.
	os.Remove(holderPath(l.path))
	return l.file.Close()
}

// explainLock turns a refused flock into the error the caller needs. A file
// system without locks is refused at once: to try again, or to go on without,
// would let two applies run.
func explainLock(path string, err error) error {
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return &Held{Path: path, Holder: readHolder(path)}
	case errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.EOPNOTSUPP):
		return fmt.Errorf("%s cannot be locked, because its file system has no locks; "+
			"move the project to a local disk, or mount the file system with flock: %w", path, err)
	}
	return fmt.Errorf("%s cannot be locked: %w", path, err)
}

// isAt says whether path still names the open file.
func isAt(f *os.File, path string) bool {
	ours, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(ours, there)
}

func holderPath(path string) string { return path + ".holder" }

// announce writes down who has the lock. It is not the lock, so failing to do
// so is not an error, and it need not survive anything.
func (l *Locked) announce() {
	holder := Holder{PID: os.Getpid(), Born: boot.Born(os.Getpid()), Since: time.Now().UTC().Truncate(time.Second), Command: command(os.Args)}
	data, err := json.Marshal(holder)
	if err != nil {
		return
	}
	temp := filepath.Join(filepath.Dir(l.path), tempName(filepath.Base(holderPath(l.path))))
	if os.WriteFile(temp, append(data, '\n'), 0o644) != nil || os.Rename(temp, holderPath(l.path)) != nil {
		os.Remove(temp)
	}
}

// HolderOf says who has the lock at path, as far as can be seen without taking
// it. ok is false where nobody is seen to have it.
func HolderOf(path string) (holder Holder, ok bool) {
	holder = readHolder(path)
	return holder, boot.Alive(holder.PID, holder.Born)
}

// readHolder reads who has the lock at path; the zero Holder is nobody known.
func readHolder(path string) Holder {
	info, err := os.Lstat(holderPath(path))
	if err != nil || info.Mode().Type() != 0 || info.Size() > 4096 {
		return Holder{}
	}
	data, err := os.ReadFile(holderPath(path))
	if err != nil {
		return Holder{}
	}
	return parseHolder(data)
}

// parseHolder takes a holder apart that anybody may have written: what it
// gives can be shown on a terminal as it is.
func parseHolder(data []byte) Holder {
	var h Holder
	if json.Unmarshal(data, &h) != nil || h.PID <= 0 || len(h.Command) > 200 {
		return Holder{}
	}
	if year := h.Since.Year(); year < 2000 || year > 9999 {
		h.Since = time.Time{}
	}
	h.Command = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, h.Command)
	return h
}

// command is what a holder is called: the program and its subcommand. Further
// arguments may hold secrets.
func command(args []string) string {
	if len(args) == 0 {
		return ""
	}
	text := filepath.Base(args[0])
	if len(args) > 1 && args[1] != "" && strings.Trim(args[1], "abcdefghijklmnopqrstuvwxyz") == "" {
		text += " " + args[1]
	}
	return text
}
