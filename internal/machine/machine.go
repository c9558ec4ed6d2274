// Package machine says what the machine has that flows may use: processors,
// memory, graphics processors. Where a container has less than the machine,
// that counts.
//
// Here is the entry point. The package measures no load: it says what there is,
// not what is free.
package machine

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// Machine is what a machine has.
type Machine struct {
	CPUs   int
	Memory int64 // bytes
	GPUs   int
}

// Here is this machine, or what this program may use of it.
func Here() Machine {
	visible, set := os.LookupEnv("CUDA_VISIBLE_DEVICES")
	gpus := visibleGPUs(visible)
	if !set {
		gpus = nvidiaDevices("/dev")
	}
	return Machine{CPUs: runtime.GOMAXPROCS(0), Memory: memory(), GPUs: gpus} // Go knows affinity and quotas of cgroups
}

// visibleGPUs counts those that CUDA_VISIBLE_DEVICES names, as CUDA does: up to
// the first one that cannot be.
func visibleGPUs(list string) int {
	count := 0
	for device := range strings.SplitSeq(list, ",") {
		device = strings.TrimSpace(device)
		if device == "" || strings.HasPrefix(device, "-") {
			break
		}
		count++
	}
	return count
}

var nvidia = regexp.MustCompile(`^nvidia[0-9]+$`)

// nvidiaDevices counts the devices of NVIDIA's driver.
func nvidiaDevices(folder string) int {
	found, _ := filepath.Glob(filepath.Join(folder, "nvidia*")) // the pattern is fine
	count := 0
	for _, name := range found {
		if nvidia.MatchString(filepath.Base(name)) {
			count++
		}
	}
	return count
}
