package main

import "github.com/flowrider/flowrider/internal/process"

// inCI says whether what is printed becomes the log of a CI job that obeys
// lines in it.
func inCI() bool { return ownJobLog() != nil }

// inert is what a flow or a hook has said, where a person reads it: nothing in
// it is obeyed by the log of a CI job.
func inert(text string) string {
	if inCI() {
		return process.Inert(text)
	}
	return text
}
