//go:build full

package engine_test

const cloneSeeds = 20

var cloneNames = []string{"ann", "bob", "cy"}
