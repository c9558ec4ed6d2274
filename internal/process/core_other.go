//go:build !linux

package process

// restoreCore would give a process that was just started the limit on core
// dumps that this program was started with; only Linux can.
func restoreCore(int) {}
