package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/engine/printed"
	"github.com/flowrider/flowrider/internal/process"
)

// Program runs a program in the project's folder and takes what it prints as its
// answer.
func Program(ctx context.Context, interpreter Interpreter, call Call) Result {
	env := maps.Clone(interpreter.Env)
	maps.Copy(env, call.Env)
	path, err := process.LookPath(call.Argv[0], env, interpreter.Dir)
	if err != nil {
		return Result{Err: &Failure{Message: err.Error()}}
	}
	marker, err := process.Mark(ctx, ulid.Make().String())
	if err != nil {
		return Result{Err: err}
	}
	log := interpreter.Log
	if log == nil {
		log = io.Discard
	}
	said, answer := &tail{}, &answer{}
	// Secrets stay in the answer: it is refused if it must not have them.
	p, err := process.Start(process.Command{Path: path, Args: call.Argv[1:], Dir: interpreter.Dir, Env: env},
		process.Options{Marker: marker, Log: said, Stdout: answer})
	if err != nil {
		return Result{Err: err}
	}
	timeout := interpreter.Timeout
	if timeout <= 0 {
		timeout = time.Minute
	}
	limited, done := context.WithCancelCause(ctx)
	defer done(nil)
	stop := process.AfterFunc(timeout, func() { done(errTooLate) })
	defer context.AfterFunc(limited, func() { p.Stop(process.Grace{Interrupt: time.Second, Terminate: time.Second}) })()
	exit := p.Wait()
	stop()
	if secrets := interpreter.Secrets; secrets != nil {
		_, _ = log.Write([]byte(secrets.Text(said.String()))) // only for whoever watches
	}
	switch {
	case ctx.Err() != nil:
		return Result{Err: context.Cause(ctx)}
	case errors.Is(context.Cause(limited), errTooLate):
		return Result{Err: &Failure{Message: fmt.Sprintf("no answer within %s; give the hook a longer timeout, in seconds", timeout)}}
	case exit.Signal != 0:
		return Result{Err: call.failure(fmt.Sprintf("%s was ended by signal %d", call.Argv[0], int(exit.Signal)), said)}
	case exit.Code != 0:
		return Result{Err: call.failure(fmt.Sprintf("%s ended with exit status %d", call.Argv[0], exit.Code), said)}
	case answer.tooLong:
		return Result{Err: &Failure{Message: errTooLong.Error()}}
	}
	return call.read(answer.Bytes())
}

var errTooLate = errors.New("it takes too long")

// read is what a program has printed as a value.
func (c Call) read(text []byte) Result {
	if !utf8.Valid(text) {
		return Result{Err: &Failure{Message: "what " + c.Argv[0] + " prints is not UTF-8"}}
	}
	if c.Text {
		value, err := json.Marshal(strings.TrimSuffix(string(text), "\n"))
		return Result{Value: value, Err: err}
	}
	if !json.Valid(text) {
		what := "no JSON"
		if len(bytes.TrimSpace(text)) == 0 {
			what = "nothing"
		}
		return Result{Err: &Failure{Message: fmt.Sprintf("%s prints %s; let it print JSON to its standard output and all else to standard error, or write stdout = \"text\"", c.Argv[0], what)}}
	}
	if deep, _ := printed.Unusable(text); deep { // numbers are looked at where the answer becomes a value
		return Result{Err: &Failure{Message: fmt.Sprintf("what %s prints is nested deeper than %d levels", c.Argv[0], printed.MaxNested)}}
	}
	return Result{Value: bytes.TrimSpace(text)}
}

// failure has the last lines that were printed, unless they may be secret.
func (c Call) failure(message string, said *tail) error {
	if c.Sensitive {
		return &Failure{Message: message}
	}
	return &Failure{Message: message, Traceback: said.lines()}
}

// answer is what a program prints to its standard output, up to a limit.
type answer struct {
	bytes.Buffer
	tooLong bool
}

func (a *answer) Write(data []byte) (int, error) {
	if a.tooLong = a.tooLong || a.Len()+len(data) > maxAnswer; !a.tooLong {
		a.Buffer.Write(data)
	}
	return len(data), nil
}

// tail is the end of what a program prints.
type tail struct{ bytes.Buffer }

func (t *tail) Write(data []byte) (int, error) {
	const most = 64 << 10
	t.Buffer.Write(data)
	if excess := t.Len() - most; excess > 0 {
		t.Next(excess)
	}
	return len(data), nil
}

// lines are the last ones.
func (t *tail) lines() string {
	const most = 10
	lines := strings.Split(strings.TrimRight(t.String(), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}
