// Package testenv gives tests a clean environment and real tools: one set of
// variables (Environ, Script), one cache that all tests of the machine share,
// and Python environments that are built once (Python), behind the lock that
// users get too.
//
// It tests nothing itself, and no program imports it.
package testenv

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/flowrider/flowrider/engine/environment/pip"
)

// Cache is the cache folder that all tests of this machine share:
// $FLOWRIDER_TEST_CACHE, else flowrider-test in the user's cache folder, else
// in the folder for temporary files. It exists.
func Cache(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("FLOWRIDER_TEST_CACHE")
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			base = os.TempDir()
		}
		dir = filepath.Join(base, "flowrider-test")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Real is for tests of real tools that need the package index. Where it cannot
// be reached the test is skipped, loudly, and with FLOWRIDER_REQUIRE_REAL=1 it
// fails.
func Real(t testing.TB) {
	t.Helper()
	if err := reachable(t); err != nil {
		absent(t, "FLOWRIDER_REQUIRE_REAL", fmt.Errorf("the package index cannot be reached: %w", err))
	}
}

// absent ends a test whose real tool is not there: it is skipped loudly, or
// fails where the variable says that it must be there.
func absent(t testing.TB, required string, err error) {
	t.Helper()
	if os.Getenv(required) == "1" {
		t.Fatalf("%s=1, but %v", required, err)
	}
	fmt.Fprintf(os.Stderr, "SKIPPED %s: nothing real was tested\n", t.Name())
	t.Skipf("SKIPPED, nothing real was tested: %v", err)
}

// probe asks once in a process.
var probe struct {
	once sync.Once
	err  error
}

// trusted is how long an answer of the index holds for other test processes.
const trusted = 10 * time.Minute

// reachable resolves a small package through whatever index is configured.
func reachable(t testing.TB) error {
	t.Helper()
	cache := Cache(t)
	probe.once.Do(func() {
		stamp := filepath.Join(cache, "index-reached")
		if info, err := os.Stat(stamp); err == nil && time.Since(info.ModTime()) < trusted {
			return
		}
		root, err := os.MkdirTemp("", "flowrider-probe-")
		if err != nil {
			probe.err = err
			return
		}
		defer os.RemoveAll(root)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		small := pip.New(pip.Spec{Root: root, Name: "probe", Packages: map[string]string{"six": ""}, Cache: cache})
		if _, probe.err = small.Lock(ctx, io.Discard); probe.err == nil {
			probe.err = os.WriteFile(stamp, nil, 0o644)
		}
	})
	return probe.err
}
