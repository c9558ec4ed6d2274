//go:build !full

package battery_test

// How much each test does, in the first tier.
const (
	fullDisks   = 14 // sizes
	fullInodes  = 6
	powerCuts   = 150 // states
	variantCuts = 80
	planEvery   = 5 // states
	applyEvery  = 50
)
