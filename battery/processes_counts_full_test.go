//go:build full

package battery_test

const (
	treeTries   = 100 // T12
	signalTries = 300 // T16
)
