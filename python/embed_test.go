package python

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// list is every file below folder, by slash path.
func list(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		files[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// sourcesOnDisk are the files that the program should carry: those that git
// has, without byte code.
func sourcesOnDisk(t *testing.T) map[string]string {
	t.Helper()
	want := map[string]string{}
	for name, text := range list(t, "flowrider") {
		if filepath.Base(filepath.Dir(name)) != "__pycache__" {
			want["flowrider/"+name] = text
		}
	}
	return want
}

func install(t *testing.T, dir string) string {
	t.Helper()
	path, err := Install(dir)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestInstallUnpacksTheWholePackageAndNothingElse(t *testing.T) {
	path := install(t, t.TempDir())
	if diff := cmp.Diff(sourcesOnDisk(t), list(t, path)); diff != "" {
		t.Errorf("unpacked files (-want +got):\n%s", diff)
	}
	if !filepath.IsAbs(path) {
		t.Errorf("Install gave %s, which is not absolute", path)
	}
}

func TestInstallKeepsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	path := install(t, dir)
	byteCode := filepath.Join(path, "flowrider", "__pycache__", "client.pyc")
	if err := os.MkdirAll(filepath.Dir(byteCode), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(byteCode, []byte("compiled"), 0o644); err != nil {
		t.Fatal(err)
	}
	if again := install(t, dir); again != path {
		t.Errorf("the second Install gave %s, the first one %s", again, path)
	}
	if _, err := os.Stat(byteCode); err != nil {
		t.Errorf("the second Install unpacked again: %v", err)
	}
}

func TestInstallMendsADamagedFolder(t *testing.T) {
	dir := t.TempDir()
	path := install(t, dir)
	if err := os.WriteFile(filepath.Join(path, "flowrider", "client.py"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(path, "flowrider", "errors.py")); err != nil {
		t.Fatal(err)
	}
	if again := install(t, dir); again != path {
		t.Errorf("Install gave %s, want %s", again, path)
	}
	if diff := cmp.Diff(sourcesOnDisk(t), list(t, path)); diff != "" {
		t.Errorf("files after mending (-want +got):\n%s", diff)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("something is left beside the package: %v", entries)
	}
}

func TestInstallAtOnce(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			if _, err := Install(dir); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if diff := cmp.Diff(sourcesOnDisk(t), list(t, install(t, dir))); diff != "" {
		t.Errorf("unpacked files (-want +got):\n%s", diff)
	}
}

func TestInstallSaysWhereItCannotWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cache")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if path, err := Install(file); err == nil {
		t.Errorf("Install below a file gave %s and no error", path)
	}
}
