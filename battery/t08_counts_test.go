//go:build !full

package battery_test

// Of T08.
const manyApplies, manyRounds = 10, 3
