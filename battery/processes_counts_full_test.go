//go:build full

package battery_test

const (
	treeTries   = 100 // T12
	killTries   = 200 // T13
	signalTries = 300 // T16
)
