//go:build !full

package bundle

// How often the racy cases are tried, and how long the random histories are.
const (
	racyTries    = 50
	randomSteps  = 300
	hostileFiles = 2_000 // in a tree of T22
)
