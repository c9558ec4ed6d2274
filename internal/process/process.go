// Package process starts and ends the processes of an apply: each in its own
// process group, marked as its own, with its output bounded on disk.
// When it is asked to stop one, or flowrider itself dies, nothing stays
// behind.
//
// It does not know what a flow is, nor whether one succeeded (engine/runner).
package process

import "syscall"

// Command is a process to be started. Nothing is looked up or inherited: Path
// is absolute and Env is the whole environment.
type Command struct {
	Path string
	Args []string // without the program's own name
	Dir  string
	Env  map[string]string
}

// Exit is how a process ended.
type Exit struct {
	Code    int            // 0 to 255; -1 when ended by a signal
	Signal  syscall.Signal // 0 unless ended by a signal
	Stopped bool           // it ended because it was asked to
}
