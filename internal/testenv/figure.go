package testenv

import (
	"fmt"
	"os"
	"testing"
)

// Figure says what a test of the battery has measured: id is its number there,
// such as T01. It goes into the test's log and, where $FLOWRIDER_FIGURES names a
// file, to the end of that, from which docs/reliability.md is written.
func Figure(t testing.TB, id, format string, args ...any) {
	t.Helper()
	text := fmt.Sprintf(format, args...)
	t.Logf("%s: %s", id, text)
	path := os.Getenv("FLOWRIDER_FIGURES")
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := fmt.Fprintf(file, "%s\t%s\t%s\n", id, t.Name(), text); err != nil {
		t.Fatal(err)
	}
}
