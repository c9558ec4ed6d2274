//go:build full

package bundle

// How often the racy cases are tried, and how long the random histories are.
const (
	racyTries    = 1000
	randomSteps  = 20_000
	hostileFiles = 100_000 // in a tree of T22
)
