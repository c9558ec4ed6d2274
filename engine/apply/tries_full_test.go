//go:build full

package apply_test

const (
	racyTries    = 1000    // how often each racy story is told
	busyBundles  = 1000    // of T21
	cutSubsets   = 512     // of the changes that may be lost at each instant of T04
	cutStates    = 100_000 // that makes at least
	cutResumes   = 200     // of them another apply goes on from
	failCases    = 2000    // of T06
	clockStories = 400     // applies that T30 makes of each of three projects
)
