package main

import "math"

// What stands here is written without the scheduler that it judges, and in
// another way: by looking at all tasks again at each instant.

// listSchedule is the time that critical-path-first list scheduling takes which
// knows how long everything takes: whenever a slot is free, the task that is
// ready and has the longest path behind it begins.
func listSchedule(tasks []task, slots int) float64 {
	rank := paths(tasks)
	const never = math.MaxFloat64
	end := make([]float64, len(tasks)) // of a task that has begun
	for i := range end {
		end[i] = never
	}
	now, last := 0.0, 0.0
	for left := len(tasks); left > 0; {
		busy, next := 0, never
		for _, e := range end {
			if e != never && e > now {
				busy, next = busy+1, min(next, e)
			}
		}
		best := -1
		if busy < slots {
			for i, t := range tasks {
				if end[i] != never || best >= 0 && rank[i] <= rank[best] {
					continue
				}
				ready := true
				for _, parent := range t.parents {
					ready = ready && end[parent] <= now
				}
				if ready {
					best = i
				}
			}
		}
		if best < 0 {
			now = next
			continue
		}
		end[best] = now + tasks[best].seconds
		last, left = max(last, end[best]), left-1
	}
	return last
}

// paths is, for each task, how long it and the longest chain behind it take.
func paths(tasks []task) []float64 {
	path := make([]float64, len(tasks))
	for i, t := range tasks {
		path[i] = t.seconds
	}
	for changed := true; changed; {
		changed = false
		for i, t := range tasks {
			for _, parent := range t.parents {
				if through := tasks[parent].seconds + path[i]; through > path[parent] {
					path[parent], changed = through, true
				}
			}
		}
	}
	return path
}

// lowerBound is a time that no schedule beats: that of the longest chain, or
// that of all the work if no slot is ever idle.
func lowerBound(tasks []task, slots int) float64 {
	longest, work := 0.0, 0.0
	for i, path := range paths(tasks) {
		longest, work = max(longest, path), work+tasks[i].seconds
	}
	return max(longest, work/float64(slots))
}

// graham is how much longer than the best one any schedule takes at most that
// never leaves a slot idle while something is ready.
func graham(slots int) float64 { return 2 - 1/float64(slots) }
