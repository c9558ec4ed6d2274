package main

import (
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/redact"
)

// secrets are all sensitive values that this program has come to know. It is
// the program's own, since whatever the program says at its end has to be
// without them, faults included.
var secrets = &redact.Secrets{}

// hidden are problems without what is sensitive in them, also where it stands
// in the line of the configuration that is shown.
func hidden(problems []diag.Problem) []diag.Problem { return diag.Hide(problems, secrets.Text) }
