package durable

import "slices"

// Changes is how many changes and syncs there have been. Each number from 0
// to it is an instant at which the power can be cut.
func (m *Memory) Changes() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.changes)
}

// Unsynced lists the changes before an instant that no sync had made durable
// by then. Each may be on the disk or not.
func (m *Memory) Unsynced(instant int) []int {
	m.mu.Lock()
	defer m.mu.Unlock()
	open := m.unsynced(instant)
	slices.Reverse(open)
	return open
}

// unsynced is Unsynced from the last one to the first.
func (m *Memory) unsynced(instant int) (open []int) {
	synced := map[int]bool{}
	for i := instant - 1; i >= 0; i-- {
		c := m.changes[i]
		if c.sync {
			synced[c.inode] = true
		} else if !synced[c.inode] {
			open = append(open, i)
		}
	}
	return open
}

// PowerCut is what is on the disk after the power failed at an instant, when
// of the unsynced changes only those for which kept is true had reached it:
// the content of each file by its path, such as "/runs/a.json".
func (m *Memory) PowerCut(instant int, kept func(change int) bool) map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	lost := map[int]bool{}
	for _, i := range m.unsynced(instant) {
		lost[i] = !kept(i)
	}
	disk := make([]inode, len(m.inodes))
	for i := range disk {
		if m.inodes[i].folder() {
			disk[i].entries = map[string]int{}
		}
		if m.inodes[i].link { // a link is on the disk together with its target
			disk[i].data = m.inodes[i].data
		}
	}
	for i, c := range m.changes[:instant] {
		if !c.sync && !lost[i] {
			disk[c.inode].replay(c)
		}
	}
	files := map[string]string{}
	collect(disk, 0, "", files)
	return files
}

// replay makes one change on the disk. Bytes that were skipped are zero, as
// on file systems that lengthen a file before its blocks are written.
func (n *inode) replay(c change) {
	switch {
	case c.names != nil:
		for name, target := range c.names {
			if target < 0 {
				delete(n.entries, name)
			} else {
				n.entries[name] = target
			}
		}
	case c.truncate:
		n.data = n.data[:min(len(n.data), c.offset)]
	default:
		if need := c.offset + len(c.data); len(n.data) < need {
			n.data = append(n.data, make([]byte, need-len(n.data))...)
		}
		copy(n.data[c.offset:], c.data)
	}
}

func collect(disk []inode, at int, path string, files map[string]string) {
	if disk[at].entries == nil {
		files[path] = string(disk[at].data)
		return
	}
	for name, child := range disk[at].entries {
		collect(disk, child, path+"/"+name, files)
	}
}

// Disk is what is on the disk now, if all changes reach it.
func (m *Memory) Disk() map[string]string {
	return m.PowerCut(m.Changes(), func(int) bool { return true })
}
