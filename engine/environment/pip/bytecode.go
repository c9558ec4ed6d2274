package pip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// byteCode is the folder in which Python keeps the byte code of everything it
// imports in a prefix (PYTHONPYCACHEPREFIX): beside the packages, so that it
// serves all flows, and outside the bundles, which stay as they were hashed.
func byteCode(dir string) string { return filepath.Join(dir, "pycache") }

// compileMetaflow makes the byte code that uv leaves out. Metaflow starts a
// Python for each step, and without byte code each compiles all of it anew:
// more than half of a small flow's time. It is only speed, so what cannot be
// compiled is no failure.
func (e *Environment) compileMetaflow(ctx context.Context, dir, minor string, log io.Writer) error {
	metaflow := filepath.Join(dir, "lib", "python"+minor, "site-packages", "metaflow")
	if _, err := os.Stat(metaflow); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	python := func(args ...string) error {
		// PYTHONDONTWRITEBYTECODE is not in this environment.
		err := run(ctx, tool{doing: "compiling Metaflow in environment." + e.spec.Name, path: prefixAt(dir).Python, args: args, dir: dir, env: buildEnviron(e.environ)}, log)
		if err != nil && ctx.Err() == nil {
			fmt.Fprintf(log, "%v\nthe environment is complete all the same\n", err)
			return nil
		}
		return err
	}
	if err := python("-I", "-m", "compileall", "-q", metaflow); err != nil {
		return err
	}
	if err := mirrorByteCode(metaflow, byteCode(dir)); err != nil {
		return err
	}
	// What Metaflow imports, Python's own library included, is compiled now and
	// not by the first flows, which would all do so at once.
	return python("-I", "-X", "pycache_prefix="+byteCode(dir), "-c", "import metaflow")
}

// mirrorByteCode links what was compiled below a package to where Python looks
// for it under PYTHONPYCACHEPREFIX: then it does not look into __pycache__.
func mirrorByteCode(folder, prefix string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".pyc") || filepath.Base(filepath.Dir(path)) != "__pycache__" {
			return err
		}
		to := filepath.Join(prefix, filepath.Dir(filepath.Dir(path)), filepath.Base(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.Link(path, to)
	})
}
