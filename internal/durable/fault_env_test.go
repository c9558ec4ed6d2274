//go:build flowrider_fault

package durable_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/internal/durable"
)

// The faults that a binary built for it takes from its environment.
func TestFaultFromTheEnvironment(t *testing.T) {
	if path := os.Getenv("DURABLE_TEST_WRITE"); path != "" {
		err := durable.WriteFile(path, []byte("new"))
		if errors.Is(err, syscall.ENOSPC) {
			os.Exit(7)
		}
		return
	}
	for fault, want := range map[string]string{
		"rename:1:kill": "signal: killed", "any:1:kill": "signal: killed", "write:1:enospc": "exit status 7",
		"sync:1:eio": "", "sync:1:eio+": "", "": "",
	} {
		path := filepath.Join(t.TempDir(), "a")
		cmd := exec.Command(os.Args[0], "-test.run=^TestFaultFromTheEnvironment$")
		cmd.Env = append(os.Environ(), "DURABLE_TEST_WRITE="+path, "FLOWRIDER_FAULT="+fault)
		got := ""
		if err := cmd.Run(); err != nil {
			got = err.Error()
		}
		equal(t, want, got)
		_, err := os.Stat(path)
		equal(t, fault == "" || fault == "sync:1:eio", err == nil)
	}
}
