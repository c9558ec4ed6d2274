//go:build flowrider_fault

package durable

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// In a binary built with this tag, FLOWRIDER_FAULT=NAME:N:ACTION makes the
// N-th operation called NAME (as in Faulty; "any" for all) go wrong. ACTION is
// kill, or an error of enospc, eio, edquot, erofs, with "+" at its end if it
// stays. FLOWRIDER_FAULT=no-file-sync, no-folder-sync or in-place does all of
// them wrongly, as Wrong does.
func init() {
	text := os.Getenv("FLOWRIDER_FAULT")
	if text == "" {
		return
	}
	if wrong, ok := wrongs[text]; ok {
		wrong.Backend = OS()
		system = With(wrong)
		return
	}
	fault, kill, err := parseFault(text)
	if err != nil {
		panic("FLOWRIDER_FAULT=" + text + ": " + err.Error())
	}
	faulty := NewFaulty(OS(), fault)
	if kill {
		faulty.atStop = func() { syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }
	}
	system = With(faulty)
}

var wrongs = map[string]Wrong{
	"no-file-sync": {NoFileSync: true}, "no-folder-sync": {NoFolderSync: true}, "in-place": {InPlace: true},
}

func parseFault(text string) (fault Fault, kill bool, err error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return fault, false, fmt.Errorf("want NAME:N:ACTION")
	}
	if parts[0] != "any" {
		fault.Op = parts[0]
	}
	if fault.At, err = strconv.Atoi(parts[1]); err != nil {
		return fault, false, err
	}
	action, stays := strings.CutSuffix(parts[2], "+")
	fault.Stays = stays
	if action == "kill" {
		return fault, true, nil
	}
	known := map[string]error{"enospc": syscall.ENOSPC, "eio": syscall.EIO, "edquot": syscall.EDQUOT, "erofs": syscall.EROFS}
	if fault.Err = known[action]; fault.Err == nil {
		return fault, false, fmt.Errorf("unknown action %q", action)
	}
	return fault, false, nil
}
