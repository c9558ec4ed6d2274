package process

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"

	"github.com/flowrider/flowrider/internal/fault"
	"github.com/flowrider/flowrider/internal/redact"
)

// Options are what Start needs besides the command.
type Options struct {
	// Marker marks the process and all its descendants; see Mark. No two processes
	// have the same.
	Marker string
	// Log receives standard output and standard error as they come. What it
	// refuses is dropped: the process never waits for a broken sink. Nil
	// discards.
	Log io.Writer
	// Stdout, if not nil, receives standard output a second time, alone. The
	// order of the two streams in Log is then only nearly that of writing.
	Stdout io.Writer
	// Secrets are hidden in all that Log and Stdout receive. Nil hides nothing.
	Secrets *redact.Secrets
	// Input is what the process reads from its standard input. Nil is the null
	// device.
	Input []byte
	// Terminal gives the process the standard streams of this program, and
	// leaves it in this program's process group: it reads what a person types,
	// and is interrupted as this program is. Log and Stdout receive nothing.
	Terminal bool
	// Channel, if not nil, is the child's descriptor 3: hooks answer there.
	// The caller keeps and closes its own copy.
	Channel *os.File
}

// Process is a started process with everything that it starts in turn.
type Process struct {
	number int // by which the guard knows it
	tree   *tree
	leader *leader
	output *output
	asks   chan Grace    // each Stop
	done   chan struct{} // closed when exit and notes are set
	exit   Exit
	notes  []string
}

