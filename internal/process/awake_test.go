//go:build linux

package process

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A program that is suspended takes all with it that it has started, and the
// time until it is continued is not counted.
func TestSuspend(t *testing.T) {
	t.Parallel()
	helper := helperCommand(t, "suspended", ":")
	helper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a shell's job
	out, err := helper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := helper.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(out)
	line, _ := said.ReadString('\n')
	var all []int
	for _, field := range strings.Fields(line) {
		pid, _ := strconv.Atoi(field)
		all = append(all, pid)
	}
	if len(all) != 3 {
		t.Fatalf("it said %q", line)
	}
	states := func() (states string) {
		for _, pid := range append(all, helper.Process.Pid) {
			p, _ := readProcess(pid)
			states += string(p.state)
		}
		return states
	}
	for deadline := time.Now().Add(time.Minute); states() != "TTTT"; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the processes are in the states %s", states())
		}
	}
	time.Sleep(2 * suspendLimit) // what it waits for would come meanwhile
	helper.Process.Signal(syscall.SIGCONT)
	rest, err := said.ReadString(0)
	if diff := cmp.Diff("continued\nstopped: 0\n", rest); diff != "" {
		t.Errorf("it said (-want +got), %v:\n%s", err, diff)
	}
	helper.Wait()
}

const suspendLimit = 500 * time.Millisecond

func init() {
	helpers["suspended"] = func() {
		if err := BecomeSubreaper(); err != nil {
			panic(err)
		}
		seen := newScreen()
		p, err := Start(shell(`sleep 1000 & a=$!; setsid sleep 1000 & echo $$ $a $! .; wait`), Options{Marker: attempt(), Log: seen})
		if err != nil {
			panic(err)
		}
		for !strings.Contains(seen.String(), ".") {
			<-seen.news
		}
		early := make(chan bool, 1)
		begun := awake()
		defer AfterFunc(suspendLimit, func() { early <- awake().Sub(begun) < suspendLimit })()
		fmt.Println(strings.TrimSuffix(seen.String(), ".\n"))
		Suspend()
		if counted := awake().Sub(begun); counted >= 2*suspendLimit {
			fmt.Println("it has counted", counted)
		}
		if <-early {
			fmt.Println("it was called early")
		}
		fmt.Println("continued")
		states := 0
		for _, m := range p.tree.left(nil) {
			if info, ok := readProcess(m.pid); ok && info.state == 'T' {
				states++
			}
		}
		fmt.Printf("stopped: %d\n", states)
		p.Stop(Now)
		p.Wait()
		Dismiss()
		os.Stdout.Close()
	}
}
