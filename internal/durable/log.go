package durable

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/oklog/ulid/v2"
)

// Log is a file that only grows: a line with its format, such as FRH1, and
// then one line for each entry,
//
//	<length, 8 hex digits> <CRC-32C, 8 hex digits> <payload>
//
// Length and checksum are those of the payload, which holds no line break
// (JSON need not). A Log may be appended to by several processes at once.
type Log struct {
	writer Writer
	path   string
	format Format
}

// Format names what a log holds, and in which version: {"FRH", 1}.
type Format struct {
	Name    string
	Version int
}

func (f Format) line() string { return fmt.Sprintf("%s%d\n", f.Name, f.Version) }

// OpenLog names the log at path. Nothing is opened or made before Append.
func (w Writer) OpenLog(path string, format Format) *Log {
	return &Log{writer: w, path: path, format: format}
}

// Append adds one entry, which is durable when Append returns nil. A torn
// entry that a crash has left at the end is taken off first; if more than an
// unfinished line goes that way, a copy of it is kept beside the log.
func (l *Log) Append(payload []byte) error {
	if bytes.IndexByte(payload, '\n') >= 0 {
		panic("durable: the payload of a log entry has a line break")
	}
	dir, err := l.writer.OpenDir(filepath.Dir(l.path))
	if err != nil {
		return err
	}
	defer dir.Close()
	name := filepath.Base(l.path)
	return dir.append(name, func(size int64, f File) ([]byte, error) {
		data, contents, err := l.read(size, f)
		if err != nil {
			return nil, err
		}
		if contents.Newer {
			return nil, fmt.Errorf("it was written by a newer flowrider; use that one")
		}
		if torn := data[contents.End:]; len(torn) > 0 {
			if last := len(contents.Damage) - 1; last >= 0 && contents.Damage[last].Offset >= contents.End {
				if err := dir.Write(name+".damaged."+ulid.Make().String(), torn); err != nil {
					return nil, err
				}
			}
			if err := f.Truncate(int64(contents.End)); err != nil {
				return nil, err
			}
		}
		entry := appendFrame(nil, payload)
		if contents.End == 0 {
			entry = append([]byte(l.format.line()), entry...)
		}
		return entry, nil
	})
}

