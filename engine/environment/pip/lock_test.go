package pip_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/environment/pip"
	"github.com/flowrider/flowrider/internal/testenv"
)

func TestPinsAreKept(t *testing.T) {
	x := newIndex(t)
	x.release(t, "alpha", "1.0")
	x.release(t, "beta", "1.0")
	s := spec(t, x.environ(t), map[string]string{"alpha": ""})
	lock(t, s)
	x.release(t, "alpha", "2.0")
	if got := lock(t, s).Packages; got[0].Version != "1.0" {
		t.Errorf("locking again changed %v", got)
	}
	s.Packages = map[string]string{"alpha": "", "beta": ""}
	if _, err := pip.New(s).Locked(); !errors.As(err, new(*environment.Stale)) || !strings.Contains(err.Error(), "another specification") {
		t.Errorf("Locked: error %v, want that of a stale lock", err)
	}
	want := []environment.Package{{Name: "alpha", Version: "1.0"}, {Name: "beta", Version: "1.0"}}
	if diff := cmp.Diff(want, lock(t, s).Packages); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	s.Packages["alpha"] = ">=2"
	want[0].Version = "2.0"
	if diff := cmp.Diff(want, lock(t, s).Packages); diff != "" {
		t.Errorf("packages once a pin does not fit (-want +got):\n%s", diff)
	}
}

func TestConflictInLock(t *testing.T) {
	x := newIndex(t)
	x.release(t, "alpha", "1.0")
	x.release(t, "alpha", "2.0")
	s := spec(t, x.environ(t), map[string]string{"alpha": "==1.0"})
	mine := lock(t, s)
	s.Packages["alpha"] = "==2.0"
	theirs := lock(t, s)
	s.Packages["alpha"] = ""
	file := filepath.Join(s.Root, "locks", "ml.lock")
	if err := os.WriteFile(file, []byte("<<<<<<< HEAD\n"+mine.Text+"=======\n"+theirs.Text+">>>>>>> other\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	env := pip.New(s)
	if _, err := env.Locked(); !errors.As(err, new(*environment.Stale)) || !strings.Contains(err.Error(), "locks/ml.lock has git conflict markers (line 1)") {
		t.Errorf("Locked: error %v, want the markers named", err)
	}
	again := lock(t, s)
	if diff := cmp.Diff(mine.Packages, again.Packages); diff != "" {
		t.Errorf("packages of the merged lock (-mine +got):\n%s", diff)
	}
	if _, err := env.Locked(); err != nil {
		t.Error(err)
	}
}

func TestLockOfANewerFlowriderIsLeftAlone(t *testing.T) {
	s := spec(t, testenv.Environ(t), nil)
	text := "# flowrider lock: 99\n"
	file := filepath.Join(s.Root, "locks", "ml.lock")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	env := pip.New(s)
	_, readErr := env.Locked()
	_, writeErr := env.Lock(t.Context(), io.Discard)
	for _, err := range []error{readErr, writeErr} {
		if err == nil || errors.As(err, new(*environment.Stale)) || !strings.Contains(err.Error(), "install a newer flowrider") {
			t.Errorf("error %v, want that of a newer format", err)
		}
	}
	if left, _ := os.ReadFile(file); string(left) != text {
		t.Errorf("the lock was written over:\n%s", left)
	}
}

// An unchanged lock keeps its file, and requirement files in another order are
// the same environment.
func TestOrderOfRequirementsDoesNotCount(t *testing.T) {
	x := newIndex(t)
	x.release(t, "alpha", "1.0")
	x.release(t, "beta", "1.0")
	s := spec(t, x.environ(t), nil)
	s.Requirements = []string{"requirements.txt"}
	requirements := filepath.Join(s.Root, "requirements.txt")
	if err := os.WriteFile(requirements, []byte("alpha\nbeta>=1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	first := lock(t, s)
	if err := os.WriteFile(requirements, []byte("# sorted\nbeta >= 1\n\nalpha\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	second, err := pip.New(s).Locked()
	if err != nil {
		t.Fatal(err)
	}
	if first.Digest != second.Digest {
		t.Errorf("digest %s became %s", first.Digest, second.Digest)
	}
	if prefix := build(t, s, second); build(t, spec2(s), first).Python != prefix.Python {
		t.Error("one lock has two prefixes")
	}
}

// Requirement files come as they are: with URLs, hashes, markers, options.
func TestRequirementFilesOfAllKinds(t *testing.T) {
	x := newIndex(t)
	for _, name := range []string{"alpha", "beta", "gamma", "delta"} {
		x.release(t, name, "1.0")
		x.release(t, name, "2.0")
	}
	s := spec(t, x.environ(t), map[string]string{"alpha": "@ " + x.URL + "/open/alpha-1.0-py3-none-any.whl"})
	s.Requirements = []string{"requirements.txt"}
	text := "beta==1.0 \\\n    --hash=" + x.hash("beta-1.0-py3-none-any.whl") + "\n--only-binary :all:\nGamma ; sys_platform == 'plan9'\ndelta\n-c limits.txt\n"
	for name, text := range map[string]string{"requirements.txt": text, "limits.txt": "delta<2\n"} {
		if err := os.WriteFile(filepath.Join(s.Root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	made := lock(t, s)
	want := []environment.Package{{Name: "alpha", Version: "@ " + x.URL + "/open/alpha-1.0-py3-none-any.whl"}, {Name: "beta", Version: "1.0"}, {Name: "delta", Version: "1.0"}, {Name: "gamma", Version: "2.0"}}
	if diff := cmp.Diff(want, made.Packages); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	prefix := build(t, s, made)
	got := evaluate(t, prefix, "import alpha, beta, delta, importlib.util as u; print(alpha.version, beta.version, delta.version, u.find_spec('gamma'))")
	if got != "1.0 1.0 1.0 None" {
		t.Errorf("python printed %q", got)
	}
}

// spec2 is the same environment under another name.
func spec2(s pip.Spec) pip.Spec {
	s.Name = "other"
	return s
}

// A lock that somebody edited is not believed, although its specification is
// the same; locking again keeps the versions and asks for their hashes anew.
func TestEditedLockIsStale(t *testing.T) {
	x := newIndex(t)
	x.release(t, "alpha", "1.0")
	x.release(t, "alpha", "2.0")
	s := spec(t, x.environ(t), map[string]string{"alpha": "<2"})
	first := lock(t, s)
	s.Packages["alpha"] = ""
	file := filepath.Join(s.Root, "locks", "ml.lock")
	lock(t, s)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	hash := x.hash("alpha-1.0-py3-none-any.whl")
	wrong := strings.Replace(string(text), hash, "sha256:"+strings.Repeat("0", 64), 1)
	if err := os.WriteFile(file, []byte(wrong), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := pip.New(s).Locked(); !errors.As(err, new(*environment.Stale)) || !strings.Contains(err.Error(), "locks/ml.lock was changed by hand or by a merge") {
		t.Errorf("Locked: error %v, want that of an edited lock", err)
	}
	if diff := cmp.Diff(first.Facts, lock(t, s).Facts); diff != "" {
		t.Errorf("facts of the lock made again (-want +got):\n%s", diff)
	}
}
