package battery_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/internal/testenv"
)

// A flood is this test's own program, run as a flow.
func init() {
	if kind := os.Getenv("BATTERY_FLOOD"); kind != "" {
		size, _ := strconv.Atoi(os.Getenv("BATTERY_MB"))
		flood(kind, size)
		os.Exit(0)
	}
}

const mega = 1_000_000

// flood prints so many MB of some kind.
func flood(kind string, size int) {
	part := floodPart(kind, os.Getenv)
	for range size {
		if _, err := os.Stdout.Write(part); err != nil {
			os.Exit(1)
		}
	}
	fmt.Print(lastWords)
}

const lastWords = "the last words"

// floodPart is a MB of some kind: lines, with a secret now and then, one line,
// or noise.
func floodPart(kind string, secret func(name string) string) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	part := make([]byte, 0, mega)
	switch kind {
	case "lines":
		for i := 0; ; i++ {
			line := fmt.Sprintf("2026-05-04 12:00:00,%03d INFO [train] epoch %d loss=%.6f wrote /data/run/%d/checkpoint-%06d.pt\n", i%1000, i, random.Float64(), i%97, i)
			if i%100 == 0 {
				line = "connected with " + secret(fmt.Sprintf("SECRET_%d", i/100%50)) + "\n"
			}
			if len(part)+len(line) > mega {
				return append(part, bytes.Repeat([]byte("\n"), mega-len(part))...)
			}
			part = append(part, line...)
		}
	case "line":
		return bytes.Repeat([]byte("all in one line, "), mega/17+1)[:mega]
	case "noise":
		for range mega {
			part = append(part, byte(random.Uint32()))
		}
	}
	return part
}

// flooding is a project of so many flows that flood, each knowing 50 secrets.
func flooding(t *testing.T, flows int, kind string, size int) *project {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(testenv.Seed(t), 14))
	p := newProject(t, t.TempDir(), fmt.Sprintf(`
flow "command" "flood" {
  for_each = { for i in range(%d) : "n${i}" => i }
  argv     = [%q]
  env      = { BATTERY_FLOOD = %q, BATTERY_MB = "%d", WHO = each.key }
  secrets  = { for i in range(50) : "SECRET_${i}" => env("SECRET_${i}") }
  bundle { include = [] }
}
`, flows, self, kind, size))
	for i := range 50 {
		p.env = append(p.env, fmt.Sprintf("SECRET_%d=sk-%016x%016x", i, random.Uint64(), random.Uint64()))
	}
	return p
}

// flooded is what an apply of floods has cost.
type flooded struct {
	took   time.Duration
	memory float64 // MiB, of flowrider alone
	logs   [][]byte
	events map[string]int // of type log, by flow
}

// flood runs the floods and reads what is left of them.
func (p *project) flood(flows int) *flooded {
	p.t.Helper()
	var out, errs bytes.Buffer
	command := p.command("apply", "--json", "--parallelism", strconv.Itoa(flows))
	command.Stdout, command.Stderr = &out, &errs
	begun := time.Now()
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}
	peak := make(chan float64)
	go func() { peak <- peakMemory(command.Process.Pid) }()
	if err := command.Wait(); err != nil {
		p.t.Fatalf("apply: %v\n%s", err, errs.String())
	}
	f := &flooded{took: time.Since(begun), memory: <-peak, events: map[string]int{}}
	for line := range strings.Lines(out.String()) {
		var event struct {
			Type, Address string
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			p.t.Fatal(err)
		}
		if event.Type == "log" {
			f.events[event.Address]++
		}
	}
	paths, _ := filepath.Glob(filepath.Join(p.dir, ".flowrider/logs/flood/*/*.log"))
	for _, path := range paths {
		log, err := os.ReadFile(path)
		if err != nil {
			p.t.Fatal(err)
		}
		f.logs = append(f.logs, log)
	}
	if len(f.logs) != flows {
		p.t.Fatalf("there are %d logs of %d flows", len(f.logs), flows)
	}
	return f
}

