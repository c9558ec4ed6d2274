//go:build !full

package battery_test

// T14, in MB.
const (
	floodOfOne  = 256
	floodOfMany = 4 // each of manyFloods
	manyFloods  = 16
	floodLine   = 32 // without an end
	floodNoise  = 32 // random bytes
)
