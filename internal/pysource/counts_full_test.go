//go:build full

package pysource

// oracleFolders are those below Python's own that are compared.
var oracleFolders = []string{""}
