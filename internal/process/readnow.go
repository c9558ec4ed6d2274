package process

import "golang.org/x/sys/unix"

// readNow reads what a descriptor offers without waiting. At the end n is 0
// and err is nil; if there is nothing at this moment, err is EAGAIN.
func readNow(fd int, buffer []byte) (n int, err error) {
	for {
		n, err := unix.Read(fd, buffer)
		if err != unix.EINTR {
			return max(0, n), err
		}
	}
}
