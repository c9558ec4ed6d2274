package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/flowrider/flowrider/internal/testenv"
)

// session is flowrider on a real pseudo-terminal, whose screen is seen.
type session struct {
	t       *testing.T
	folder  string
	command *exec.Cmd
	file    *os.File
	drained chan struct{} // nothing comes any more

	mutex  sync.Mutex
	screen *testenv.Terminal
	raw    strings.Builder
	read   chan struct{} // something was read
}

// gates is a configuration with flows that print something and then wait until
// their gate is opened.
const gates = `
variable "names" {
  type    = set(string)
  default = ["one", "two", "three"]
}

flow "command" "first" {
  argv = ["sh", "-c", "echo nothing special"]
  bundle { include = [] }
}

flow "command" "wait" {
  for_each   = var.names
  argv       = ["sh", "-c", "echo begin; printf 'step 1 of 9: 損失 0.37 👩‍👩‍👧 e\u0301tape'; cat $GATES/$NAME; echo; echo end"]
  env        = { NAME = each.key }
  pass_env   = ["GATES"]
  depends_on = [flow.first]
  bundle { include = [] }
}

flow "command" "bad" {
  argv     = ["sh", "-c", "echo going; echo wrong; cat $GATES/bad; exit 3"]
  pass_env = ["GATES"]
  depends_on = [flow.wait]
  bundle { include = [] }
}

flow "command" "last" {
  argv       = ["sh", "-c", "echo done"]
  depends_on = [flow.bad]
  bundle { include = [] }
}
`

// start runs flowrider apply on a terminal of so many columns and lines, in a
// folder with these flows, one gate for each name.
func start(t *testing.T, width, height int, names []string, environ ...string) *session {
	t.Helper()
	return launch(t, width, height, names, environ, "flowrider", "apply", "--parallelism=20", `--var=names=["`+strings.Join(names, `","`)+`"]`)
}

func launch(t *testing.T, width, height int, names, environ []string, program string, arguments ...string) *session {
	t.Helper()
	s := &session{t: t, folder: t.TempDir(), screen: testenv.NewTerminal(t, width, height, true), read: make(chan struct{}, 1), drained: make(chan struct{})}
	if err := os.WriteFile(filepath.Join(s.folder, "flowrider.hcl"), []byte(gates), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"bad"}, names...) {
		if err := syscall.Mkfifo(filepath.Join(s.folder, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.command = exec.Command(program, arguments...)
	s.command.Dir = s.folder
	s.command.Env = append(append(testenv.Environ(t), "PATH="+os.Getenv("PATH"), "GATES="+s.folder, "TERM=xterm-256color"), environ...)
	file, err := pty.StartWithSize(s.command, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)})
	if err != nil {
		t.Fatal(err)
	}
	s.file = file
	t.Cleanup(func() {
		s.command.Process.Kill()
		file.Close()
	})
	go s.watch()
	return s
}

