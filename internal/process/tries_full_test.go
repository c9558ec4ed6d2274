//go:build full

package process_test

import "time"

const (
	pipeTries = 50 // of each thing that a process can do to a pipe
	pipeSlack = time.Second
)
