package process

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each case is what somebody asks for and when, and the signals that follow,
// with the second at which each is due.
func TestEnding(t *testing.T) {
	type ask struct {
		at    int
		grace Grace
	}
	for _, test := range []struct {
		name string
		asks []ask
		want []string
	}{
		{"by default", []ask{{0, Grace{}}}, []string{"0 interrupt", "30 terminated", "40 killed"}},
		{"own waits", []ask{{5, Grace{3 * time.Second, 2 * time.Second}}}, []string{"5 interrupt", "8 terminated", "10 killed"}},
		{"second press", []ask{{0, Grace{}}, {10, Grace{5 * time.Second, 5 * time.Second}}}, []string{"0 interrupt", "15 terminated", "20 killed"}},
		{"second press late", []ask{{0, Grace{}}, {28, Grace{5 * time.Second, 5 * time.Second}}}, []string{"0 interrupt", "30 terminated", "35 killed"}},
		{"second press with longer waits", []ask{{0, Grace{2 * time.Second, time.Second}}, {1, Grace{}}}, []string{"0 interrupt", "2 terminated", "3 killed"}},
		{"second press after SIGTERM", []ask{{0, Grace{time.Second, time.Hour}}, {4, Grace{time.Hour, 2 * time.Second}}}, []string{"0 interrupt", "1 terminated", "6 killed"}},
		{"now", []ask{{3, Now}}, []string{"3 killed"}},
		{"third press", []ask{{0, Grace{}}, {2, Now}}, []string{"0 interrupt", "2 killed"}},
		{"without SIGINT", []ask{{0, Grace{Interrupt: -1}}}, []string{"0 terminated", "10 killed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var end ending
			var got []string
			begin := time.Unix(1e9, 0)
			for second := 0; second < 100 && len(got) < len(test.want); second++ {
				now := begin.Add(time.Duration(second) * time.Second)
				for _, a := range test.asks {
					if a.at == second {
						end.ask(a.grace, now)
					}
				}
				if s := end.step(now); s != 0 {
					got = append(got, fmt.Sprint(second, " ", s))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("signals (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEndingGivesUp(t *testing.T) {
	var end ending
	now := time.Unix(1e9, 0)
	end.ask(Now, now)
	end.step(now)
	if end.hopeless(now.Add(killLimit)) || !end.hopeless(now.Add(killLimit+1)) {
		t.Errorf("given up at %v", end.until.Sub(now))
	}
}
