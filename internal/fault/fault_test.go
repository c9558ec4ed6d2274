package fault

import (
	"strings"
	"sync/atomic"
	"testing"
)

func TestAFaultInAGoroutineIsHandled(t *testing.T) {
	told := make(chan string, 1)
	Handle(func(fault any, stack []byte) {
		if !strings.Contains(string(stack), "TestAFaultInAGoroutineIsHandled") {
			t.Errorf("the stack does not tell where: %s", stack)
		}
		told <- fault.(string)
	})
	defer handler.Store(nil)
	Go(func() { panic("a fault") })
	if got := <-told; got != "a fault" {
		t.Errorf("handled %q", got)
	}
}

func TestAFaultInParallelIsTheCallers(t *testing.T) {
	var ended atomic.Int32
	defer func() {
		fault, _ := recover().(string)
		if !strings.HasPrefix(fault, "a fault, in a goroutine:\n") {
			t.Errorf("recovered %q", fault)
		}
		if ended.Load() != 3 {
			t.Errorf("it has not waited: %d of 3 have ended", ended.Load())
		}
	}()
	InParallel(4, 8, func(i int) {
		if i == 1 {
			panic("a fault")
		}
		ended.Add(1)
	})
	t.Error("it has returned")
}
