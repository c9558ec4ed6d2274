package process

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// keep is how much of the beginning and of the end of a log is on disk.
const keep = 8 << 20

// mover is how much of a log is moved at once.
const mover = 256 << 10

// movers are buffers for that: many logs may be moved at a time, again and
// again.
var movers = sync.Pool{New: func() any { return new([mover]byte) }}

// Log is the file of what a process printed: its first and its last 8 MiB,
// and between them a line that counts what was left out. While it is being
// written the second part may be up to twice as long. It is readable at any
// time, also after a crash.
type Log struct {
	mu      sync.Mutex
	file    *os.File
	path    string
	keep    int64
	head    int64 // bytes of the first part
	tail    int64 // bytes of the second part, behind the line
	dropped int64 // bytes left out between them
	err     error
}

// CreateLog creates the log, and the folder it lies in. A file that is there
// already is emptied.
func CreateLog(path string) (*Log, error) { return createLog(path, keep) }

func createLog(path string, keep int64) (*Log, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, err
	}
	return &Log{file: file, path: path, keep: keep}, nil
}

// gap is the line between the two parts. Its length does not depend on n, so
// that it can be rewritten in place. While the second part is moved there is
// another word in it, so that whoever reads meanwhile looks again.
func gap(n int64, moving bool) string {
	word := "here"
	if moving {
		word = "now."
	}
	return fmt.Sprintf("\n--- flowrider left out %20d bytes %s ---\n", n, word)
}

// LeftOut is the line that a log has in the place of n bytes.
func LeftOut(n int64) string { return gap(n, false) }

var gapLength = int64(len(gap(0, false)))

// Write takes the next bytes. After an error, such as a full disk, nothing
// more is written and every call returns it.
func (l *Log) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	written := len(data)
	if l.err == nil {
		l.err = l.write(data)
	}
	if l.err != nil {
		return 0, l.err
	}
	return written, nil
}

func (l *Log) write(data []byte) error {
	if room := l.keep - l.head; room > 0 {
		first := data[:min(room, int64(len(data)))]
		if _, err := l.file.WriteAt(first, l.head); err != nil {
			return err
		}
		l.head += int64(len(first))
		data = data[len(first):]
	}
	for len(data) > 0 {
		if l.tail == 2*l.keep {
			if err := l.compact(); err != nil {
				return err
			}
		}
		part := data[:min(2*l.keep-l.tail, int64(len(data)))]
		if _, err := l.file.WriteAt(part, l.start()+l.tail); err != nil {
			return err
		}
		l.tail += int64(len(part))
		data = data[len(part):]
	}
	return nil
}

// start is where the second part begins in the file: behind the line, once
// there is one.
func (l *Log) start() int64 {
	if l.dropped == 0 {
		return l.head
	}
	return l.head + gapLength
}

// compact moves the last bytes of the second part to its beginning and counts
// what falls away, which is more than the line takes.
func (l *Log) compact() error {
	from := l.start() + l.tail - l.keep
	l.dropped += l.tail - l.keep
	l.tail = l.keep
	if _, err := l.file.WriteAt([]byte(gap(l.dropped, true)), l.head); err != nil {
		return err
	}
	buffer := movers.Get().(*[mover]byte)
	defer movers.Put(buffer)
	for moved := int64(0); moved < l.keep; {
		n, err := l.file.ReadAt(buffer[:min(mover, l.keep-moved)], from+moved)
		if n == 0 {
			return fmt.Errorf("reading the log back: %w", err)
		}
		if _, err := l.file.WriteAt(buffer[:n], l.start()+moved); err != nil {
			return err
		}
		moved += int64(n)
	}
	if err := l.file.Truncate(l.start() + l.tail); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(gap(l.dropped, false)), l.head)
	return err
}

// Close cuts the log to its final size and closes it. It returns the first
// error of any Write. A second Close does nothing.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.err
	if surplus := l.tail - l.keep; err == nil && surplus > 0 && (l.dropped > 0 || surplus > gapLength) {
		err = l.compact()
	}
	err = errors.Join(err, l.file.Close())
	l.file, l.err = nil, os.ErrClosed
	return err
}

// Tail gives the last n lines that were written, raw, at most 1 MiB of them;
// "" if they cannot be read. It works while the process runs and after Close.
func (l *Log) Tail(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		text, _ := tail(l.file, n)
		return text
	}
	text, _ := TailFile(l.path, n)
	return text
}

// TailFile gives the last n lines of a file, raw, at most 1 MiB of them.
func TailFile(path string, n int) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return tail(file, n)
}

const longestTail = 1 << 20

func tail(file *os.File, n int) (string, error) {
	info, err := file.Stat()
	if err != nil || n <= 0 {
		return "", err
	}
	var text []byte
	for from := info.Size(); from > 0 && len(text) < longestTail; {
		size := min(int64(chunk), from)
		from -= size
		block := make([]byte, size)
		if got, err := file.ReadAt(block, from); err != nil && err != io.EOF {
			return "", err
		} else {
			block = block[:got]
		}
		text = append(block, text...)
		if at := lastLines(text, n); at > 0 {
			text = text[at:]
			break
		}
	}
	return string(text[max(0, len(text)-longestTail):]), nil
}

// lastLines is where the last n lines of the text begin; 0 if it has no more
// than these.
func lastLines(text []byte, n int) int {
	at := len(bytes.TrimSuffix(text, []byte("\n")))
	for range n {
		if at = bytes.LastIndexByte(text[:at], '\n'); at < 0 {
			return 0
		}
	}
	return at + 1
}
