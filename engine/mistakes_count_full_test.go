//go:build full

package engine_test

const mistakeRuns = 200
