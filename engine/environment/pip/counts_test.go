//go:build !full

package pip_test

// How much T32 does.
const (
	killedBuilds = 5
	buildRounds  = 1
)
