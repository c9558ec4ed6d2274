//go:build full

package plan_test

// How many random histories are merged, and how many files damaged.
const (
	mergeCount = 500
	damages    = 10000
)
