//go:build full

package battery_test

const hostileEvery = 1
