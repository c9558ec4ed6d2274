//go:build full

package testenv

// Tier is which of the two sets of sizes the tests of the battery have: first,
// that of every change, or full, with -tags full.
const Tier = "full"
