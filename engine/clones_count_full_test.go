//go:build full

package engine_test

const cloneSeeds = 40
