//go:build full

package battery_test

import (
	"math/rand/v2"
	"time"
)

// The second tier.
const (
	foreachKills  = 60
	foreachLife   = 10 * time.Second
	kills         = 1000
	layers, width = 10, 20
	longestLife   = 2500 * time.Millisecond
)

// fewestPoints is what T02 must have tried.
const fewestPoints = 500

func skips(*rand.Rand) bool { return false }

func step(string, *rand.Rand) int { return 1 }
