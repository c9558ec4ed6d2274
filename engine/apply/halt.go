package apply

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/internal/durable"
)

// heed looks at an error for what concerns all flows: a disk that is full, or
// cannot be written any more. Nothing new starts then. What runs goes on to its
// end, which the journal has room for.
func (l *loop) heed(err error) {
	if l.full != nil || !durable.IsFull(err) {
		return
	}
	room := ""
	var st unix.Statfs_t
	if unix.Statfs(l.session.Config.Root, &st) == nil {
		room = fmt.Sprintf(" (%d bytes and %d files are free)", st.Bavail*uint64(st.Bsize), st.Ffree)
	}
	l.halt(errors.New("nothing more can be written"))
	l.full = fmt.Errorf("nothing more was started: %w%s; what has finished is kept: make room, and apply again", err, room)
}

// failed ends a flow by an error.
func (l *loop) failed(address string, err error, event Event) {
	l.heed(err)
	event.Reason = err.Error()
	l.end(address, Failed, event)
}
