package pip

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/flowrider/flowrider/engine/environment"
)

// place is where the prefix of a lock stands. Environments of equal locks are
// one, in whatever project and under whatever name. The platform counts too,
// since a home folder may be shared by machines of several; so does the
// `python` argument where it asks for more than a minor version.
func (e *Environment) place(lock *environment.Lock) place {
	facts := "flowrider prefix 1\n" + lock.Digest + "\n" + runtime.GOOS + "/" + runtime.GOARCH + "\n"
	if python, err := parsePythonRange(e.spec.Python); err == nil && python.exact() {
		facts += "python " + e.spec.Python + "\n"
	}
	digest := digestOf(facts)
	return place{filepath.Join(e.cache, "envs", strings.TrimPrefix(digest, "h1:")[:32])}
}

// prefixAt describes the virtual environment in dir.
func prefixAt(dir string) *environment.Prefix {
	bin := filepath.Join(dir, "bin")
	return &environment.Prefix{
		Python: filepath.Join(bin, "python"),
		Bin:    bin,
		Env:    map[string]string{"VIRTUAL_ENV": dir, "PYTHONPYCACHEPREFIX": byteCode(dir)},
	}
}

// Build makes the prefix of a lock: a virtual environment with exactly the
// packages of the lock, whose hashes are checked, and with Metaflow's byte code
// compiled. Of two that build one prefix, the second waits for the first, and
// says so in log. What a killed build left is never used. A failed build is an
// *environment.BuildError and leaves nothing.
//
// The files of a prefix are links into uv's cache, which all environments
// share: they must not be written to.
func (e *Environment) Build(ctx context.Context, lock *environment.Lock, log io.Writer) (*environment.Prefix, error) {
	if prefix, ok := e.Built(lock); ok {
		return prefix, nil
	}
	file, err := parseLock(lock.Text)
	if err != nil {
		return nil, fmt.Errorf("%s %w", lock.Path, err)
	}
	want, err := e.wanted()
	if err != nil {
		return nil, err
	}
	python, err := e.exactly(lock.Python)
	if err != nil {
		return nil, err
	}
	install := e.install
	uv, err := e.uv(ctx, python, log)
	if absentUV(err) {
		fmt.Fprintln(log, "the package index has no uv for this machine: pip installs instead")
		install, err = e.installWithPip, nil
	}
	if err != nil {
		return nil, err
	}
	usable := func(string) bool { _, ok := e.Built(lock); return ok }
	dir, err := e.place(lock).build(ctx, "environment."+e.spec.Name, log, usable, func(dir string) error {
		if err := install(ctx, installation{dir: dir, uv: uv, python: python, file: file, want: want}, log); err != nil {
			return err
		}
		return e.compileMetaflow(ctx, dir, python.minor(), log)
	})
	if err != nil {
		return nil, err
	}
	return prefixAt(dir), nil
}

// installation is one build of a prefix.
type installation struct {
	dir    string // where it goes; an empty folder
	uv     string // "" is none
	python interpreter
	file   *lockFile
	want   *wanted
}

func (e *Environment) install(ctx context.Context, in installation, log io.Writer) error {
	doing := "making environment." + e.spec.Name
	venv := []string{"venv", "--quiet", "--no-project", "--python", in.python.path, in.dir}
	if err := e.runUV(ctx, tool{doing: doing, path: in.uv, args: venv}, in.python, in.want.source, log); err != nil {
		return err
	}
	list, err := in.writeList()
	if err != nil || list == "" {
		return err
	}
	sync := []string{"pip", "sync", "--require-hashes", "--python", prefixAt(in.dir).Python, list}
	t := tool{doing: "installing packages of environment." + e.spec.Name, path: in.uv, args: sync}
	return e.runUV(ctx, t, in.python, in.want.source, log)
}

// writeList writes what is to be installed into the prefix, where it also tells
// whoever looks what is in there; "" is nothing to install.
func (in installation) writeList() (string, error) {
	if len(in.file.pins) == 0 {
		return "", nil
	}
	list := filepath.Join(in.dir, "flowrider-requirements.txt")
	return list, writeText(list, lines(in.want.options)+in.file.requirements())
}
