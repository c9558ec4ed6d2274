package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flowrider/flowrider/internal/fault"
	"github.com/flowrider/flowrider/internal/redact"
)

const (
	chunk = 64 << 10
	// lastWords is how long output is still read once the process itself has
	// ended, while something else holds the pipe.
	lastWords = 100 * time.Millisecond
	// pipeful is at least what a pipe holds: what a process had written when
	// it ended is within the next pipeful.
	pipeful = 1 << 20
)

// output reads what a process prints, in chunks as they come, hides sensitive
// values in them and hands them on. It never waits for the end of a line.
type output struct {
	log     *sink
	stdout  *sink // nil without a copy of standard output
	secrets *redact.Secrets
	pipes   []*os.File
	done    chan struct{} // closed when nothing is read any more
	held    atomic.Bool   // somebody has a pipe open still
	hidden  atomic.Bool   // something was hidden in the copy of standard output
}

// sink is a writer that several pipes share. A broken one takes everything
// and keeps its first error.
type sink struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

func (s *sink) Write(data []byte) (int, error) {
	if s == nil || s.w == nil {
		return len(data), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		_, s.err = s.w.Write(data)
	}
	return len(data), nil
}

// openOutput makes the pipes. ends are the child's: its descriptors 1 and 2,
// which are one pipe unless standard output is wanted alone.
func openOutput(opts Options) (o *output, ends [2]*os.File, err error) {
	o = &output{log: &sink{w: opts.Log}, secrets: opts.Secrets, done: make(chan struct{})}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, ends, err
	}
	o.pipes, ends = []*os.File{r}, [2]*os.File{w, w}
	if opts.Stdout == nil {
		return o, ends, nil
	}
	o.stdout = &sink{w: opts.Stdout}
	r2, w2, err := os.Pipe()
	if err != nil {
		r.Close()
		w.Close()
		return nil, ends, err
	}
	o.pipes = append(o.pipes, r2)
	ends[1] = w2
	return o, ends, nil
}

// abandon closes the pipes of a process that did not start.
func (o *output) abandon() {
	for _, pipe := range o.pipes {
		pipe.Close()
	}
}

// read begins to read.
func (o *output) read() {
	var reading sync.WaitGroup
	for i, pipe := range o.pipes {
		var copyTo *sink
		if i == 0 {
			copyTo = o.stdout
		}
		reading.Go(func() { o.drain(pipe, copyTo) })
	}
	fault.Go(func() {
		reading.Wait()
		close(o.done)
	})
}

// drain reads a pipe to its end. Sensitive values are hidden in each pipe by
// itself, before anything of it is mixed with others.
func (o *output) drain(pipe *os.File, copyTo *sink) {
	shown := o.secrets.Writer(io.MultiWriter(o.log, copyTo))
	defer func() {
		shown.Close() // sinks take everything
		if copyTo != nil && shown.Found() {
			o.hidden.Store(true)
		}
	}()
	buffer := make([]byte, chunk)
	for {
		n, err := pipe.Read(buffer)
		shown.Write(buffer[:n])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			o.drainRest(pipe, buffer, shown)
			return
		}
		if err != nil {
			return // at the end
		}
	}
}

// drainRest reads what lies in the pipe at this moment without waiting for
// more, so that the last words of a process are kept even when reading them
// was slow.
func (o *output) drainRest(pipe *os.File, buffer []byte, to io.Writer) {
	_ = pipe.SetReadDeadline(time.Time{})
	raw, err := pipe.SyscallConn()
	if err != nil {
		return
	}
	for rest := pipeful; rest > 0; {
		var n int
		var readErr error
		err := raw.Read(func(fd uintptr) bool {
			n, readErr = readNow(int(fd), buffer)
			return true
		})
		if n == 0 || err != nil {
			if err != nil || readErr != nil {
				o.held.Store(true)
			}
			return
		}
		to.Write(buffer[:n])
		rest -= n
	}
	o.held.Store(true)
}

// ended waits a little for the end of all pipes. It says whether it came.
func (o *output) ended() bool {
	select {
	case <-o.done:
		return true
	case <-time.After(lastWords):
		return false
	}
}

// finish takes what is there, closes the pipes and says what went wrong.
func (o *output) finish() (notes []string) {
	if !o.ended() {
		for _, pipe := range o.pipes {
			_ = pipe.SetReadDeadline(time.Unix(1, 0))
		}
		<-o.done
	}
	if o.held.Load() {
		notes = append(notes, "its output is held open by a process that could not be found; what that writes is lost")
	}
	for _, pipe := range o.pipes {
		pipe.Close()
	}
	if o.log.err != nil {
		notes = append(notes, fmt.Sprintf("its log is not complete: %v", o.log.err))
	}
	if o.stdout != nil && o.stdout.err != nil {
		notes = append(notes, fmt.Sprintf("its standard output was not kept completely: %v", o.stdout.err))
	}
	return notes
}
