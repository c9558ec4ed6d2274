package main

import "testing"

// On each graph with each number of slots: with the durations of the last run
// the scheduler takes at most 1.02 times as long as list scheduling that knows
// them; without, it stays within Graham's bound.
func TestScheduleKeepsItsBounds(t *testing.T) {
	workflows, err := readAll("testdata")
	if err != nil {
		t.Fatal(err)
	}
	checked, worst, worstFirst := 0, 0.0, 0.0
	for _, w := range workflows {
		for _, slots := range []int{2, 4, 16} {
			m := measure(w, slots)
			if m.reference < m.least-1e-6 {
				t.Errorf("%s, %d slots: the reference takes %.3f s, and nothing takes less than %.3f s", w.name, slots, m.reference, m.least)
			}
			if m.known > 1.02*m.reference {
				t.Errorf("%s, %d slots: %.3f s, and the reference takes %.3f s", w.name, slots, m.known, m.reference)
			}
			if m.unknown > graham(slots)*m.least {
				t.Errorf("%s, %d slots: %.3f s for the first time, more than %.3f times %.3f s", w.name, slots, m.unknown, graham(slots), m.least)
			}
			worst, worstFirst = max(worst, m.known/m.reference), max(worstFirst, m.unknown/m.least)
			checked++
		}
	}
	if checked != 12 {
		t.Errorf("%d schedules were checked, of 12", checked)
	}
	t.Logf("%d schedules of 4 real workflows: at most %.4f times the reference with known durations, at most %.4f times what no schedule beats without", checked, worst, worstFirst)
}
