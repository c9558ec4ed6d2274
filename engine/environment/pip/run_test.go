package pip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/environment"
)

func shell(script string, args ...string) tool {
	return tool{doing: "resolving packages", path: "/bin/sh", args: append([]string{"-c", script, "sh"}, args...), dir: "/", env: map[string]string{"PATH": os.Getenv("PATH")}}
}

func TestFailedToolShowsTheEndOfItsWords(t *testing.T) {
	var log bytes.Buffer
	err := run(t.Context(), shell(`i=0; while [ $i -lt 50 ]; do echo "line $i"; i=$((i+1)); done; printf 'GET https://ann:secret@index.example/simple' >&2; exit 2`), &log)
	var failed *environment.BuildError
	if !errors.As(err, &failed) {
		t.Fatalf("error %v, want a BuildError", err)
	}
	want := ""
	for i := 11; i < 50; i++ {
		want += fmt.Sprintf("line %d\n", i)
	}
	want += "GET https://****@index.example/simple"
	if diff := cmp.Diff(want, failed.Tail); diff != "" {
		t.Errorf("tail (-want +got):\n%s", diff)
	}
	if got := failed.Doing + ": " + failed.Err.Error(); got != "resolving packages: sh ended with exit status 2" {
		t.Errorf("error %q", got)
	}
	if !strings.HasPrefix(log.String(), "line 0\n") || strings.Contains(log.String(), "secret") {
		t.Errorf("log:\n%s", &log)
	}
}

func TestCancelledToolIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	log := writerFunc(func([]byte) { cancel() })
	if err := run(ctx, shell("echo started; exec sleep 1000"), log); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
}

type writerFunc func(p []byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}

func TestDebianWithoutVenv(t *testing.T) {
	root := t.TempDir()
	file := python{version: "3.11.2"}.put(t, root, "bin/python3")
	answer, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, "#!/bin/sh\nif [ \"$2\" = venv ]; then echo 'The virtual environment was not created successfully because ensurepip is not available.'; exit 1; fi\n"+strings.TrimPrefix(string(answer), "#!/bin/sh\n"), 0o755)
	env := project(t, "", Spec{Packages: map[string]string{"six": ""}, Environ: []string{"PATH=" + filepath.Dir(file) + ":/bin:/usr/bin"}})
	_, err = env.Lock(t.Context(), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "install the python3-venv package, or uv") {
		t.Errorf("error %v, want what to install", err)
	}
}
