package process

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// helpers are programs that tests run as a process of their own, where a
// subreaper, or ignored signals, disturb nobody else.
var helpers = map[string]func(){}

func TestMain(m *testing.M) {
	ServeGuard()
	if helper := helpers[os.Getenv("PROCESS_TEST_HELPER")]; helper != nil {
		helper()
		os.Exit(0)
	}
	code := m.Run()
	Dismiss()
	os.Exit(code)
}

// helperCommand runs a helper through a shell that first does what setup says.
func helperCommand(t *testing.T, name, setup string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/bin/sh", append([]string{"-c", setup + `; exec "$0" "$@"`, os.Args[0]}, args...)...)
	cmd.Env = append(os.Environ(), "PROCESS_TEST_HELPER="+name)
	cmd.Stderr = os.Stderr
	return cmd
}

// shell is a command that runs a script with the test's own PATH.
func shell(script string, args ...string) Command {
	return Command{
		Path: "/bin/sh",
		Args: append([]string{"-c", script, "sh"}, args...),
		Env:  map[string]string{"PATH": os.Getenv("PATH")},
	}
}

var attempts struct {
	sync.Mutex
	n int
}

// attempt gives an ID that no other test uses.
func attempt() string {
	attempts.Lock()
	defer attempts.Unlock()
	attempts.n++
	return fmt.Sprintf("TEST%d-%d", os.Getpid(), attempts.n)
}

// screen collects output and lets a test wait for a text.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	news chan struct{}
}

func newScreen() *screen { return &screen{news: make(chan struct{}, 1)} }

func (s *screen) Write(data []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.news <- struct{}{}:
	default:
	}
	return s.text.Write(data)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *screen) await(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for !strings.Contains(s.String(), text) {
		select {
		case <-s.news:
		case <-ctx.Done():
			t.Fatalf("output %q has no %q", s.String(), text)
		}
	}
}

func start(t *testing.T, cmd Command, opts Options) *Process {
	t.Helper()
	if opts.Marker == "" {
		opts.Marker = attempt()
	}
	p, err := Start(cmd, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Stop(Now)
		p.Wait()
	})
	return p
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	want, got := map[string]Exit{}, map[string]Exit{}
	for code := range 256 {
		script := fmt.Sprintf("exit %d", code)
		want[script] = Exit{Code: code}
		got[script] = start(t, shell(script), Options{}).Wait()
	}
	for _, s := range []syscall.Signal{1, 2, 3, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15} {
		script := fmt.Sprintf("ulimit -c 0; kill -%d $$", s)
		want[script] = Exit{Code: -1, Signal: s}
		got[script] = start(t, shell(script), Options{}).Wait()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("exit (-want +got):\n%s", diff)
	}
	if len(got) != 256+13 {
		t.Errorf("%d cases were run", len(got))
	}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	var log, stdout bytes.Buffer
	p := start(t, shell("echo out; echo err >&2; printf 'no newline'"), Options{Log: &log, Stdout: &stdout})
	p.Wait()
	if diff := cmp.Diff("out\nno newline", stdout.String()); diff != "" {
		t.Errorf("standard output (-want +got):\n%s", diff)
	}
	if !strings.Contains(log.String(), "err\n") || !strings.Contains(log.String(), "out\n") {
		t.Errorf("log is %q", log.String())
	}
	if len(p.Notes()) > 0 {
		t.Errorf("notes: %q", p.Notes())
	}
}

// What is printed arrives before there is a newline, and before the end.
func TestOutputIsNotHeldBack(t *testing.T) {
	t.Parallel()
	seen := newScreen()
	p := start(t, shell("printf 'Password: '; exec sleep 1000"), Options{Log: seen})
	seen.await(t, "Password: ")
	p.Stop(Now)
	if exit := p.Wait(); !exit.Stopped || exit.Signal != syscall.SIGKILL {
		t.Errorf("exit is %+v", exit)
	}
}

