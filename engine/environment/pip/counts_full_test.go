//go:build full

package pip_test

// How much T32 does.
const (
	killedBuilds = 100
	buildRounds  = 50
)
