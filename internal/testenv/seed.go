package testenv

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// logger is a test or a testscript.
type logger interface {
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// seeds are those that tests have asked for, by the names of the tests.
var seeds sync.Map

// Seed is where a random test begins: $FLOWRIDER_SEED, 1 without it, so that a
// red test can be repeated and tells of the change under test alone;
// FLOWRIDER_SEED=random goes where nobody has looked. The seed is logged.
func Seed(t logger) uint64 {
	seed := uint64(1)
	switch text := os.Getenv("FLOWRIDER_SEED"); text {
	case "":
	case "random":
		seed = uint64(time.Now().UnixNano())
	default:
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("FLOWRIDER_SEED is a number or random: %v", err)
		}
	}
	t.Logf("FLOWRIDER_SEED=%d repeats this", seed)
	if named, ok := t.(interface{ Name() string }); ok {
		seeds.Store(named.Name(), strconv.FormatUint(seed, 10))
	}
	return seed
}

// seedOf is the seed that a test, or the one that it is a part of, has begun
// with; "-" for one without chance.
func seedOf(t testing.TB) string {
	for name := t.Name(); name != ""; {
		if seed, ok := seeds.Load(name); ok {
			return seed.(string)
		}
		at := strings.LastIndexByte(name, '/')
		name = name[:max(at, 0)]
	}
	return "-"
}
