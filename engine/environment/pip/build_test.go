package pip_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/environment/pip"
	"github.com/flowrider/flowrider/internal/testenv"
)

func TestMetaflowIsCompiled(t *testing.T) {
	prefix := testenv.Python(t, map[string]string{"metaflow": ""})
	compiled := "import metaflow.cli, os; print(os.path.exists(metaflow.cli.__cached__), metaflow.cli.__cached__)"
	if got := evaluate(t, prefix, compiled); !strings.HasPrefix(got, "True "+prefix.Env["PYTHONPYCACHEPREFIX"]) {
		t.Errorf("with the prefix's variables: %s", got)
	}
	bare := *prefix
	bare.Env = nil
	if got := evaluate(t, &bare, compiled); !strings.HasPrefix(got, "True") || !strings.Contains(got, "__pycache__") {
		t.Errorf("without them: %s", got)
	}
}

func TestWrongHashIsRefused(t *testing.T) {
	x := newIndex(t)
	x.release(t, "alpha", "1.0")
	s := spec(t, x.environ(t), map[string]string{"alpha": ""})
	made := lock(t, s)
	start := strings.Index(made.Text, "sha256:") + len("sha256:")
	file := filepath.Join(s.Root, "locks", "ml.lock")
	forged := made.Text[:start] + strings.Repeat("0", 64) + made.Text[start+64:]
	if err := os.WriteFile(file, []byte(pip.Sealed(forged)), 0o644); err != nil {
		t.Fatal(err)
	}
	env := pip.New(s)
	locked, err := env.Locked()
	if err != nil {
		t.Fatal(err)
	}
	_, err = env.Build(t.Context(), locked, io.Discard)
	var failed *environment.BuildError
	if !errors.As(err, &failed) || !strings.Contains(failed.Doing, "installing packages of environment.ml") || !strings.Contains(strings.ToLower(failed.Tail), "hash mismatch") {
		t.Errorf("error %v, want uv's words about the hash", err)
	}
	if _, ok := env.Built(locked); ok {
		t.Error("a prefix stands in spite of the hash")
	}
	if left, _ := filepath.Glob(filepath.Join(s.Cache, "envs", "*", "[0-9]*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// An index without uv, as a company may have it: pip does the work.
func TestWithoutUV(t *testing.T) {
	x := newIndex(t)
	x.release(t, "alpha", "1.0")
	s := spec(t, withoutUV(x.environ(t)), map[string]string{"alpha": ""})
	borrowPip(t, s.Cache)
	made := lock(t, s)
	if want := "environment.ml: locks/ml.lock was made by pip, for this platform and Python " + made.Python + " only; lock it again where uv can be installed"; made.Note != want {
		t.Errorf("note %q, want %q", made.Note, want)
	}
	x.release(t, "alpha", "2.0")
	if diff := cmp.Diff(made, lock(t, s)); diff != "" {
		t.Errorf("locking again changed the lock (-before +after):\n%s", diff)
	}
	prefix := build(t, s, made)
	if got := evaluate(t, prefix, "import alpha; print(alpha.version)"); got != "1.0" {
		t.Errorf("python printed %q", got)
	}
	if strings.Contains(made.Text, "http") {
		t.Errorf("the lock names the index:\n%s", made.Text)
	}
}

// borrowPip spares a cache the making of pip's own virtual environment.
func borrowPip(t *testing.T, cache string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(testenv.Cache(t), "tools", "pip-*"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(cache, "tools"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range found {
		if err := os.Symlink(dir, filepath.Join(cache, "tools", filepath.Base(dir))); err != nil {
			t.Fatal(err)
		}
	}
}

// withoutUV takes uv off PATH.
func withoutUV(environ []string) []string {
	for i, entry := range environ {
		if path, ok := strings.CutPrefix(entry, "PATH="); ok {
			_, rest, _ := strings.Cut(path, string(filepath.ListSeparator))
			environ[i] = "PATH=" + rest
		}
	}
	return environ
}

// The build is killed in the middle of a download, as by kill -9 of apply.
func TestKilledBuildIsBuiltAnew(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("without a parent-death signal uv would go on, in a folder that nothing reads")
	}
	x := newIndex(t)
	x.release(t, "alpha", "1.0")
	s := spec(t, x.environ(t), map[string]string{"alpha": ""})
	made := lock(t, s)
	s.Cache = t.TempDir() // uv has the wheel from locking in the other one
	downloading, uvEnded := make(chan bool), make(chan bool)
	var once sync.Once
	x.intercept(func(w http.ResponseWriter, r *http.Request) (served bool) {
		once.Do(func() {
			served = true
			downloading <- true
			<-r.Context().Done()
			close(uvEnded)
		})
		return served
	})
	child := exec.Command(os.Args[0], "-test.run=^TestBuildAsChild$")
	child.Env = append(s.Environ, "PIP_TEST_ROOT="+s.Root, "PIP_TEST_CACHE="+s.Cache)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	select {
	case <-downloading:
	case err := <-ended:
		t.Fatalf("the child ended before it downloaded: %v", err)
	}
	child.Process.Kill()
	<-ended
	<-uvEnded // it does not outlive the program that started it
	env := pip.New(s)
	if _, ok := env.Built(made); ok {
		t.Error("a killed build counts as built")
	}
	if got := evaluate(t, build(t, s, made), "import alpha; print(alpha.version)"); got != "1.0" {
		t.Errorf("python printed %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(s.Cache, "envs", "*", "[0-9]*")); len(left) != 1 {
		t.Errorf("folders left: %v", left)
	}
}

// TestBuildAsChild is the other process of the tests that kill one, or start
// several. It uses what it has built if it is told to.
func TestBuildAsChild(t *testing.T) {
	root := os.Getenv("PIP_TEST_ROOT")
	if root == "" {
		t.Skip("it runs as a child only")
	}
	packages := map[string]string{"alpha": ""}
	text, err := os.ReadFile(filepath.Join(root, "locks", "ml.lock"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "\nbeta==") {
		packages["beta"] = ""
	}
	env := pip.New(pip.Spec{Root: root, Name: "ml", Packages: packages, Cache: os.Getenv("PIP_TEST_CACHE")})
	locked, err := env.Locked()
	if err != nil {
		t.Fatal(err)
	}
	prefix, err := env.Build(context.Background(), locked, os.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("PIP_TEST_USE") != "" {
		os.Stdout.WriteString("it says " + evaluate(t, prefix, whole) + "\n")
	}
}

func TestTwoBuildersMakeOnePrefix(t *testing.T) {
	x := newIndex(t)
	x.release(t, "alpha", "1.0")
	s := spec(t, x.environ(t), map[string]string{"alpha": ""})
	made := lock(t, s)
	var all sync.WaitGroup
	prefixes := make([]*environment.Prefix, 3)
	logs := make([]bytes.Buffer, len(prefixes))
	for i := range prefixes {
		all.Go(func() {
			var err error
			if prefixes[i], err = pip.New(s).Build(t.Context(), made, &logs[i]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	installed := 0
	for i := range logs {
		installed += strings.Count(logs[i].String(), "+ alpha==1.0")
		if prefixes[i] == nil || prefixes[i].Python != prefixes[0].Python {
			t.Errorf("prefix %d is %v, the first %v", i, prefixes[i], prefixes[0])
		}
	}
	if installed != 1 {
		t.Errorf("installed %d times", installed)
	}
}

// Byte code is compiled where the caller's environment says not to write any.
func TestByteCodeIsCompiledAgainstTheCallersWish(t *testing.T) {
	x := newIndex(t)
	x.release(t, "metaflow", "2.19")
	s := spec(t, x.environ(t), map[string]string{"metaflow": ""})
	prefix := build(t, s, lock(t, s))
	if found, _ := filepath.Glob(filepath.Join(filepath.Dir(prefix.Bin), "lib", "*", "site-packages", "metaflow", "__pycache__", "*.pyc")); len(found) != 1 {
		t.Errorf("compiled files: %v", found)
	}
}

func TestUninstalledInterpreterMeansNotBuilt(t *testing.T) {
	x := newIndex(t)
	s := spec(t, x.environ(t), nil)
	made := lock(t, s)
	prefix := build(t, s, made)
	if err := os.Remove(prefix.Python); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/nowhere/python3", prefix.Python); err != nil {
		t.Fatal(err)
	}
	if _, ok := pip.New(s).Built(made); ok {
		t.Error("a prefix without an interpreter counts as built")
	}
	if again := build(t, s, made); again.Python == prefix.Python {
		t.Errorf("built in the same folder, %s", again.Python)
	}
}
