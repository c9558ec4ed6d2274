package hook

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/internal/process"
)

//go:embed shim.py
var shim string

// maxAnswer bounds an answer in bytes, with room for its frame and escapes.
const maxAnswer = 8 << 20

// Python calls functions in one interpreter, in order. A call that ends the
// interpreter or takes too long fails alone: the calls after it get a fresh
// one.
func Python(ctx context.Context, interpreter Interpreter, calls []Call) []Result {
	results := make([]Result, len(calls))
	var running *session
	for i, call := range calls {
		if running == nil {
			started, err := start(ctx, interpreter)
			if err != nil {
				results[i].Err = err
				continue
			}
			running = started
		}
		var alive bool
		if results[i], alive = running.call(ctx, call); !alive {
			running.abort()
			running = nil
		}
	}
	if running != nil {
		running.stop()
	}
	return results
}

// session is one running interpreter.
type session struct {
	process *process.Process
	channel *os.File
	answers *bufio.Reader
	timeout time.Duration
}

func start(ctx context.Context, interpreter Interpreter) (*session, error) {
	marker, err := process.Mark(ctx, ulid.Make().String())
	if err != nil {
		return nil, err
	}
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, fmt.Errorf("a channel to the hook's interpreter cannot be made: %w", err)
	}
	for _, end := range ends {
		syscall.CloseOnExec(end)
		if err := syscall.SetNonblock(end, end == ends[0]); err != nil {
			return nil, err
		}
	}
	ours, theirs := os.NewFile(uintptr(ends[0]), "hook"), os.NewFile(uintptr(ends[1]), "hook")
	log := interpreter.Log
	if log == nil {
		log = io.Discard
	}
	p, err := process.Start(process.Command{
		Path: interpreter.Python, Args: []string{"-B", "-c", shim}, Dir: interpreter.Dir, Env: interpreter.Env,
	}, process.Options{Marker: marker, Log: log, Secrets: interpreter.Secrets, Channel: theirs})
	theirs.Close() // or the end of the other side would not be seen
	if err != nil {
		ours.Close()
		return nil, err
	}
	s := &session{process: p, channel: ours, answers: bufio.NewReaderSize(ours, 64<<10), timeout: interpreter.Timeout}
	if s.timeout <= 0 {
		s.timeout = time.Minute
	}
	if err := s.ready(); err != nil {
		return nil, fmt.Errorf("%s does not start: %w", interpreter.Python, err)
	}
	return s, nil
}

// ready waits for the interpreter's first word. What goes wrong before is not
// the user's code.
func (s *session) ready() error {
	defer s.limit()()
	if _, err := s.readLine(); err != nil {
		s.channel.Close()
		exit := s.end()
		if exit.Stopped {
			return fmt.Errorf("it said nothing within %s", s.timeout)
		}
		return fmt.Errorf("exit status %d", exit.Code)
	}
	return nil
}

// limit bounds how long the interpreter may take from now on, until stop is
// called.
func (s *session) limit() (stop func()) {
	s.channel.SetDeadline(time.Time{})
	return process.AfterFunc(s.timeout, s.giveUp)
}

// giveUp ends all waiting for the interpreter.
func (s *session) giveUp() { s.channel.SetDeadline(time.Unix(1, 0)) }

// patience is how long an interpreter may take to end by itself: user code may
// have registered something for its end.
const patience = 2 * time.Second

// stop ends the interpreter: it ends by itself when the channel closes, unless
// the user's code keeps it.
func (s *session) stop() {
	s.channel.Close()
	s.end()
}

// abort ends the interpreter: nobody waits for it any more.
func (s *session) abort() {
	s.channel.Close()
	s.process.Stop(process.Grace{Interrupt: time.Second, Terminate: time.Second})
	s.process.Wait()
}

// end waits for the interpreter to end, for a bounded time.
func (s *session) end() process.Exit {
	impatient := time.AfterFunc(patience, func() {
		s.process.Stop(process.Grace{Interrupt: time.Second, Terminate: time.Second})
	})
	defer impatient.Stop()
	return s.process.Wait()
}

// call makes one call. alive says whether the interpreter can take another.
func (s *session) call(ctx context.Context, call Call) (result Result, alive bool) {
	defer s.limit()()
	stop := context.AfterFunc(ctx, s.giveUp)
	defer stop()
	request, err := json.Marshal(map[string]any{
		"module": call.Module, "function": call.Function, "args": list(call.Args), "kwargs": object(call.Kwargs),
		"sensitive": call.Sensitive,
	})
	if err != nil {
		panic("hook: " + err.Error()) // the arguments are JSON
	}
	_, err = s.channel.Write(append(request, '\n'))
	var line []byte
	if err == nil {
		line, err = s.readLine()
	}
	if err != nil {
		return s.broken(ctx, err), false
	}
	var answer struct {
		Value     json.RawMessage `json:"value"`
		Message   string          `json:"message"`
		Traceback string          `json:"traceback"`
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return Result{Err: &Failure{Message: "the function has written to the descriptor that its answer goes to"}}, false
	}
	if answer.Message != "" {
		return Result{Err: &Failure{Message: answer.Message, Traceback: answer.Traceback}}, true
	}
	return Result{Value: answer.Value}, true
}

var errTooLong = errors.New("the answer is too long")

func (s *session) readLine() ([]byte, error) {
	var line []byte
	for {
		part, err := s.answers.ReadSlice('\n')
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
		if len(line) > maxAnswer {
			return nil, errTooLong
		}
	}
}

// broken says why no answer came.
func (s *session) broken(ctx context.Context, err error) Result {
	switch {
	case ctx.Err() != nil:
		return Result{Err: context.Cause(ctx)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Result{Err: &Failure{Message: fmt.Sprintf("no answer within %s; give the hook a longer timeout, in seconds", s.timeout)}}
	case errors.Is(err, errTooLong):
		return Result{Err: &Failure{Message: err.Error()}}
	}
	exit := s.end()
	if exit.Stopped {
		return Result{Err: &Failure{Message: "the function has closed the descriptor that its answer goes to"}}
	}
	if exit.Signal != 0 {
		return Result{Err: &Failure{Message: fmt.Sprintf("the interpreter was ended by signal %d while the function ran", int(exit.Signal))}}
	}
	return Result{Err: &Failure{Message: fmt.Sprintf("the interpreter ended with exit status %d while the function ran", exit.Code)}}
}

func list(values []json.RawMessage) []json.RawMessage {
	if values == nil {
		return []json.RawMessage{}
	}
	return values
}

func object(values map[string]json.RawMessage) map[string]json.RawMessage {
	if values == nil {
		return map[string]json.RawMessage{}
	}
	return values
}
