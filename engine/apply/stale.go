package apply

import (
	"time"

	"github.com/flowrider/flowrider/engine/plan"
)

// stale ends a flow of which more is decided, or something else, than the
// approved plan says. What needs it is blocked, and all else goes on.
func (l *loop) stale(address string, decision *plan.Flow) bool {
	reasons := l.session.Exceeds(decision)
	if reasons == nil {
		return false
	}
	l.session.Fail(decision)
	l.end(address, Stale, Event{Reason: codes(reasons), Reasons: reasons})
	return true
}

// endGone ends the flows that the approved plan changes and that are not
// declared any more.
func (l *loop) endGone() {
	for _, address := range l.session.Gone() {
		l.flows[address] = &flow{state: Waiting}
	}
	for _, address := range l.session.Gone() {
		reasons := []plan.Reason{{Code: "not_planned", Detail: "it is not declared any more"}}
		l.set(address, Stale, Event{Reason: codes(reasons), Reasons: reasons})
	}
}

// leaveStale ends the node of an environment whose lock was good when the plan
// was made, without making another one: what needs it is found to be stale.
func (l *loop) leaveStale(node string, e *plan.Environment) bool {
	if l.session.MayLock(e) {
		return false
	}
	_, why := e.Locked()
	l.emit(Event{Type: "environment", Address: node, State: Stale, Reason: why, Time: time.Now()})
	l.done(node)
	return true
}

// leaveUncalled ends the node of a hook whose environment was left stale. It
// has no value, so what needs it is found to be stale.
func (l *loop) leaveUncalled(node string, group *plan.HookCalls) bool {
	if group.Environment == nil || l.session.MayLock(group.Environment) {
		return false
	}
	if lock, _ := group.Environment.Locked(); lock != nil {
		return false
	}
	l.session.LeaveUnknown(group)
	l.done(node)
	return true
}
