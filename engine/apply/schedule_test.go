package apply_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/flowrider/flowrider/engine/apply"
)

// Random graphs whose flows take of pools, fail some times before they succeed,
// and are tried again, some of them with the same inputs: nobody takes what is
// not there, each flow has as many attempts as it needs, and of twins one runs
// for all. All end.
func TestPoolsRetriesAndTwins(t *testing.T) {
	for seed := range uint64(15) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := newScene(t, rand.New(rand.NewPCG(seed, 4)))
			result := s.apply(context.Background(), nil)
			if result.err != nil {
				t.Fatal(result.err)
			}
			for address, state := range result.states() {
				if state != apply.Succeeded && state != apply.Reused {
					t.Errorf("%s is %s in the end", address, state)
				}
			}
			equal(t, s.wants, s.attempts())
			if again := s.apply(context.Background(), nil); again.summary.Fresh != len(result.states()) {
				t.Errorf("%+v", again.summary)
			}
		})
	}
}

// scene is a project with pools, and what its flows take of them now.
type scene struct {
	*project
	mutex    sync.Mutex
	sizes    map[string]int
	takes    map[string]map[string]int // by flow: how much of which pool
	failures map[string]int            // by salt: how many attempts are still to fail
	salts    map[string]string         // by flow
	wants    map[string]int            // by salt: attempts
	began    map[string]int            // by salt
	running  map[string]bool
}

func newScene(t *testing.T, random *rand.Rand) *scene {
	s := &scene{
		sizes: map[string]int{"x": 1 + random.IntN(2), "y": 1 + random.IntN(3)}, takes: map[string]map[string]int{},
		failures: map[string]int{}, salts: map[string]string{}, wants: map[string]int{}, began: map[string]int{}, running: map[string]bool{},
	}
	var text strings.Builder
	for _, name := range []string{"x", "y"} {
		fmt.Fprintf(&text, "pool %q { size = %d }\n", name, s.sizes[name])
	}
	flows := 3 + random.IntN(8)
	for i := range flows {
		address, salt := fmt.Sprintf("flow.f%d", i), fmt.Sprint(random.IntN(flows))
		s.salts[address], s.takes[address] = salt, map[string]int{}
		var pools, after []string
		for _, name := range []string{"x", "y"} {
			if random.IntN(2) == 0 {
				s.takes[address][name] = 1 + random.IntN(s.sizes[name])
				pools = append(pools, fmt.Sprintf("%s = %d", name, s.takes[address][name]))
			}
		}
		for j := range i {
			if random.IntN(5) == 0 {
				after = append(after, fmt.Sprintf("flow.f%d", j))
			}
		}
		if _, known := s.wants[salt]; !known {
			s.failures[salt] = random.IntN(3)
			s.wants[salt] = s.failures[salt] + 1
		}
		fmt.Fprintf(&text, "flow \"command\" \"f%d\" {\n  argv = [\"true\"]\n  salt = %q\n  after = [%s]\n  pools = { %s }\n  retry { attempts = 3 }\n  bundle { include = [] }\n}\n",
			i, salt, strings.Join(after, ", "), strings.Join(pools, ", "))
	}
	runner := newFake()
	runner.began = func(address string) []string { return s.begin(t, address) }
	runner.judging = s.end
	s.project = newProject(t, text.String(), runner)
	s.parallelism = 1 + random.IntN(4)
	return s
}

// begin is told that a flow's process is about to start. What it takes it has.
func (s *scene) begin(t *testing.T, address string) []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	salt := s.salts[address]
	s.began[salt]++
	s.running[address] = true
	for name, size := range s.sizes {
		taken := 0
		for other := range s.running {
			taken += s.takes[other][name]
		}
		if taken > size {
			t.Errorf("%d of the pool %s are taken, which has %d", taken, name, size)
		}
	}
	if s.failures[salt] > 0 {
		s.failures[salt]--
		return []string{"/bin/false"}
	}
	return []string{"/bin/true"}
}

// end is told that a flow's process has ended.
func (s *scene) end(address string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.running, address)
}

func (s *scene) attempts() map[string]int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.began
}
