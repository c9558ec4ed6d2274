//go:build full

package battery_test

// Of T08.
const manyApplies, manyRounds = 50, 20
