package index

import "time"

// Pass is one look at the files of an index. Digest, Fresh and Put may be
// called from many goroutines, Wait from none beside them.
type Pass struct {
	index     *Index
	reference reference
}

// Digest is the digest of a file, by its path below the root, if that is known
// without reading it.
func (p *Pass) Digest(path string, now Status) (digest string, ok bool) {
	if p == nil {
		return "", false
	}
	p.index.mutex.Lock()
	defer p.index.mutex.Unlock()
	e := p.index.entries[path]
	if e == nil || !e.settled || e.status != now {
		return "", false
	}
	e.seen = true
	return e.digest, true
}

// Put remembers the digest of a file that held still while it was read: now is
// what the system said just before and just after. A file that is not settled
// is remembered as such, and read again next time.
func (p *Pass) Put(path string, now Status, digest string) {
	if p == nil {
		return
	}
	p.index.mutex.Lock()
	defer p.index.mutex.Unlock()
	fresh := entry{status: now, digest: digest, settled: p.reference.settles(now), seen: true}
	old := p.index.entries[path]
	if old != nil && old.status == now {
		fresh.unseen = old.unseen
		switch {
		case old.digest != digest: // what no stat shows: whichever was read first
			fresh.settled = false
		case old.settled: // by another pass
			fresh.settled = true
		}
	}
	if old != nil {
		old.seen = true
		if fresh.seen = true; fresh == *old {
			return
		}
	}
	p.index.entries[path], p.index.changed = &fresh, true
}

// Fresh says whether a file would not settle if it were read now, and would a
// little later: it is best read last, after Wait.
func (p *Pass) Fresh(now Status) bool {
	return p != nil && p.reference.wait(now) > 0
}

// Reading a file takes about this long, and this long for each byte.
const (
	costOfFile = 10 * time.Microsecond
	costOfByte = time.Nanosecond
)

// Wait takes a new reference time for the fresh files that are left to be read.
// Where waiting until they settle takes less long than reading them all once
// more in the next pass, it waits first: at most the margin of the file system,
// and so once in a pass.
func (p *Pass) Wait(fresh []Status) {
	if p == nil || len(fresh) == 0 || !p.renew() {
		return
	}
	if pause := p.reference.pause(fresh); pause > 0 {
		time.Sleep(pause)
		p.renew()
	}
}

// renew takes a new reference time; without one the old one stays.
func (p *Pass) renew() bool {
	now, err := readReference(p.index.cache.dir)
	if err != nil {
		return false
	}
	p.index.mutex.Lock()
	defer p.index.mutex.Unlock()
	if now.at.before(p.reference.at) || now.device != p.reference.device {
		return false
	}
	p.reference = now
	p.index.clock.reference = now.at
	return true
}
