package machine

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

// write makes files below a folder that stands for the root.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		at := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestMemoryIsTheLeastLimit(t *testing.T) {
	const total = "MemTotal:       4096 kB\nMemFree:        1 kB\n"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"machine", map[string]string{"proc/meminfo": total}, 4096 << 10},
		{"nothing is known", nil, math.MaxInt64},
		{"no limit", map[string]string{"proc/meminfo": total, "sys/fs/cgroup/memory.max": "max\n"}, 4096 << 10},
		{"container", map[string]string{"proc/meminfo": total, "sys/fs/cgroup/memory.max": "2048\n"}, 2048},
		{"around its own", map[string]string{
			"proc/meminfo": total, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/memory.max": "1024\n", "sys/fs/cgroup/a/b/memory.max": "max\n",
		}, 1024},
		{"version 1", map[string]string{
			"proc/meminfo": total, "proc/self/cgroup": "5:cpu:/x\n4:memory:/job\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n", "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "512\n",
		}, 512},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := memoryBelow(write(t, test.files)); got != test.want {
				t.Errorf("%d bytes, want %d", got, test.want)
			}
		})
	}
}

func TestGPUsAreCounted(t *testing.T) {
	for list, want := range map[string]int{"": 0, "-1": 0, "0": 1, "0,1": 2, "GPU-8932f937, MIG-2": 2, "1,-1,2": 1} {
		if got := visibleGPUs(list); got != want {
			t.Errorf("CUDA_VISIBLE_DEVICES=%q has %d, want %d", list, got, want)
		}
	}
	folder := write(t, map[string]string{"nvidia0": "", "nvidia1": "", "nvidiactl": "", "nvidia-uvm": "", "null": ""})
	if got := nvidiaDevices(folder); got != 2 {
		t.Errorf("%d devices, want 2", got)
	}
}

func TestThisMachineHasSomething(t *testing.T) {
	if here := Here(); here.CPUs < 1 || here.Memory < 1<<20 || here.GPUs < 0 {
		t.Errorf("%+v", here)
	}
}
