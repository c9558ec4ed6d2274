package pip

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/internal/process"
)

// tool is a program to be run to its end.
type tool struct {
	doing string // "installing packages": begins the error
	path  string // absolute
	args  []string
	dir   string
	env   map[string]string
}

// run runs a tool to its end and copies its words, without credentials, to
// log. A failure is an *environment.BuildError with the last of them. When ctx
// ends, or this program does, so does the tool with all that it started.
func run(ctx context.Context, t tool, log io.Writer) error {
	words := &wording{log: log}
	failed := func(err error) error {
		return &environment.BuildError{Doing: t.doing, Tail: words.tail(), Err: err}
	}
	if err := ctx.Err(); err != nil {
		return failed(err)
	}
	marker, err := process.Mark(ctx, ulid.Make().String())
	if err != nil {
		return failed(err)
	}
	cmd := process.Command{Path: t.path, Args: t.args, Dir: t.dir, Env: t.env}
	p, err := process.Start(cmd, process.Options{Marker: marker, Log: words})
	if err != nil {
		return failed(err)
	}
	unwatch := context.AfterFunc(ctx, func() { p.Stop(process.Grace{Interrupt: 5 * time.Second, Terminate: time.Second}) })
	exit := p.Wait()
	unwatch()
	words.end()
	switch {
	case exit.Stopped && ctx.Err() != nil:
		return failed(ctx.Err())
	case exit.Signal != 0:
		return failed(fmt.Errorf("%s was ended by %s", t.name(), exit.Signal))
	case exit.Code != 0:
		return failed(fmt.Errorf("%s ended with exit status %d", t.name(), exit.Code))
	}
	return nil
}

// name is the tool and its subcommand: "uv pip sync", "python -m venv".
func (t tool) name() string {
	words := []string{filepath.Base(t.path)}
	for _, arg := range t.args {
		if len(words) == 3 || strings.HasPrefix(arg, "-") && arg != "-m" || strings.Contains(arg, "/") {
			break
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// wording takes what a tool says, line by line, since credentials are found in
// whole lines only; the last lines are kept.
type wording struct {
	log     io.Writer
	partial []byte
	last    []string
}

// tailLines is how much of a tool's output an error shows.
const tailLines = 40

func (w *wording) Write(p []byte) (int, error) {
	w.partial = append(w.partial, p...)
	for {
		end := bytes.IndexByte(w.partial, '\n')
		if end < 0 && len(w.partial) < 64<<10 {
			return len(p), nil
		}
		if end < 0 {
			end = len(w.partial) - 1
		}
		w.line(string(w.partial[:end+1]))
		w.partial = w.partial[end+1:]
	}
}

func (w *wording) line(text string) {
	text = credentials.ReplaceAllString(text, "://****@")
	io.WriteString(w.log, text)
	w.last = append(w.last, strings.TrimRight(text, "\r\n"))
	if len(w.last) > tailLines {
		w.last = w.last[1:]
	}
}

// end passes on a last line without a line feed.
func (w *wording) end() {
	if len(w.partial) > 0 {
		w.line(string(w.partial) + "\n")
		w.partial = nil
	}
}

func (w *wording) tail() string {
	return strings.Join(w.last, "\n")
}
