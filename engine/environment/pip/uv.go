package pip

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/internal/process"
)

// oldestUV is the first uv that knows all options and variables used here.
var oldestUV = version{0, 5, 0}

// uv finds uv on PATH, or in flowrider's own tool folder, where it is installed
// with the given Python if it is not there yet.
func (e *Environment) uv(ctx context.Context, python interpreter, log io.Writer) (string, error) {
	for _, dir := range filepath.SplitList(e.environ["PATH"]) {
		path := filepath.Join(dir, "uv")
		if filepath.IsAbs(path) && e.isUV(ctx, path) {
			return path, nil
		}
	}
	tools := place{filepath.Join(e.cache, "tools", "uv-latest")}
	usable := func(dir string) bool { return e.isUV(ctx, filepath.Join(dir, "bin", "uv")) }
	if dir, ok := tools.complete(); ok && usable(dir) {
		return filepath.Join(dir, "bin", "uv"), nil
	}
	dir, err := tools.build(ctx, "its own uv", log, usable, func(dir string) error {
		fmt.Fprintf(log, "installing uv into %s\n", dir)
		return e.installUV(ctx, python, dir, log)
	})
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "bin", "uv"), nil
}

var uvVersion = regexp.MustCompile(`^uv (\d+)\.(\d+)\.(\d+)`)

// isUV asks a file for its version. Shims of version managers may stand there
// for a uv that is not installed, and an old one lacks what is needed.
func (e *Environment) isUV(ctx context.Context, path string) bool {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := process.Ask(ctx, process.Command{Path: path, Args: []string{"--version"}, Env: buildEnviron(e.environ)})
	match := uvVersion.FindStringSubmatch(string(out))
	if err != nil || match == nil {
		return false
	}
	var v version
	for i := range v {
		v[i], _ = strconv.Atoi(match[i+1])
	}
	return v.compare(oldestUV) >= 0
}

const installingUV = "installing uv"

// installUV installs uv into a folder through pip, which knows the configured
// package index.
func (e *Environment) installUV(ctx context.Context, python interpreter, dir string, log io.Writer) error {
	pip, err := e.pipTool(ctx, python, log)
	if err != nil {
		return err
	}
	args := []string{"-m", "pip", "install", "--target", dir, "--no-deps", "--only-binary", ":all:", "uv>=" + oldestUV.String()}
	return run(ctx, tool{installingUV, pip, args, e.cache, pipEnviron(e.environ)}, log)
}

// pipTool makes a virtual environment for pip, once for each minor version of
// Python, and returns its interpreter. The machine's own pip may be missing, or
// may not be allowed to install anything.
func (e *Environment) pipTool(ctx context.Context, python interpreter, log io.Writer) (string, error) {
	tools := place{filepath.Join(e.cache, "tools", "pip-"+python.minor())}
	usable := func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, "bin", "python"))
		return err == nil
	}
	dir, ok := tools.complete()
	if ok && usable(dir) {
		return filepath.Join(dir, "bin", "python"), nil
	}
	dir, err := tools.build(ctx, "its own pip", log, usable, func(dir string) error {
		return run(ctx, tool{"making a virtual environment for pip", python.path, []string{"-m", "venv", dir}, e.cache, pipEnviron(e.environ)}, log)
	})
	return filepath.Join(dir, "bin", "python"), explainVenv(err)
}

// explainVenv says what to do where Debian has split venv off its Python.
func explainVenv(err error) error {
	if failed, ok := err.(*environment.BuildError); ok && strings.Contains(failed.Tail, "ensurepip") {
		failed.Err = fmt.Errorf("%w; install the python3-venv package, or uv (https://docs.astral.sh/uv)", failed.Err)
	}
	return err
}

// runUV runs uv with the environment's settings. Where the certificate of the
// index is known to the system only, it is asked again to use those.
func (e *Environment) runUV(ctx context.Context, t tool, python interpreter, from source, log io.Writer) error {
	t.env = uvEnviron(e.environ, pipSettings(e.environ, python.prefix), from, e.cache)
	t.dir = e.spec.Root
	err := run(ctx, t, log)
	failed, ok := err.(*environment.BuildError)
	if !ok {
		return err
	}
	if strings.Contains(failed.Tail, "UnknownIssuer") && t.env["SSL_CERT_FILE"] == "" && t.env["UV_SYSTEM_CERTS"] == "" {
		fmt.Fprintln(log, "trying again with the system's certificates")
		t.env["UV_SYSTEM_CERTS"], t.env["UV_NATIVE_TLS"] = "1", "1"
		return run(ctx, t, log)
	}
	return err
}
