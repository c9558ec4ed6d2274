package testenv

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Figure says what a test of the battery has measured: id is its number there,
// such as T01. It goes into the test's log and, where $FLOWRIDER_FIGURES names a
// file, to the end of that, from which docs/reliability.md is written: number,
// test, tier, seed and text, with tabs between them. A test that has failed has
// no figure.
func Figure(t testing.TB, id, format string, args ...any) {
	t.Helper()
	text := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	t.Logf("%s: %s", id, text)
	path := os.Getenv("FLOWRIDER_FIGURES")
	if path == "" || t.Failed() {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := fmt.Fprintf(file, "%s\t%s\t%s\t%s\t%s\n", id, t.Name(), Tier, seedOf(t), text); err != nil {
		t.Fatal(err)
	}
}
