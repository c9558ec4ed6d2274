//go:build !full && !race

package apply_test

const (
	racyTries    = 50   // how often each racy story is told
	busyBundles  = 50   // of T21
	cutSubsets   = 8    // of the changes that may be lost at each instant of T04
	cutStates    = 3000 // that makes at least
	cutResumes   = 20   // of them another apply goes on from
	failCases    = 120  // of T06
	clockStories = 20   // applies that T30 makes of each of three projects
)
