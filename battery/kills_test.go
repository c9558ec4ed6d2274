//go:build !full

package battery_test

import (
	"math/rand/v2"
	"time"
)

// The first tier.
const (
	foreachKills  = 1
	foreachLife   = 6 * time.Second
	kills         = 25
	layers, width = 10, 20
	longestLife   = 1000 * time.Millisecond
)

// fewestPoints is what T02 must have tried.
const fewestPoints = 4

// skips says which kinds of system calls are not tried: others on each seed.
func skips(random *rand.Rand) bool { return random.IntN(4) > 0 }

// step goes over most of the points of one kind of system call; the seed says
// which are left.
func step(_ string, random *rand.Rand) int { return 10 + random.IntN(100) }
