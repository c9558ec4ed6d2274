package testenv

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Page holds a generated page to what it is made from, or writes it. command is
// what writes it, for messages.
func Page(t testing.TB, name, want string, update bool, command string) {
	t.Helper()
	if update && !t.Failed() {
		err := os.MkdirAll(filepath.Dir(name), 0o777)
		if err == nil {
			err = os.WriteFile(name, []byte(want), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is out of date, %s writes it (-want +got):\n%s", name, command, diff)
	}
}
