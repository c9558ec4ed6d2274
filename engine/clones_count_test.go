//go:build !full

package engine_test

const cloneSeeds = 1

var cloneNames = []string{"ann", "bob"}
