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
const fewestPoints = 20

// step goes over most of the points of one system call, others on each seed.
func step(_ string, random *rand.Rand) int { return 1 + random.IntN(50) }
