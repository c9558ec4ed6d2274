// Package boot tells this boot of the machine from others, and a process from
// a later one that has got its number. Nothing that was only in memory has
// outlived a boot, and no process has.
//
// It starts and ends no process (internal/process).
package boot

// Alive says whether the process that had this number, and was born then, still
// runs. Without a birth nobody can tell, and it does not.
func Alive(pid int, born string) bool { return born != "" && Born(pid) == born }
