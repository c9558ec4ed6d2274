package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// registerLock is for commands that take the apply lock.
func (c *common) registerLock(flags *pflag.FlagSet) {
	flags.Var((*patience)(&c.locking.Wait), "lock-timeout", "wait for another apply for up to this `DURATION`, such as 90s or 10m")
	c.locking.Note = func(text string) { fmt.Fprintln(os.Stderr, "note: "+diag.Printable(text)) }
}

// patience is a flag that takes a duration, of which 0 is one.
type patience time.Duration

func (p *patience) String() string { return time.Duration(*p).String() }

func (*patience) Type() string { return "duration" }

// Set implements pflag.Value.
func (p *patience) Set(text string) error {
	if d, err := time.ParseDuration(text); err == nil && d == 0 {
		*p = 0
		return nil
	}
	d, err := schema.ParseDuration(text)
	*p = patience(d)
	return err
}
