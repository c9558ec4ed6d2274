// Package environment says what the engine asks of whatever flows run in:
// pip, later conda and batch. An environment is a node of its own: its
// specification is locked, the lock has a digest, and the locked packages are
// built once into a prefix that all projects on the machine share.
//
// It evaluates no configuration (engine/eval) and decides nothing about flows
// (engine/plan).
package environment

import (
	"context"
	"io"
	"strings"
)

// Environment is one declared environment, evaluated.
type Environment interface {
	// Locked reads the lock without starting anything. A lock that is absent
	// or does not fit the specification any more gives a *Stale.
	Locked() (*Lock, error)
	// Lock resolves the specification, keeping every pin that still fits, and
	// writes the lock durably. log receives the tool's own words.
	Lock(ctx context.Context, log io.Writer) (*Lock, error)
	// Built finds the prefix of a lock if it stands complete on this machine.
	Built(lock *Lock) (*Prefix, bool)
	// Build makes the prefix of a lock, or waits for whoever is making it.
	Build(ctx context.Context, lock *Lock, log io.Writer) (*Prefix, error)
}

// Lock is a resolved specification.
type Lock struct {
	Digest   string    // of packages, versions, hashes and the Python minor version
	Path     string    // below the root folder, slash path: locks/ml.lock
	Python   string    // minor version, "3.11"
	Packages []Package // sorted by name
	Text     string    // the lock file's text
	Facts    string    // the text that Digest is the digest of; see Versions
	Note     string    // said aloud once: another Python than the lock prefers, …
}

// Versions reads the facts of a lock: the version of each package, and of
// python. They are lines that begin "package NAME VERSION" or "python VERSION".
func Versions(facts string) map[string]string {
	versions := map[string]string{}
	for line := range strings.Lines(facts) {
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[0] == "python":
			versions["python"] = words[1]
		case len(words) > 2 && words[0] == "package":
			versions[words[1]] = words[2]
		}
	}
	return versions
}

// Package is one resolved package.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Prefix is a built environment.
type Prefix struct {
	Python string            // the interpreter, absolute
	Bin    string            // goes first on PATH
	Env    map[string]string // variables that the environment itself sets
}

// Stale is the error of a lock that is absent or does not fit.
type Stale struct{ Reason string }

func (s *Stale) Error() string { return s.Reason }

// Mistake is the error of a specification that the author has to change: of an
// argument of the block, and of an element of it if that is not "".
type Mistake struct {
	Name     string // of the environment, with its key
	Argument string
	Element  string
	Err      error
}

func (m *Mistake) Error() string { return "environment." + m.Name + ": " + m.Err.Error() }

func (m *Mistake) Unwrap() error { return m.Err }

// BuildError is a failed lock or build, with the end of the tool's own words.
type BuildError struct {
	Doing string // "resolving packages", "installing packages", …
	Tail  string
	Err   error
}

func (e *BuildError) Error() string { return e.Doing + ": " + e.Err.Error() + "\n" + e.Tail }

func (e *BuildError) Unwrap() error { return e.Err }
