// Package hook calls what supplies values, bounded in time and size: all Python
// hooks of one environment in one interpreter, with values crossing as JSON on a
// descriptor of their own, and programs that print their value.
//
// It does not decide when a hook is called or what its value is used for
// (engine/plan), builds no environment (engine/environment), and never runs in
// a bundle: hooks run in the project's folder and write no byte code into it.
package hook

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/flowrider/flowrider/internal/redact"
)

// Call is one call of a Python function, or of a program where it has Argv.
type Call struct {
	Address   string // hook.columns, for messages
	Argv      []string
	Env       map[string]string // of the program, beside the interpreter's
	Text      bool              // what the program prints is the value itself, and no JSON
	Module    string            // importable from the project's folder
	Function  string            // its name in the module; dots lead into classes
	Args      []json.RawMessage
	Kwargs    map[string]json.RawMessage
	Sensitive bool // what goes wrong is told without what the function says
	Pure      bool // the answer depends on code, arguments and environment alone
}

// Interpreter is the Python that calls, and where.
type Interpreter struct {
	Python  string // absolute; "" for programs, which are looked for on Env's PATH
	Dir     string // the project's folder: the working folder, and first on sys.path
	Env     map[string]string
	Timeout time.Duration   // of each call; 0 is a minute
	Log     io.Writer       // what hooks print; nil discards
	Secrets *redact.Secrets // hidden in what hooks print
}

// Result is a call's answer, or why there is none: a *Failure if the user's
// code is why, any other error if the machine is.
type Result struct {
	Value json.RawMessage
	Err   error
}

// Run makes calls: of Python functions, or of one program.
func Run(ctx context.Context, interpreter Interpreter, calls []Call) []Result {
	if len(calls) == 1 && calls[0].Argv != nil {
		return []Result{Program(ctx, interpreter, calls[0])}
	}
	return Python(ctx, interpreter, calls)
}

// Failure is the error of a hook whose code raised, returned something that is
// no JSON, ended the interpreter or took too long.
type Failure struct {
	Message   string // completes "hook.columns: …"
	Traceback string // Python's, from the first frame that is the user's; or ""
}

func (f *Failure) Error() string { return f.Message }
