package testenv

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/environment/pip"
)

// Python is an environment with these packages ("metaflow": ">=2.19", "" is any
// version), locked and built once for all tests of the machine: of several test
// processes one builds, and the others wait, as users' do. Where that needs a
// package index that cannot be reached, the test skips as Real says.
func Python(t testing.TB, packages map[string]string) *environment.Prefix {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	root := pythonRoot(t, packages)
	env := pip.New(pip.Spec{Root: root, Name: "test", Python: ">=3.10", Packages: packages, Cache: Cache(t)})
	lock, err := env.Locked()
	if err == nil {
		if prefix, ok := env.Built(lock); ok {
			return prefix
		}
	}
	Real(t)
	var log bytes.Buffer
	prefix, err := build(ctx, env, &log)
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	return prefix
}

func build(ctx context.Context, env *pip.Environment, log io.Writer) (*environment.Prefix, error) {
	lock, err := env.Locked()
	var stale *environment.Stale
	if errors.As(err, &stale) {
		lock, err = env.Lock(ctx, log)
	}
	if err != nil {
		return nil, err
	}
	return env.Build(ctx, lock, log)
}

// pythonRoot is a project folder in the shared cache with the lock of these
// packages, so that versions do not change from test to test.
func pythonRoot(t testing.TB, packages map[string]string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(fmt.Sprint(packages))) // fmt sorts the names
	root := filepath.Join(Cache(t), "projects", hex.EncodeToString(sum[:8]))
	if err := os.MkdirAll(root, 0o755); err != nil {
		t.Fatal(err)
	}
	return root
}
