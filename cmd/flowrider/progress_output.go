package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/apply"
)

// output shows what flows print, whole lines with the flow's address before
// each. Flows that run at once do not mix their lines. In the log of a CI job
// jobProgress does so.
type output struct{ partial map[string]string }

// longestPartial is how much of a line without an end waits for it.
const longestPartial = 4 << 10

func (o *output) event(w io.Writer, event apply.Event) {
	switch {
	case event.Type == "log":
		o.print(w, event)
	case event.Type == "flow" && o.partial[event.Address] != "":
		fmt.Fprintf(w, "%s | %s\n", event.Address, o.partial[event.Address])
		delete(o.partial, event.Address)
	}
}

func (o *output) print(w io.Writer, event apply.Event) {
	if o.partial == nil {
		o.partial = map[string]string{}
	}
	text := o.partial[event.Address] + event.Text
	if event.Dropped > 0 {
		fmt.Fprintf(w, "%s | %s… %s left out\n", event.Address, o.partial[event.Address], plural(int(event.Dropped), "byte", "bytes"))
		text = event.Text
	}
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(line, "\n") && len(line) < longestPartial {
			o.partial[event.Address] = line
			return
		}
		fmt.Fprintf(w, "%s | %s\n", event.Address, strings.TrimSuffix(line, "\n"))
	}
	delete(o.partial, event.Address)
}

// finish shows lines that have no end.
func (o *output) finish(w io.Writer) {
	for _, address := range slices.Sorted(maps.Keys(o.partial)) {
		fmt.Fprintf(w, "%s | %s\n", address, o.partial[address])
	}
}
