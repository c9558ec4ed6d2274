package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/testenv"
)

// The order of maps never shows in a graph.
func TestGraphsAreTheSameEachTime(t *testing.T) {
	t.Setenv("FLOWRIDER_CACHE_DIR", testenv.Cache(t))
	first := map[string]string{}
	for range 200 {
		project, diags := engine.Load(filepath.Join(repository, "examples", "hello"), engine.LoadOptions{NoCache: true})
		session, moreDiags := project.Session(plan.Options{Offline: true, NoHooks: true})
		if diags.HasErrors() || moreDiags.HasErrors() {
			t.Fatal(diags, moreDiags)
		}
		d := draw(session, verdictsOf(context.Background(), project, session), drawingShape{all: true, most: 2})
		for _, name := range formatNames {
			var text bytes.Buffer
			if err := drawingFormats[name](&text, d); err != nil || text.Len() == 0 {
				t.Fatal(name, err)
			}
			if first[name] == "" {
				first[name] = text.String()
			}
			if first[name] != text.String() {
				t.Fatalf("%s was\n%s\nand is\n%s", name, first[name], text.String())
			}
		}
	}
}