// peakMemory is the most memory that a process has had, in MiB, once it has
// ended. Its own children do not count.
func peakMemory(pid int) (peak float64) {
	for alive(pid) {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if _, rest, ok := strings.Cut(string(text), "VmHWM:"); ok {
			if kB, err := strconv.Atoi(strings.Fields(rest)[0]); err == nil {
				peak = max(peak, float64(kB)/1024)
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return peak
}

const (
	logCap    = 16 << 20 // what is kept of a log
	mostSpace = logCap + logCap/100
)

var leftOut = regexp.MustCompile(`\n--- flowrider left out +(\d+) bytes here ---\n`)

// check holds each log to what was printed, with the secrets hidden: its
// beginning, its end, and how much lies between them.
func (f *flooded) check(p *project, kind string, size int) {
	p.t.Helper()
	part := floodPart(kind, func(string) string { return redact.Mark })
	printed := size*len(part) + len(lastWords)
	if kind == "lines" { // of another length than with the secrets, and filled up after them
		full := floodPart(kind, p.getenv)
		marks, secrets := bytes.Count(full, []byte("connected with")), len(p.getenv("SECRET_0"))
		part, printed = part[:len(part)/2], size*(len(full)+marks*(len(redact.Mark)-secrets))+len(lastWords)
	}
	for _, log := range f.logs {
		if len(log) > mostSpace {
			p.t.Errorf("a log has %d bytes, of %d at most", len(log), mostSpace)
		}
		if !bytes.HasPrefix(log, part) || !bytes.HasSuffix(log, []byte(lastWords)) {
			p.t.Errorf("a log begins with %q and ends with %q", log[:min(len(log), 50)], log[max(0, len(log)-50):])
		}
		kept, left := len(log), 0
		if gap := leftOut.FindSubmatch(log); gap != nil {
			left, _ = strconv.Atoi(string(gap[1]))
			kept -= len(gap[0])
		}
		if kept+left != printed {
			p.t.Errorf("%d bytes are kept and %d left out, of %d", kept, left, printed)
		}
		if bytes.Contains(log, []byte("sk-")) {
			p.t.Error("a secret is in a log")
		}
	}
}

func (p *project) getenv(name string) string {
	for _, entry := range p.env {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// However much flows print, and of whatever kind, each log keeps both ends of
// it, flowrider stays small, and who watches is told a bounded part.
func TestT14FloodsOfOutput(t *testing.T) {
	for _, test := range []struct {
		kind        string
		flows, size int
	}{
		{"lines", 1, floodOfOne}, {"lines", manyFloods, floodOfMany}, {"line", 1, floodLine}, {"noise", 1, floodNoise},
	} {
		t.Run(fmt.Sprintf("%d x %d MB of %s", test.flows, test.size, test.kind), func(t *testing.T) {
			p := flooding(t, test.flows, test.kind, test.size)
			f := p.flood(test.flows)
			f.check(p, test.kind, test.size)
			if f.memory > 128 {
				t.Errorf("flowrider took %.0f MiB of memory", f.memory)
			}
			for flow, events := range f.events {
				if most := int(f.took.Seconds()*10) + 12; events > most {
					t.Errorf("of %s %d events tell what it printed, in %s", flow, events, f.took)
				}
			}
			if len(f.events) != test.flows {
				t.Errorf("of %d flows events tell what they printed, want %d", len(f.events), test.flows)
			}
			speed := float64(test.flows*test.size) / f.took.Seconds()
			if testenv.Tier == "full" && test.size == floodOfOne && f.took > 90*time.Second {
				t.Errorf("it took %s", f.took)
			}
			testenv.Figure(t, "T14", "%d x %d MB of %s with 50 secrets known: %.0f s (%.0f MB/s), %.0f MiB of memory, logs within %d bytes",
				test.flows, test.size, test.kind, f.took.Seconds(), speed, f.memory, mostSpace)
		})
	}
}
