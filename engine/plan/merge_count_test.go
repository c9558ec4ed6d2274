//go:build !full

package plan_test

// mergeCount is how many random histories are merged.
const mergeCount = 60
