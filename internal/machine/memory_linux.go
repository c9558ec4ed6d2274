package machine

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// memory is that of the machine, or the least limit of the cgroups that this
// program is in.
func memory() int64 { return memoryBelow("/") }

func memoryBelow(root string) int64 {
	least := int64(math.MaxInt64)
	text, _ := os.ReadFile(filepath.Join(root, "proc/meminfo")) // no /proc: no limit is known
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "MemTotal:" {
			if kib, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
				least = min(least, kib<<10)
			}
		}
	}
	for _, limit := range cgroupLimits(root) {
		text, err := os.ReadFile(limit)
		if bytes, parseErr := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && parseErr == nil {
			least = min(least, bytes) // "max" is no number
		}
	}
	return least
}

// cgroupLimits are the files that may limit the memory: of this program's own
// cgroup and of those around it, in the versions 2 and 1.
func cgroupLimits(root string) []string {
	limits := []string{filepath.Join(root, "sys/fs/cgroup/memory.max"), filepath.Join(root, "sys/fs/cgroup/memory/memory.limit_in_bytes")}
	text, _ := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 || parts[1] != "" && parts[1] != "memory" {
			continue
		}
		folder, file := "sys/fs/cgroup", "memory.max"
		if parts[1] == "memory" {
			folder, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		}
		for group := filepath.Clean("/" + parts[2]); group != "/"; group = filepath.Dir(group) {
			limits = append(limits, filepath.Join(root, folder, group, file))
		}
	}
	return limits
}
