package index

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"
)

// An index file is the magic line, the digest of the root's path, the clock, the
// number of entries, the entries in the order of their paths, and the checksum of
// all that. Numbers are varints; texts have their length before them.
const magic = "flowrider index 1\n"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func encode(c clock, root [sha256.Size]byte, entries map[string]*entry) []byte {
	b := make([]byte, 0, 200+180*len(entries))
	b = append(append(b, magic...), root[:]...)
	b = appendText(appendTime(b, c.reference), c.boot)
	b = binary.AppendVarint(b, c.offset)
	b = binary.AppendUvarint(b, uint64(len(entries)))
	for _, path := range slices.Sorted(maps.Keys(entries)) {
		b = appendEntry(appendText(b, path), entries[path])
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func appendEntry(b []byte, e *entry) []byte {
	s := e.status
	b = appendText(b, e.digest)
	b = append(b, e.unseen, 0)
	if e.settled {
		b[len(b)-1] = 1
	}
	b = binary.AppendUvarint(b, uint64(s.Mode))
	b = binary.AppendVarint(b, s.Size)
	b = appendTime(appendTime(b, s.Mtime), s.Ctime)
	return binary.AppendUvarint(binary.AppendUvarint(b, s.Inode), s.Device)
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func appendTime(b []byte, t Time) []byte {
	return binary.AppendVarint(binary.AppendVarint(b, t.Sec), t.Nsec)
}

// decode reads an index of the files below a root. ok is false for whatever is
// not exactly that.
func decode(data []byte, root [sha256.Size]byte) (c clock, entries map[string]*entry, ok bool) {
	body, sum, ok := cutEnd(data, 4)
	if !ok || crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(sum) {
		return clock{}, nil, false
	}
	d := &decoder{rest: string(body)}
	if d.bytes(len(magic)) != magic || d.bytes(len(root)) != string(root[:]) {
		return clock{}, nil, false
	}
	c = clock{reference: d.time(), boot: d.text(), offset: d.varint()}
	count := d.uvarint()
	if count > uint64(len(data)) {
		return clock{}, nil, false
	}
	entries = make(map[string]*entry, count)
	all := make([]entry, count)
	for i := range all {
		path := d.text()
		all[i] = d.entry()
		entries[path] = &all[i]
	}
	if d.broken || d.rest != "" || len(entries) != len(all) {
		return clock{}, nil, false
	}
	return c, entries, true
}

func cutEnd(data []byte, n int) (body, end []byte, ok bool) {
	if len(data) < n {
		return nil, nil, false
	}
	return data[:len(data)-n], data[len(data)-n:], true
}

// decoder takes a text apart from its beginning.
type decoder struct {
	rest   string
	broken bool
}

func (d *decoder) entry() entry {
	e := entry{digest: d.text()}
	flags := d.bytes(2)
	if d.broken {
		return entry{}
	}
	e.unseen, e.settled = flags[0], flags[1] == 1
	e.status = Status{Mode: uint32(d.uvarint()), Size: d.varint(), Mtime: d.time(), Ctime: d.time(), Inode: d.uvarint(), Device: d.uvarint()}
	return e
}

func (d *decoder) text() string { return d.bytes(int(min(d.uvarint(), 1<<30))) }

func (d *decoder) time() Time { return Time{d.varint(), d.varint()} }

func (d *decoder) bytes(n int) string {
	if n > len(d.rest) {
		d.broken, d.rest = true, ""
		return ""
	}
	text := d.rest[:n]
	d.rest = d.rest[n:]
	return text
}

func (d *decoder) uvarint() uint64 {
	var value uint64
	for i := 0; i < len(d.rest) && i < binary.MaxVarintLen64; i++ {
		value |= uint64(d.rest[i]&0x7f) << (7 * i)
		if d.rest[i] < 0x80 {
			d.rest = d.rest[i+1:]
			return value
		}
	}
	d.broken, d.rest = true, ""
	return 0
}

func (d *decoder) varint() int64 {
	value := d.uvarint()
	return int64(value>>1) ^ -int64(value&1)
}
