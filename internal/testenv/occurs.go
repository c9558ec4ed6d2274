package testenv

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// OccursOnce gives the source of a file of the repository, in which a text must
// occur once.
func OccursOnce(t testing.TB, root, file, text string) (source string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	if times := strings.Count(string(content), text); times != 1 {
		t.Errorf("%s has this %d times: %s", file, times, text)
	}
	return string(content)
}