// Sync makes durable what is in the log: an earlier process may have been
// killed between writing an entry and syncing it.
func (l *Log) Sync() error {
	dir, err := l.writer.OpenDir(filepath.Dir(l.path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.append(filepath.Base(l.path), func(int64, File) ([]byte, error) { return nil, nil })
}

// Rewrite replaces the log by one that has only the entries for which keep is
// true; without any, by none. After a crash it is as it was, or as it is meant
// to be. A log that is not wholly understood is an error and stays as it is.
// Nobody may append to it meanwhile.
func (l *Log) Rewrite(keep func(payload []byte) bool) error {
	dir, err := l.writer.OpenDir(filepath.Dir(l.path))
	if err != nil {
		return err
	}
	defer dir.Close()
	name := filepath.Base(l.path)
	var text []byte
	kept, all := 0, 0
	err = dir.append(name, func(size int64, f File) ([]byte, error) {
		_, contents, err := l.read(size, f)
		if err != nil {
			return nil, err
		}
		if contents.Newer || len(contents.Damage) > 0 {
			return nil, errors.New("it is damaged, or was written by a newer flowrider")
		}
		text, all = []byte(l.format.line()), len(contents.Entries)
		for _, payload := range contents.Entries {
			if keep(payload) {
				text = appendFrame(text, payload)
				kept++
			}
		}
		return nil, nil
	})
	switch {
	case err != nil || kept == all:
		return err
	case kept == 0:
		return dir.Remove(name)
	}
	return dir.Write(name, text)
}

func (l *Log) read(size int64, f File) ([]byte, Contents, error) {
	data := make([]byte, size)
	if n, err := f.ReadAt(data, 0); int64(n) < size {
		return nil, Contents{}, fmt.Errorf("reading it: %w", err)
	}
	return data, ParseLog(data, l.format), nil
}

// Contents is what is in a log.
type Contents struct {
	Entries [][]byte // payloads, oldest first
	Damage  []Damage // in the order of the file
	End     int      // length of what is whole; what follows was torn off by a crash
	Newer   bool     // written in a newer format: nothing was read
}

// Damage is a part of a log that is not an entry and was not left by a crash.
type Damage struct {
	Offset int // in bytes from the start of the file
	Length int
	Hole   bool // there are zeros in it, as a power cut leaves them
}

// ParseLog reads a log. What a crash leaves at the end is passed over in
// silence: an unfinished line, or one with a hole. Anything else that is not an
// entry is damage; the entries around it are read all the same.
func ParseLog(data []byte, format Format) Contents {
	c := parseLog(data, format)
	for i, d := range c.Damage {
		part := data[d.Offset : d.Offset+d.Length]
		c.Damage[i].Hole = bytes.Contains(part, hole) || part[len(part)-1] == 0 // of an entry, perhaps only the line break was lost
	}
	c.Damage = slices.DeleteFunc(c.Damage, func(d Damage) bool { return d.Hole && d.Offset >= c.End })
	return c
}

// hole is what file systems have where a power cut took away what was written,
// but not the length of the file: zeros, and more of them than damage makes.
var hole = make([]byte, 8)

func parseLog(data []byte, format Format) Contents {
	var c Contents
	damaged := func(from, to int) {
		if last := len(c.Damage) - 1; last >= 0 && c.Damage[last].Offset+c.Damage[last].Length == from {
			c.Damage[last].Length += to - from
			return
		}
		c.Damage = append(c.Damage, Damage{Offset: from, Length: to - from})
	}

	at := bytes.IndexByte(data, '\n') + 1
	switch first := data[:at]; {
	case at == 0: // not even the first line was finished
		if len(data) > 0 && !bytes.HasPrefix([]byte(format.line()), data) {
			damaged(0, len(data))
		}
		return c
	case string(first) == format.line():
		c.End = at
	case isNewer(first, format):
		c.Newer = true
		c.End = len(data)
		return c
	default:
		damaged(0, at)
	}

	for at < len(data) {
		payload, n := parseFrame(data[at:])
		switch {
		case payload != nil:
			c.Entries = append(c.Entries, payload)
			c.End = at + n
		case n == 0:
			return c
		default:
			damaged(at, at+n)
		}
		at += n
	}
	return c
}

// isNewer says whether the first line of a log is that of a later version of
// the format.
func isNewer(line []byte, format Format) bool {
	digits, ok := bytes.CutPrefix(bytes.TrimSuffix(line, []byte("\n")), []byte(format.Name))
	version, err := strconv.Atoi(string(digits))
	return ok && err == nil && version > format.Version
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frameHead is the length of what stands before a payload.
const frameHead = len("00000000 00000000 ")

func appendFrame(to, payload []byte) []byte {
	to = fmt.Appendf(to, "%08x %08x ", len(payload), crc32.Checksum(payload, castagnoli))
	return append(append(to, payload...), '\n')
}

// parseFrame reads one entry at the start of data and says how long its line
// is. Without an entry the payload is nil, and n is how much to pass over; 0
// means that the line is unfinished, and so the end of the log.
func parseFrame(data []byte) (payload []byte, n int) {
	if len(data) > frameHead {
		length, okLength := parseHex(data[:8])
		sum, okSum := parseHex(data[9:17])
		end := frameHead + int(length)
		if okLength && okSum && data[8] == ' ' && data[17] == ' ' && end < len(data) &&
			crc32.Checksum(data[frameHead:end], castagnoli) == sum {
			if data[end] == '\n' {
				return data[frameHead:end:end], end + 1
			}
			return nil, end + 1 // only the line break is damaged; the next entry need not suffer
		}
	}
	return nil, bytes.IndexByte(data, '\n') + 1
}

// parseHex reads eight lower-case hex digits, the only form that is written.
func parseHex(digits []byte) (uint32, bool) {
	n, err := strconv.ParseUint(string(digits), 16, 32)
	return uint32(n), err == nil && bytes.Equal(digits, bytes.ToLower(digits)) && digits[0] != '+'
}
