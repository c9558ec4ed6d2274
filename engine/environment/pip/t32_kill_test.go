package pip_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/environment/pip"
	"github.com/flowrider/flowrider/internal/testenv"
)

// What a whole environment of these tests says.
const whole = "import alpha, beta; print(alpha.version, beta.version)"

// inParts is a project with a lock of two packages. uv has them in the cache, so
// that a build takes as long each time.
func inParts(t *testing.T) (pip.Spec, *environment.Lock) {
	t.Helper()
	x := newIndex(t)
	x.release(t, "alpha", "1.0")
	x.release(t, "beta", "2.0")
	s := spec(t, x.environ(t), map[string]string{"alpha": "", "beta": ""})
	made := lock(t, s)
	build(t, s, made)
	return s, made
}

// unbuilt takes what is built out of the cache.
func unbuilt(t *testing.T, s pip.Spec) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(s.Cache, "envs")); err != nil {
		t.Fatal(err)
	}
}

// builder is another process that builds the environment of inParts.
func builder(s pip.Spec) *exec.Cmd {
	child := exec.Command(os.Args[0], "-test.run=^TestBuildAsChild$")
	child.Env = append(s.Environ[:len(s.Environ):len(s.Environ)], "PIP_TEST_ROOT="+s.Root, "PIP_TEST_CACHE="+s.Cache)
	return child
}

// beginning starts a builder and waits until it has begun to build: until there
// is a folder more.
func beginning(t *testing.T, s pip.Spec, child *exec.Cmd) time.Time {
	t.Helper()
	folders := func() int {
		found, _ := filepath.Glob(filepath.Join(s.Cache, "envs", "*", "[0-9]*"))
		return len(found)
	}
	before := folders()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); folders() == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing is built")
		}
	}
	return time.Now()
}

// TestT32KilledBuilders kills whoever builds an environment, at instants all over
// the time that a build takes. What then counts as built is whole, and the next
// one builds what is not, beside what was left.
func TestT32KilledBuilders(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("without a parent-death signal uv would go on, in a folder that nothing reads")
	}
	random := rand.New(rand.NewPCG(testenv.Seed(t), 32))
	s, made := inParts(t)
	took := time.Hour
	for range 3 { // the quickest counts
		unbuilt(t, s)
		child := builder(s)
		begun := beginning(t, s, child)
		if err := child.Wait(); err != nil {
			t.Fatal(err)
		}
		took = min(took, time.Since(begun))
	}
	unbuilt(t, s)
	midway, complete, half := 0, 0, 0
	for i := range killedBuilds {
		child := builder(s)
		beginning(t, s, child)
		part := (float64(i) + random.Float64()) / killedBuilds
		time.Sleep(time.Duration(part * float64(took))) // the instant is what is tried
		child.Process.Kill()
		child.Wait()
		prefix, built := pip.New(s).Built(made)
		switch {
		case built:
			if got := evaluate(t, prefix, whole); got != "1.0 2.0" {
				half++
				t.Errorf("half of an environment counts as built: %s", got)
			}
			complete++
			unbuilt(t, s)
		default:
			midway++
		}
	}
	if got := evaluate(t, build(t, s, made), whole); got != "1.0 2.0" {
		t.Errorf("after all that, python printed %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(s.Cache, "envs", "*", "[0-9]*")); len(left) != 1 {
		t.Errorf("folders left: %v", left)
	}
	if midway == 0 {
		t.Error("none was killed midway")
	}
	testenv.Figure(t, "T32", "%d builders of an environment killed, %d of them midway and %d when it was built: %d half-built environments used", killedBuilds, midway, complete, half)
}

// TestT32BuildersAtOnce lets many processes want one environment: one of them
// builds it, and all use that.
func TestT32BuildersAtOnce(t *testing.T) {
	t.Parallel()
	s, made := inParts(t)
	half := 0
	for round := range buildRounds {
		unbuilt(t, s)
		const builders = 8
		var all sync.WaitGroup
		outs := make([]bytes.Buffer, builders)
		for i := range outs {
			all.Go(func() {
				child := builder(s)
				child.Args, child.Env = append(child.Args, "-test.v"), append(child.Env, "PIP_TEST_USE=1")
				child.Stdout, child.Stderr = &outs[i], &outs[i]
				if err := child.Run(); err != nil {
					t.Errorf("builder %d of round %d: %v\n%s", i, round, err, &outs[i])
				}
			})
		}
		all.Wait()
		installed := 0
		for i := range outs {
			installed += strings.Count(outs[i].String(), "+ alpha==1.0")
			if !strings.Contains(outs[i].String(), "it says 1.0 2.0\n") {
				half++
				t.Errorf("builder %d of round %d has used what is not whole:\n%s", i, round, &outs[i])
			}
		}
		if _, built := pip.New(s).Built(made); !built || installed != 1 {
			t.Errorf("round %d: built %v, installed %d times", round, built, installed)
		}
	}
	testenv.Figure(t, "T32", "8 builders at once, %d rounds: each environment installed once, %d half-built environments used", buildRounds, half)
}
