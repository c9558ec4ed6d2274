//go:build !full

package process_test

import "time"

const (
	pipeTries = 4 // of each thing that a process can do to a pipe
	// pipeSlack is how much longer than it should a stop may take: here it only
	// finds those that hang.
	pipeSlack = 10 * time.Second
)
