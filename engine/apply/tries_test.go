//go:build !full

package apply_test

// racyTries is how often each racy story is told.
const racyTries = 50
