package apply_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/testenv"
)

// steppedClock is the clock of a machine on which somebody sets it: by a year,
// in either direction, each time that somebody has looked at it.
type steppedClock struct {
	mutex  sync.Mutex
	random *rand.Rand
	years  int // from now
	steps  int
}

func (c *steppedClock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	now := time.Now().AddDate(c.years, 0, 0)
	c.years += 2*c.random.IntN(2) - 1
	c.steps++
	return now
}

const clocked = `
	variable "n" { default = 1 }
	flow "command" "up" {
		argv = ["up", tostring(var.n)]
		bundle { include = ["code"] }
	}
	flow "command" "a" {
		argv = ["a", flow.up.run_id]
		bundle { include = [] }
	}
	flow "command" "b" {
		argv = ["b", flow.a.run_id]
		bundle { include = ["code"] }
	}
	flow "command" "v" {
		argv     = ["v"]
		volatile = true
		after    = [flow.b]
		bundle { include = [] }
	}
`

// history plays one story after the other: values, files, failures, records and
// runs come and go. It says what was decided each time.
func history(t *testing.T, now func() time.Time, seed uint64, stories int) []string {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 30))
	r := newResumer()
	p := newProject(t, clocked, r)
	p.now, p.parallelism = now, 1
	p.write("code", "1")
	var told []string
	for range stories {
		p.replace, p.noResume, r.began = nil, false, nil
		ctx, stop := context.WithCancelCause(context.Background())
		story := random.IntN(10)
		switch flow := []string{"flow.up", "flow.a", "flow.b"}[random.IntN(3)]; story {
		case 0:
			p.variables["n"] = fmt.Sprint(1 + random.IntN(3))
		case 1:
			p.write("code", fmt.Sprint(1+random.IntN(3)))
		case 2, 3:
			r.fails[flow] = "no service"
		case 4, 5:
			clear(r.fails)
		case 6:
			r.gives[flow] = fmt.Sprint(random.IntN(2))
		case 7:
			p.replace = []string{flow}
		case 8:
			if err := os.RemoveAll(filepath.Join(p.root, "runs")); err != nil {
				t.Fatal(err)
			}
		case 9:
			r.began = func(address string) []string {
				if address != flow {
					return []string{"/bin/true"}
				}
				stop(errors.New("enough"))
				return []string{"/bin/sleep", "1000"}
			}
		}
		result := p.apply(ctx, nil)
		stop(nil)
		told = append(told, fmt.Sprintf("story %d: %s", story, decisions(result)))
	}
	return told
}

// decisions are all that an apply has decided.
func decisions(result applied) string {
	var all []string
	for _, flow := range result.planned.Flows {
		text := fmt.Sprintf("%s %s", flow.Address, flow.Verdict)
		for _, reason := range flow.Reasons {
			text += " " + reason.Code
		}
		if flow.Resumes != nil {
			text += " " + flow.Resumes.String()
		}
		if flow.Verdict != plan.Run && flow.RunID != nil {
			text += " " + *flow.RunID
		}
		all = append(all, text)
	}
	for _, event := range result.events {
		if event.Type == "flow" && event.State.Ended() {
			all = append(all, fmt.Sprintf("%s %s %s", event.Address, event.State, event.RunID))
		}
		if event.State == apply.Running && event.Resumes != nil {
			all = append(all, event.Resumes.String())
		}
	}
	return strings.Join(all, "; ")
}

// TestT30NoDecisionDependsOnTheClock tells the same story on a machine whose
// clock is steady, on one where it is set by a year again and again, and on one
// where nobody had ever set it: that starts in 1970, and is set to before.
func TestT30NoDecisionDependsOnTheClock(t *testing.T) {
	t.Parallel()
	seed := testenv.Seed(t)
	steady := history(t, nil, seed, clockStories)
	applies, steps, changed := len(steady), 0, 0
	for _, years := range []int{0, 1970 - time.Now().Year()} {
		clock := &steppedClock{random: rand.New(rand.NewPCG(seed, 1)), years: years}
		stepped := history(t, clock.now, seed, clockStories)
		for i := range steady {
			if steady[i] != stepped[i] {
				changed++
				t.Errorf("with a steady clock\n%s\nwith a stepped one\n%s", steady[i], stepped[i])
			}
		}
		if clock.steps < 200 {
			t.Errorf("ran fewer: %d steps", clock.steps)
		}
		applies, steps = applies+len(stepped), steps+clock.steps
	}
	resumes := 0
	for _, told := range steady {
		if strings.Contains(told, "resumes from") {
			resumes++
		}
	}
	if resumes == 0 {
		t.Error("ran fewer: none resumed")
	}
	testenv.Figure(t, "T30", "%d applies, the clock set by a year at %d points, also to before 1970, %d runs resumed: %d decisions changed", applies, steps, resumes, changed)
}
