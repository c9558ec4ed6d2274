package bundle

import (
	"fmt"
	"strings"
	"testing"
)

// A fault of ours in a worker is one of the caller's, who can catch it.
func TestFaultInAWorkerIsTheCallers(t *testing.T) {
	defer func() {
		if fault := fmt.Sprint(recover()); !strings.HasPrefix(fault, "on purpose, while files were read:") {
			t.Errorf("fault %q", fault)
		}
	}()
	inParallel(4, func(int, *scratch) { panic("on purpose") })
}
