//go:build !linux

package durable

// Swap is done in steps.
func (d osFolder) Swap(from, to string) (cameOut bool, err error) {
	return swapInSteps(d.root, from, to)
}
