//go:build full

package battery_test

// T14, in MB.
const (
	floodOfOne  = 10_000
	floodOfMany = 200 // each of manyFloods
	manyFloods  = 64
	floodLine   = 1_000 // without an end
	floodNoise  = 1_000 // random bytes
)
