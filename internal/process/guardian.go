package process

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// ServeGuard is the first thing that a program does that starts processes: it
// makes the program able to be its own guard. Where this start of it is that
// of the guard, it does not return.
func ServeGuard() {
	if len(os.Args) != 2 || os.Args[1] != guardArgument {
		guarding.able = true
		return
	}
	// What asks this program's owner to end must not end its guard.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE)
	fmt.Fprint(os.Stdout, "!") // ready
	os.Stdout.Close()
	left := follow(os.Stdin)
	if _, err := left.end(); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// told is what a guard is told of a process that is about to be started, or
// was.
func (w watched) told(number int) string {
	return fmt.Sprintf("run %d %s %d %t\n", number, w.marker, w.leader, w.alone)
}

// toldEnd is what it is told when nothing is left of one.
func toldEnd(number int) string { return fmt.Sprintf("end %d\n", number) }

// follow reads what the guard is told up to the end, and gives what was not
// said to have ended.
func follow(told io.Reader) *leftovers {
	running := map[int]watched{}
	for lines := bufio.NewScanner(told); lines.Scan(); {
		var number int
		var w watched
		if _, err := fmt.Sscanf(lines.Text(), "run %d %s %d %t", &number, &w.marker, &w.leader, &w.alone); err == nil {
			running[number] = w
		} else if _, err := fmt.Sscanf(lines.Text(), "end %d", &number); err == nil {
			delete(running, number)
		}
	}
	left := &leftovers{markers: map[string]bool{}, groups: map[int]int{}, leaders: map[int]bool{}, known: map[member]bool{}}
	for _, w := range running {
		left.markers[w.marker] = true
		if w.leader != 0 {
			left.leaders[w.leader] = parentDeathSignal
			if !w.alone {
				left.groups[w.leader] = 0
			}
		}
	}
	return left
}
