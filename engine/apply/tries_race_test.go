//go:build race && !full

package apply_test

// What costs ten times as much with -race, and has little that happens at once.
const (
	racyTries    = 50
	busyBundles  = 10
	cutSubsets   = 2
	cutStates    = 1000
	cutResumes   = 3
	failCases    = 15
	clockStories = 20
)
