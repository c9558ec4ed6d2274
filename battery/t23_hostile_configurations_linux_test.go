package battery_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flowrider/flowrider/internal/testenv"
)

// T23's bounds. Time is that of the processor, so that a busy machine does not
// count.
const (
	hostileSeconds = 5
	hostileMiB     = 512
)

// Each hostile configuration is refused by an ordinary message: in time, in
// little memory, and never by a panic or a fatal error.
func TestHostileConfigurationsAreRefused(t *testing.T) {
	all := hostileConfigurations()
	seen, slowest, largest, refused := map[string]bool{}, time.Duration(0), int64(0), 0
	for i, hostile := range all {
		if seen[hostile.name] {
			t.Fatalf("two configurations are called %s", hostile.name)
		}
		seen[hostile.name] = true
		if i%hostileEvery != 0 {
			continue
		}
		t.Run(hostile.name, func(t *testing.T) {
			took, memory := hostile.run(t)
			slowest, largest, refused = max(slowest, took), max(largest, memory), refused+1
		})
	}
	if len(all) < 200 {
		t.Errorf("only %d configurations", len(all))
	}
	testenv.Figure(t, "T23", "%d of %d configurations: at most %.1f s of the processor and %d MiB, no panic, no fatal error", refused, len(all), slowest.Seconds(), largest)
}

// hostile is one configuration that is made to exhaust whoever reads it.
type hostile struct {
	name    string
	files   map[string]string // flowrider.hcl without a name
	build   func(t *testing.T, dir string)
	command []string // validate without one
	env     []string
	code    int    // 0 for exit 1; or one of the two below
	says    string // somewhere in what is printed
}

// fine has to end with 0, anyCode with 0 or 1: what is right or wrong there is
// tested elsewhere.
const (
	fine = iota + 1
	anyCode
)

func (h hostile) run(t *testing.T) (took time.Duration, mib int64) {
	p := newProject(t, t.TempDir(), "")
	for name, content := range h.files {
		if name == "" {
			name = "flowrider.hcl"
		}
		p.write(name, content)
	}
	if h.build != nil {
		h.build(t, p.dir)
	}
	if h.command == nil {
		h.command = []string{"validate"}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // of one that hangs
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	measured := filepath.Join(t.TempDir(), "usage")
	command := exec.CommandContext(ctx, self, append([]string{p.program}, h.command...)...)
	command.Dir, command.Env = p.dir, append(append(p.env, "BATTERY_MEASURE="+measured), h.env...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	_ = command.Run() // its code is what counts
	code := command.ProcessState.ExitCode()
	usage, _ := os.ReadFile(measured)
	var micros int64
	if _, err := fmt.Sscan(string(usage), &micros, &mib); err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
	took = time.Duration(micros) * time.Microsecond
	want := 1
	if h.code == fine || h.code == anyCode && code == 0 {
		want = 0
	}
	text := out.String()
	switch {
	case ctx.Err() != nil:
		t.Errorf("still there after a minute: %s", begin(text))
	case strings.Contains(text, "panic") || strings.Contains(text, "fatal error") || strings.Contains(text, "fault of flowrider"):
		t.Errorf("it crashes: %s", begin(text))
	case code != want:
		t.Errorf("exit %d, want %d: %s", code, want, begin(text))
	case want == 1 && !strings.Contains(text, "error: ") && !strings.Contains(text, "flowrider: "):
		t.Errorf("no message: %s", begin(text))
	case !strings.Contains(text, h.says):
		t.Errorf("it does not say %q: %s", h.says, begin(text))
	}
	if took.Seconds() > hostileSeconds || mib > hostileMiB {
		t.Errorf("%.1f s of the processor, %d MiB: %s", took.Seconds(), mib, begin(text))
	}
	if len(text) > 4<<20 {
		t.Errorf("it prints %d MiB", len(text)>>20)
	}
	t.Logf("%.2f s, %d MiB: %s", took.Seconds(), mib, begin(text))
	return took, mib
}

func begin(text string) string {
	if len(text) > 300 {
		return text[:300] + "…"
	}
	return text
}

// A process of this test's own program runs another one, and writes what that
// has taken to a file: microseconds of the processor, and MiB. The memory of a
// process begins with that of the one that starts it, and the table is large.
func init() {
	file := os.Getenv("BATTERY_MEASURE")
	if file == "" {
		return
	}
	os.Unsetenv("BATTERY_MEASURE")
	// The machine is not to suffer from one that gets away: 4 GB, and then it dies.
	command := exec.Command("sh", append([]string{"-c", `ulimit -d 4000000; exec "$0" "$@"`}, os.Args[1:]...)...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	_ = command.Run()
	usage := command.ProcessState.SysUsage().(*syscall.Rusage)
	took := command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	if err := os.WriteFile(file, fmt.Appendf(nil, "%d %d", took.Microseconds(), usage.Maxrss>>10), 0o644); err != nil {
		panic(err)
	}
	os.Exit(command.ProcessState.ExitCode())
}

// one is a configuration of one file.
func one(name, text string) hostile { return hostile{name: name, files: map[string]string{"": text}} }

// local is a configuration of one local value and an output that needs it.
func local(name, expr string) hostile {
	return one(name, "locals {\n  a = "+expr+"\n}\noutput \"o\" {\n  value = local.a\n}\n")
}

// chain is a configuration of local values l0, l1, …, of which each but the
// first is made of the one before, written PREV.
func chain(name string, length int, first, next string) hostile {
	return one(name, "locals {\n"+chained(length, first, next)+"}\noutput \"o\" {\n  value = local.l"+itoa(length-1)+"\n}\n")
}

func chained(length int, first, next string) string {
	var text strings.Builder
	for i := range length {
		expr := first
		if i > 0 {
			expr = strings.ReplaceAll(next, "PREV", "local.l"+itoa(i-1))
		}
		text.WriteString("  l" + itoa(i) + " = " + expr + "\n")
	}
	return text.String()
}

// place puts something at the place of a file.
func placed(name string, make func(path string) error) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := make(path); err != nil {
			t.Fatal(err)
		}
	}
}