func TestBrokenLog(t *testing.T) {
	t.Parallel()
	log, err := CreateLog(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	log.Close()
	p := start(t, shell("head -c 1000000 /dev/zero; exit 3"), Options{Log: log})
	if diff := cmp.Diff(Exit{Code: 3}, p.Wait()); diff != "" {
		t.Errorf("exit (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"its log is not complete: file already closed"}, p.Notes()); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// The last words are kept, even where the log is so slow that the process has
// long ended before they are read.
func TestSlowLog(t *testing.T) {
	t.Parallel()
	slow := &slowWriter{screen: newScreen(), release: make(chan struct{})}
	p := start(t, shell("echo first; sleep 0.1; head -c 50000 /dev/zero; echo last"), Options{Log: slow})
	time.AfterFunc(5*lastWords, func() { close(slow.release) })
	p.Wait()
	if text := slow.String(); !strings.HasSuffix(text, "last\n") || len(text) != 50011 {
		t.Errorf("%d bytes were kept", len(text))
	}
	if p.Notes() != nil {
		t.Errorf("notes: %q", p.Notes())
	}
}

// slowWriter takes nothing before it is released.
type slowWriter struct {
	*screen
	release chan struct{}
}

func (w *slowWriter) Write(data []byte) (int, error) {
	<-w.release
	return w.screen.Write(data)
}

func TestMuchOutput(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	log, err := CreateLog(path)
	if err != nil {
		t.Fatal(err)
	}
	start(t, shell("echo first; head -c 60000000 /dev/zero; echo; echo last"), Options{Log: log}).Wait()
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := 2*keep + gapLength; info.Size() != want {
		t.Errorf("log has %d bytes, want %d", info.Size(), want)
	}
	if tail := log.Tail(1); tail != "last\n" {
		t.Errorf("the last line is %q", tail)
	}
}

// The child's standard input is the null device, it has descriptors 0, 1, 2
// and none that flowrider itself was given.
func TestDescriptors(t *testing.T) {
	t.Parallel()
	out, err := helperCommand(t, "run", "exec 9</dev/null", "readlink /proc/self/fd/0; ls /proc/$$/fd; true").Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("/dev/null\n0\n1\n2\n", string(out)); diff != "" {
		t.Errorf("descriptors (-want +got):\n%s", diff)
	}
}

func init() {
	helpers["run"] = func() {
		p, err := Start(shell(os.Args[1]), Options{Marker: attempt(), Log: os.Stdout})
		if err != nil {
			panic(err)
		}
		os.Exit(p.Wait().Code)
	}
}

// A parent under nohup, or in the background of a shell, hands no ignored
// signal on.
func TestIgnoredSignals(t *testing.T) {
	t.Parallel()
	const ask = "grep -E '^Sig(Ign|Blk)' /proc/self/status"
	own, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", "trap '' INT HUP QUIT TSTP; "+ask).Output()
	if err != nil {
		t.Fatal(err)
	}
	const none = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"
	if string(own) == none {
		t.Fatal("the shell ignores nothing, so this test would prove nothing")
	}
	out, err := helperCommand(t, "run", "trap '' INT HUP QUIT TSTP", ask).Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(none, string(out)); diff != "" {
		t.Errorf("signals (-want +got):\n%s", diff)
	}
}

// Nor does one that was started with signals blocked.
func TestBlockedSignals(t *testing.T) {
	t.Parallel()
	grep, err := exec.LookPath("grep")
	if err != nil {
		t.Fatal(err)
	}
	out, err := helperCommand(t, "blocked", ":", grep).Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("SigBlk:\t0000000000004002\nSigBlk:\t0000000000000000\n", string(out)); diff != "" {
		t.Errorf("blocked signals of flowrider and of its child (-want +got):\n%s", diff)
	}
}

func TestNoDescriptorIsLeaked(t *testing.T) {
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("no /proc here")
		}
		return len(entries)
	}
	once := func() {
		p, err := Start(shell("echo hi; echo err >&2"), Options{Marker: attempt(), Stdout: newScreen()})
		if err != nil {
			t.Fatal(err)
		}
		p.Wait()
		if _, err := Start(Command{Path: "/does/not/exist"}, Options{Marker: attempt(), Stdout: newScreen()}); err == nil {
			t.Fatal("a program that does not exist was started")
		}
	}
	once()
	before := count()
	for range 50 {
		once()
	}
	if after := count(); after != before {
		t.Errorf("%d descriptors are open, before it were %d", after, before)
	}
}

func TestMarker(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("env")
	if err != nil {
		t.Fatal(err)
	}
	seen := newScreen()
	cmd := Command{Path: path, Env: map[string]string{marker: "OUTER"}}
	start(t, cmd, Options{Marker: "INNER-TEST", Log: seen}).Wait()
	if diff := cmp.Diff("FLOWRIDER_ATTEMPT=INNER-TEST\n", seen.String()); diff != "" {
		t.Errorf("marker (-want +got):\n%s", diff)
	}
}

func TestStartErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	long := strings.Repeat("x", 200<<10)
	for _, test := range []struct {
		name string
		cmd  Command
		want string
	}{
		{"missing", Command{Path: dir + "/missing"}, "no such file or directory; it is not there"},
		{"relative", Command{Path: "sh"}, "starting sh: the path of a program must be absolute; look it up first"},
		{"no interpreter", Command{Path: write("a", "#!/does/not/exist\n", 0o755)}, "; it is there, so the interpreter that its first line names is not"},
		{"not executable", Command{Path: write("b", "#!/bin/sh\n", 0o644)}, "; make it executable with chmod +x, or start it through its interpreter"},
		{"not a program", Command{Path: write("c", "\x00", 0o755)}, "exec format error; a script needs a first line such as #!/bin/sh"},
		{"no folder", Command{Path: "/bin/sh", Dir: dir + "/missing"}, "the working folder: stat"},
		{"file as folder", Command{Path: "/bin/sh", Dir: dir + "/a"}, "/a is not a folder"},
		{"NUL", Command{Path: "/bin/sh", Args: []string{"a\x00"}}, `argument "a\x00" has a NUL byte`},
		{"variable", Command{Path: "/bin/sh", Env: map[string]string{"A=B": "c"}}, `the environment variable "A=B" has a name or a value`},
		{"too long", Command{Path: "/bin/sh", Args: []string{long}}, "are too long, so hand the data over in a file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Start(test.cmd, Options{Marker: attempt()})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q in it", err, test.want)
			}
		})
	}
}

// A script that is still open for writing somewhere is started as soon as it
// is closed.
func TestStartWaitsForWriter(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 7\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	writer, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, func() { writer.Close() })
	if exit := start(t, Command{Path: path}, Options{}).Wait(); exit.Code != 7 {
		t.Errorf("exit is %+v", exit)
	}
}

// pids reads the process IDs that scripts have written to a file.
func pids(t *testing.T, path string) []int {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return written(t, path)
}

// written is pids of a file that may not be there yet.
func written(t *testing.T, path string) []int {
	t.Helper()
	text, _ := os.ReadFile(path)
	var pids []int
	for _, field := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	slices.Sort(pids)
	return slices.Compact(pids)
}
