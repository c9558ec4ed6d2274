package process

import (
	"math"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// parentDeathSignal says whether a process gets SIGINT when the program dies
// that started it.
const parentDeathSignal = true

// attributes are how every child is started.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
}

// closeOnExec keeps descriptors that this program inherited itself, such as a
// make's job server or a shell's 3>file, from its children. What Go opens is
// close-on-exec already.
func closeOnExec() {
	if unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) != nil {
		closeOnExecIn("/proc/self/fd") // Linux before 5.11
	}
}

// resetIgnoredSignals sees to it that a child starts with no signal ignored,
// also under nohup or as a shell's background job. Go puts the handlers that
// it has itself back to the default in a child, and leaves ignored ones
// ignored; so an ignored signal gets a handler that does nothing. For this
// program that is the same as ignoring. (Blocked signals Go unblocks itself.)
func resetIgnoredSignals() {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		resetIgnored(syscall.SIGHUP, syscall.SIGINT)
		return
	}
	_, rest, _ := strings.Cut(string(status), "\nSigIgn:")
	line, _, _ := strings.Cut(rest, "\n")
	mask, _ := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	for n := 1; n <= 64; n++ {
		if mask&(1<<(n-1)) != 0 {
			signal.Notify(nobody, syscall.Signal(n))
		}
	}
}

// widen makes room in a pipe, as much as anybody may have.
func widen(pipe *os.File) {
	if raw, err := pipe.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeful) })
	}
}
