//go:build !full

package battery_test

const (
	treeTries   = 4  // T12
	killTries   = 6  // T13
	signalTries = 12 // T16
)
