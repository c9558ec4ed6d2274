package hook

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flowrider/flowrider/internal/testenv"
)

// An interpreter that stops reading keeps nobody: what is written to it has the
// time that a call has, and then it is ended, with what it has started.
func TestT15AnInterpreterThatStopsReading(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	python := filepath.Join(dir, "python")
	if err := os.WriteFile(python, []byte("#!/bin/sh\necho ready >&3\ntrap '' INT\nexec sleep 1000\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	large, err := json.Marshal(strings.Repeat("x", 4<<20))
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	results := Python(context.Background(), Interpreter{
		Python: python, Dir: dir, Env: map[string]string{"PATH": os.Getenv("PATH")}, Timeout: time.Second,
	}, []Call{{Address: "hook.a", Module: "m", Function: "f", Args: []json.RawMessage{large}}})
	failure, ok := errors.AsType[*Failure](results[0].Err)
	if !ok || !strings.HasPrefix(failure.Message, "no answer within 1s") {
		t.Errorf("the error is %v", results[0].Err)
	}
	testenv.Figure(t, "T15", "an interpreter that stops reading is given up after its time, 1 s, and gone 1 s later: it took %.1f s", time.Since(begun).Seconds())
}