func (s *session) watch() {
	defer close(s.drained)
	buffer := make([]byte, 1<<16)
	for {
		n, err := s.file.Read(buffer)
		s.mutex.Lock()
		s.raw.Write(buffer[:n])
		s.screen.Write(buffer[:n])
		s.mutex.Unlock()
		select {
		case s.read <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// text is the screen, with what differs each time replaced.
func (s *session) text() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return replaced(s.screen.Text())
}

// live is the part of it that changes.
func (s *session) live() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	_, y, _ := s.screen.Cursor()
	return replaced(strings.TrimRight(strings.Join(s.screen.Rows()[y:], "\n"), "\n") + "\n")
}

func replaced(text string) string {
	for _, v := range []struct{ pattern, standIn string }{
		{`01[0-9A-HJKMNP-TV-Z]{24}`, "RUN"}, {`\d+(\.\d+)?m?s\b`, "1s"},
	} {
		text = regexp.MustCompile(v.pattern).ReplaceAllString(text, v.standIn)
	}
	return text
}

// until waits for a screen, which a hung program never shows.
func (s *session) until(what string, is func(text string) bool) {
	s.t.Helper()
	deadline := time.After(time.Minute)
	for !is(s.text()) {
		select {
		case <-s.read:
		case <-time.After(10 * time.Millisecond):
		case <-deadline:
			s.t.Fatalf("the screen never had %s:\n%s", what, s.text())
		}
	}
}

func (s *session) untilHas(parts ...string) {
	s.t.Helper()
	s.until(strings.Join(parts, " and "), func(text string) bool {
		for _, part := range parts {
			if !strings.Contains(text, part) {
				return false
			}
		}
		return true
	})
}

// untilRun waits until so many flows are seen to run, all with what they have
// printed.
func (s *session) untilRun(lines int, last string) {
	s.t.Helper()
	s.until(last, func(text string) bool {
		return strings.Contains(text, last) && strings.Count(text, "tape\n") == lines
	})
}

// opens lets flows go on.
func (s *session) opens(names ...string) {
	s.t.Helper()
	for _, name := range names {
		s.until("a flow at the gate of "+name, func(string) bool {
			gate, err := os.OpenFile(filepath.Join(s.folder, name), os.O_WRONLY|syscall.O_NONBLOCK, 0)
			if err != nil { // nobody is there yet
				return false
			}
			gate.Close()
			return true
		})
	}
}

func (s *session) resize(width, height int) {
	s.t.Helper()
	s.mutex.Lock()
	s.screen.Resize(width, height)
	s.mutex.Unlock()
	if err := pty.Setsize(s.file, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) types(keys string) {
	s.t.Helper()
	if _, err := s.file.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// ends waits for the end, and holds that the terminal is left as it was: the
// cursor seen and below all that was printed, lines wrapped, nothing held back,
// no live line left.
func (s *session) ends(code int) {
	s.t.Helper()
	s.command.Wait()
	if got := s.command.ProcessState.ExitCode(); got != code {
		s.t.Errorf("exit code %d, want %d:\n%s", got, code, s.text())
	}
	<-s.drained
	s.restored()
	_, y, _ := s.screen.Cursor()
	for i, row := range s.screen.Rows()[y:] {
		if row != "" {
			s.t.Errorf("line %d below the cursor has %q", i, row)
		}
	}
	if left := regexp.MustCompile(`(?m)^  flow\..*(running|preparing) |^\[\d+/\d+\] \d+`).FindString(s.text()); left != "" {
		s.t.Errorf("%q is left:\n%s", left, s.text())
	}
}

// restored holds that the terminal is as a program should leave it.
func (s *session) restored() {
	s.t.Helper()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if _, _, visible := s.screen.Cursor(); !visible {
		s.t.Error("the cursor is hidden")
	}
	raw := s.raw.String()
	for on, off := range map[string]string{"\x1b[?7l": "\x1b[?7h", "\x1b[?2026h": "\x1b[?2026l"} {
		if strings.LastIndex(raw, on) > strings.LastIndex(raw, off) {
			s.t.Errorf("%q was written last, not %q", on, off)
		}
	}
}

var three = []string{"one", "two", "three"}

func running(names ...string) []string {
	var parts []string
	for _, name := range names {
		parts = append(parts, `flow.wait["`+name+`"]`)
	}
	return parts
}

func TestTerminalOfFlowsThatRun(t *testing.T) {
	t.Parallel()
	s := start(t, 80, 30, three)
	s.untilRun(3, "3 running, 2 waiting")
	golden(t, "pty_running", s.text())

	// One ends and scrolls away; the others stay.
	s.opens("two")
	s.untilRun(2, "2 running, 2 waiting")
	golden(t, "pty_one_has_ended", s.text())
	s.opens("one")
	s.untilHas("1 running, 2 waiting")
	s.opens("three", "bad")
	s.ends(exitFailed)
	golden(t, "pty_failed", s.text())
}

func TestTerminalWithMoreFlowsThanLines(t *testing.T) {
	t.Parallel()
	var names []string
	for _, r := range "abcdefghijklm" {
		names = append(names, string(r))
	}
	s := start(t, 80, 8, names)
	s.untilRun(6, "… 7 more running, 2 waiting")
	golden(t, "pty_more_than_lines", s.text())
	s.opens(names...)
	s.opens("bad")
	s.ends(exitFailed)
}

func TestTerminalIsResized(t *testing.T) {
	t.Parallel()
	s := start(t, 100, 24, three)
	s.untilRun(3, "3 running, 2 waiting")
	s.resize(50, 24)
	s.opens("two")
	s.untilHas("2 running, 2 waiting")
	golden(t, "pty_narrower", s.live())
	s.resize(90, 24)
	s.opens("one", "three")
	s.untilHas("1 running, 1 waiting", "flow.bad")
	s.opens("bad")
	s.ends(exitFailed)
}

func TestTerminalOfFortyColumns(t *testing.T) {
	t.Parallel()
	s := start(t, 40, 30, three)
	s.untilHas("3 running, 2 waiting")
	golden(t, "pty_forty_columns", s.live())
	s.opens("one", "two", "three", "bad")
	s.ends(exitFailed)
}

func TestTerminalIsInterrupted(t *testing.T) {
	t.Parallel()
	s := start(t, 80, 30, three)
	s.untilRun(3, "3 running, 2 waiting")
	s.types("\x03")
	s.ends(exitInterrupted)
	cancelled := regexp.MustCompile(`flow.wait\["\w+"\]: cancelled`) // in any order
	golden(t, "pty_interrupted", cancelled.ReplaceAllString(s.text(), `flow.wait["…"]: cancelled`))
}

// Ctrl-Z takes the lines away for the shell, and fg brings them back.
func TestTerminalIsSuspended(t *testing.T) {
	t.Parallel()
	s := launch(t, 80, 34, three, nil, "bash", "-mc", "flowrider apply --parallelism=20; echo the shell is back; read line; fg")
	s.untilRun(3, "3 running, 2 waiting")
	s.types("\x1a")
	s.untilHas("the shell is back")
	s.restored()
	if text := s.text(); strings.Contains(text, "running") {
		t.Errorf("lines are left for the shell:\n%s", text)
	}
	s.types("\n")
	s.untilRun(3, "3 running, 2 waiting")
	golden(t, "pty_suspended", s.text())
	s.opens("one", "two", "three", "bad")
	s.ends(exitFailed)
}

// Whoever kills flowrider has a cursor afterwards.
func TestTerminalOfWhatIsKilled(t *testing.T) {
	t.Parallel()
	s := start(t, 80, 30, three)
	s.untilHas("3 running, 2 waiting")
	s.command.Process.Kill()
	s.command.Wait()
	s.restored()
}

func TestTerminalWithLess(t *testing.T) {
	for _, test := range []struct {
		name    string
		environ string
		golden  string
		without string
	}{
		{"without UTF-8", "LC_ALL=C", "pty_ascii", ""},
		{"without colour", "NO_COLOR=1", "pty_running", "\x1b[2m"},
		{"dumb", "TERM=dumb", "", "\x1b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, 80, 30, three, test.environ)
			if test.golden == "" {
				s.untilHas(running(three...)...)
			} else {
				s.untilRun(3, "3 running, 2 waiting")
				golden(t, test.golden, s.text())
			}
			s.opens("one", "two", "three", "bad")
			s.ends(exitFailed)
			if raw := s.raw.String(); test.without != "" && strings.Contains(raw, test.without) {
				t.Errorf("%q was written", test.without)
			}
			if raw := s.raw.String(); test.environ == "LC_ALL=C" && regexp.MustCompile(`[^\x00-\x7f]`).MatchString(raw) {
				t.Error("what is not ASCII was written")
			}
		})
	}
}
