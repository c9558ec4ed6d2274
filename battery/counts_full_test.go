//go:build full

package battery_test

// How much each test does, in the full tier.
const (
	fullDisks   = 250 // sizes
	fullInodes  = 100
	powerCuts   = 5000 // states
	variantCuts = 400
	planEvery   = 5 // states
	applyEvery  = 25
)
