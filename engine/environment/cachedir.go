package environment

import (
	"os"
	"path/filepath"
)

// CacheDir is the absolute folder that holds what all projects of this machine
// share: built environments and the tools that build them. It is
// $FLOWRIDER_CACHE_DIR, else flowrider below $XDG_CACHE_HOME, else below
// ~/.cache; where there is no home folder, it lies in the project, in
// .flowrider/home below root. It is not created.
func CacheDir(root string) string {
	if dir := os.Getenv("FLOWRIDER_CACHE_DIR"); dir != "" {
		return absolute(root, dir)
	}
	// As the XDG specification has it, a relative path there counts as unset.
	if dir := os.Getenv("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "flowrider")
	}
	if home := os.Getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".cache", "flowrider")
	}
	return absolute(root, filepath.Join(".flowrider", "home"))
}

// absolute resolves dir from root, so that it does not depend on the folder
// that flowrider was started in.
func absolute(root, dir string) string {
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(root, dir)
	}
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}