// Start starts cmd in its own process group, marked, with
// the null device as standard input (but see Options), with default signal dispositions and no
// descriptor but 0, 1, 2 (and Options.Channel). On Linux it gets SIGINT when
// this program dies; a guard, which is started with the first process of a
// program that has called ServeGuard, ends whatever is left then. The error names the program and says what to do.
//
// Whoever starts a process calls Wait.
func Start(cmd Command, opts Options) (*Process, error) {
	if err := check(cmd, opts); err != nil {
		return nil, err
	}
	number, err := guarding.watch(opts.Marker, opts.Terminal)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	out, streams, err := openStreams(opts)
	if err != nil {
		guarding.ended(number)
		return nil, fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	attr := &os.ProcAttr{
		Dir:   cmd.Dir,
		Env:   environment(cmd.Env, opts.Marker),
		Files: streams,
		Sys:   attributes(),
	}
	attr.Sys.Setpgid = !opts.Terminal
	if opts.Channel != nil {
		attr.Files = append(attr.Files, opts.Channel)
	}
	p := &Process{number: number, output: out, asks: make(chan Grace), done: make(chan struct{})}
	closeEnds := func() {
		for _, stream := range streams {
			if !opts.Terminal {
				stream.Close() // the child's; a second Close of a shared one is harmless
			}
		}
	}
	handle, err := startOnThread(cmd, attr, func(pid int) {
		// Registered by the starting thread itself: the child may have come
		// and gone before this goroutine runs again. And the ends are closed
		// before the next process is started, which would hold them until its
		// exec, and on a busy machine for so long that it is taken for a
		// leftover of this one.
		p.tree = adopt(pid, opts.Marker, opts.Terminal)
		closeEnds()
	})
	if err != nil {
		closeEnds()
		out.abandon()
		guarding.ended(number)
		return nil, explainStart(cmd, err)
	}
	guarding.started(number, handle.Pid)
	p.leader = &leader{handle: handle}
	out.read()
	fault.Go(p.supervise)
	return p, nil
}

// openStreams are the child's descriptors 0, 1 and 2: the null device and
// pipes, or this program's own.
func openStreams(opts Options) (*output, []*os.File, error) {
	if opts.Terminal {
		return &output{log: &sink{}, done: make(chan struct{})}, []*os.File{os.Stdin, os.Stdout, os.Stderr}, nil
	}
	input, err := openInput(opts.Input)
	if err != nil {
		return nil, nil, err
	}
	out, ends, err := openOutput(opts)
	if err != nil {
		input.Close()
		return nil, nil, err
	}
	return out, []*os.File{input, ends[0], ends[1]}, nil
}

// openInput is where a process reads what it is given.
func openInput(input []byte) (*os.File, error) {
	if input == nil {
		return os.Open(os.DevNull)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	fault.Go(func() {
		defer write.Close()
		_, _ = write.Write(input) // ends when nobody reads any more
	})
	return read, nil
}

// Wait blocks until the process has ended, its output has been read and
// nothing of its tree is left. It may be called by several goroutines.
func (p *Process) Wait() Exit {
	<-p.done
	return p.exit
}

// Notes says, once Wait has returned, what a person should know of the end:
// processes that were left behind and had to be ended, output that could not
// be kept. The sentences have no subject and no full stop.
func (p *Process) Notes() []string {
	<-p.done
	return p.notes
}

// Hid says, once Wait has returned, whether a sensitive value was hidden in
// what Options.Stdout received.
func (p *Process) Hid() bool {
	<-p.done
	return p.output.hidden.Load()
}

// check finds what the kernel would refuse with less helpful words, and what
// must never be started: a program that a lookup in the working folder found.
func check(cmd Command, opts Options) error {
	if opts.Marker == "" {
		return fmt.Errorf("starting %s: it has no marker", cmd.Path)
	}
	if !filepath.IsAbs(cmd.Path) {
		return fmt.Errorf("starting %s: the path of a program must be absolute; look it up first", cmd.Path)
	}
	for _, arg := range cmd.Args {
		if strings.ContainsRune(arg, 0) {
			return fmt.Errorf("starting %s: argument %q has a NUL byte, which no program can receive", cmd.Path, arg)
		}
	}
	for name, value := range cmd.Env {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.ContainsRune(value, 0) {
			return fmt.Errorf("starting %s: the environment variable %q has a name or a value that no program can receive", cmd.Path, name)
		}
	}
	if cmd.Dir != "" {
		if info, err := os.Stat(cmd.Dir); err != nil {
			return fmt.Errorf("starting %s: the working folder: %w", cmd.Path, err)
		} else if !info.IsDir() {
			return fmt.Errorf("starting %s: the working folder %s is not a folder", cmd.Path, cmd.Dir)
		}
	}
	return nil
}

// environment is env as the kernel takes it, sorted, with the marker.
func environment(env map[string]string, mark string) []string {
	unmarked := maps.Clone(env)
	delete(unmarked, marker)
	return append(entries(unmarked), marker+"="+mark)
}

// entries is an environment as the kernel takes it, sorted.
func entries(env map[string]string) []string {
	list := make([]string, 0, len(env)+1)
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	sort.Strings(list)
	return list
}

// startProcess starts cmd, and tries again while the program's file is still
// open for writing: a bundle's copy of a script may have been inherited, for
// the moment between fork and exec, by a process that another goroutine
// starts. Nobody judges the process before started has made it known.
func startProcess(cmd Command, attr *os.ProcAttr, started func(pid int)) (*os.Process, error) {
	argv := append([]string{cmd.Path}, cmd.Args...)
	for pause := time.Millisecond; ; pause *= 2 {
		trees.Lock()
		handle, err := os.StartProcess(cmd.Path, argv, attr)
		if err == nil {
			started(handle.Pid)
		}
		trees.Unlock()
		if errors.Is(err, syscall.EBADF) {
			err = syscall.EMFILE // the child has no room to put its descriptors in order
		}
		if !errors.Is(err, syscall.ETXTBSY) || pause > 256*time.Millisecond {
			return handle, err
		}
		time.Sleep(pause)
	}
}

// explainStart adds to a failed start what usually is behind it.
func explainStart(cmd Command, err error) error {
	hint := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint = "; it is not there"
		if _, statErr := os.Stat(cmd.Path); statErr == nil {
			hint = "; it is there, so the interpreter that its first line names is not"
		}
	case errors.Is(err, fs.ErrPermission):
		hint = "; make it executable with chmod +x, or start it through its interpreter"
	case errors.Is(err, syscall.ENOEXEC):
		hint = "; a script needs a first line such as #!/bin/sh, a program must be built for this machine"
	case errors.Is(err, syscall.E2BIG):
		hint = "; its arguments and environment variables are too long, so hand the data over in a file"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.EAGAIN):
		hint = "; too many files or processes are open, so lower --parallelism or raise the limit (ulimit)"
	}
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("starting %s: %w%s", cmd.Path, err, hint)
}
