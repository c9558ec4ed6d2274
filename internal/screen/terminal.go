package screen

import (
	"os"

	"golang.org/x/sys/unix"
)

// Open is a screen on a file, or nil if that is no terminal, or one that can
// only print.
func Open(file *os.File, getenv func(string) string) *Screen {
	if _, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ); err != nil {
		return nil
	}
	if term := getenv("TERM"); term == "" || term == "dumb" {
		return nil
	}
	return New(file, func() (int, int) { return size(int(file.Fd())) }, LookOf(getenv))
}

// size is that of a terminal, and zeros while the program is in the background:
// there others draw.
func size(fd int) (width, height int) {
	if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err == nil && group != unix.Getpgrp() {
		return 0, 0
	}
	window, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
	if err != nil {
		return 0, 0
	}
	if window.Col == 0 || window.Row == 0 { // nobody has told
		return 80, 24
	}
	return int(window.Col), int(window.Row)
}
