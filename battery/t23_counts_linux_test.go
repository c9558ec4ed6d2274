//go:build !full

package battery_test

// hostileEvery is which of the configurations of T23 are read: each so-manieth.
const hostileEvery = 37
