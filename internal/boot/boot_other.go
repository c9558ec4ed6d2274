//go:build !linux

package boot

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// ID is that of this boot, "" where it is not known.
func ID() string {
	id, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return id
}

// Born is when a process was started; "" if there is none of that number.
func Born(pid int) string {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil || int(info.Proc.P_pid) != pid {
		return ""
	}
	at := info.Proc.P_starttime
	return strconv.FormatInt(int64(at.Sec), 10) + "." + strconv.FormatInt(int64(at.Usec), 10)
}
