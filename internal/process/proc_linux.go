package process

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
)

var (
	ownPID     = os.Getpid()
	ownSession = sessionOf(ownPID)
)

// proc is what /proc says of a process.
type proc struct {
	pid, ppid, pgrp, session int
	start                    uint64 // clock ticks since the machine started
	state                    byte
	name                     string
}

func (p proc) member() member { return member{p.pid, p.start} }

// alive is false for a process that has ended and only waits to be reaped.
func (p proc) alive() bool { return p.state != 'Z' && p.state != 'X' }

// kernel is true for the kernel's own threads.
func (p proc) kernel() bool { return p.pgrp == 0 }

// adopted says whether p is an orphan that this program became the parent of:
// any child that it has not started itself. The caller has locked trees.
func (p proc) adopted() bool {
	return subreaper.Load() && p.ppid == ownPID && !startedHere(p.pid) && !inherited[p.member()]
}

// still says whether p has not been reaped since it was seen.
func (p proc) still() bool {
	now, ok := readProcess(p.pid)
	return ok && now.member() == p.member()
}

// processes lists those of the machine, or of the container.
func processes() []proc {
	folder, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer folder.Close()
	names, _ := folder.Readdirnames(-1)
	all := make([]proc, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			if p, ok := readProcess(pid); ok {
				all = append(all, p)
			}
		}
	}
	return all
}

// startOf is when a process was started; 0 if it is not there.
func startOf(pid int, all []proc) uint64 {
	for _, p := range all {
		if p.pid == pid {
			return p.start
		}
	}
	return 0
}

// readProcess reads /proc/<pid>/stat. The name in it stands in parentheses
// and may itself have any character, parentheses too.
func readProcess(pid int) (proc, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return proc{}, false
	}
	open, shut := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || shut < open {
		return proc{}, false
	}
	fields := strings.Fields(string(text[shut+1:]))
	if len(fields) < 20 {
		return proc{}, false
	}
	p := proc{pid: pid, name: string(text[open+1 : shut]), state: fields[0][0]}
	p.ppid, _ = strconv.Atoi(fields[1])
	p.pgrp, _ = strconv.Atoi(fields[2])
	p.session, _ = strconv.Atoi(fields[3])
	p.start, _ = strconv.ParseUint(fields[19], 10, 64)
	return p, true
}

func sessionOf(pid int) int {
	p, _ := readProcess(pid)
	return p.session
}

// carries says whether the process was started with one of the markers, or for
// one of the applies. Other users' environments cannot be read.
func carries(pid int, markers map[string]bool) bool {
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return false
	}
	for variable := range bytes.SplitSeq(env, []byte{0}) {
		if marked, ok := bytes.CutPrefix(variable, []byte(marker+"=")); ok && isOf(string(marked), markers) {
			return true
		}
	}
	return false
}

// children are those of this program, living or not.
func children() []int {
	list, ok := ownChildren()
	if !ok {
		for _, p := range processes() {
			if p.ppid == ownPID {
				list = append(list, p.pid)
			}
		}
	}
	return list
}

// ownChildren lists them as the kernel does. It is false where that does not offer the list. It is asked for several times a
// process; a glob would read the folder of each thread, which takes a third of
// the whole time of an apply.
func ownChildren() ([]int, bool) {
	threads, _ := os.ReadDir("/proc/self/task")
	var children []int
	offered := false
	for _, thread := range threads {
		text, err := os.ReadFile("/proc/self/task/" + thread.Name() + "/children")
		if err != nil {
			continue // a thread that has ended
		}
		offered = true
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil {
				children = append(children, pid)
			}
		}
	}
	return children, offered
}

// holdersOf finds who has the pipes open for writing. The reading ends are
// ours, and for a moment those of whatever is just being started.
func holdersOf(pipes []*os.File, all []proc) map[int]bool {
	holders := map[int]bool{}
	if len(pipes) == 0 {
		return holders
	}
	wanted := map[string]bool{}
	for _, pipe := range pipes {
		if info, err := pipe.Stat(); err == nil {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				wanted["pipe:["+strconv.FormatUint(stat.Ino, 10)+"]"] = true
			}
		}
	}
	for _, p := range all {
		folder := "/proc/" + strconv.Itoa(p.pid)
		entries, _ := os.ReadDir(folder + "/fd")
		for _, entry := range entries {
			target, err := os.Readlink(folder + "/fd/" + entry.Name())
			if err == nil && wanted[target] && writes(folder+"/fdinfo/"+entry.Name()) {
				holders[p.pid] = true
				break
			}
		}
	}
	delete(holders, ownPID)
	return holders
}

// writes says whether a descriptor is open for writing.
func writes(fdinfo string) bool {
	text, err := os.ReadFile(fdinfo)
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(text), "flags:")
	line, _, _ := strings.Cut(rest, "\n")
	flags, err := strconv.ParseUint(strings.TrimSpace(line), 8, 64)
	return err == nil && flags&syscall.O_ACCMODE != syscall.O_RDONLY
}
