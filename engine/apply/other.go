package apply

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/hook"
	"github.com/flowrider/flowrider/engine/plan"
)

// dispatchOther begins an environment or a hook, or passes a flow's node that
// stands for all its instances.
func (l *loop) dispatchOther(node string) {
	if e := l.session.EnvironmentOf(node); e != nil {
		l.lock(node, e)
		return
	}
	if l.session.IsHook(node) {
		l.callHooks(node)
		return
	}
	l.done(node)
}

// lock makes an environment's lock if it is stale.
func (l *loop) lock(node string, e *plan.Environment) {
	if lock, _ := e.Locked(); lock == nil {
		if l.leaveStale(node, e) {
			return
		}
		l.emit(Event{Type: "environment", Address: node, Reason: "resolving packages", Time: time.Now()})
		l.settling(func() func() {
			err := e.Lock(l.ctx, l.tools.Log)
			return func() {
				if err != nil {
					at := e.Block.DeclRange
					l.failNode("environment", node, fmt.Sprintf("%s:%d: %v", at.Filename, at.Start.Line, err))
					return
				}
				l.done(node)
			}
		})
		return
	}
	l.done(node)
}

// callHooks calls a hook that plan could not call yet, with all others of its
// environment. The others' nodes wait for the same answer.
func (l *loop) callHooks(node string) {
	switch {
	case l.session.Known(node):
		l.hookDone(node)
		return
	case l.session.Calling(node):
		l.hooks = append(l.hooks, node)
		return
	}
	group, diags := l.session.Callable(node)
	if diags.HasErrors() {
		l.failNode("hook", node, describe(diags))
		return
	}
	if group == nil {
		l.hookDone(node)
		return
	}
	if l.leaveUncalled(node, group) {
		return
	}
	l.hooks = append(l.hooks, node)
	if results := l.session.Kept(group); results != nil {
		l.answered(group, results, nil)
		return
	}
	l.settling(func() func() {
		err := l.maker.Build(l.ctx, group.Environment)
		var results []hook.Result
		if err == nil {
			results, err = l.session.Call(l.ctx, group)
		}
		return func() { l.answered(group, results, err) }
	})
}

// answered puts a group's answers in and lets every hook that waited go on.
func (l *loop) answered(group *plan.HookCalls, results []hook.Result, err error) {
	if err != nil {
		results = group.Failed(err)
	}
	l.session.Answer(group, results) // each hook's own problem is asked for below
	waiting := l.hooks
	l.hooks = nil
	for _, node := range waiting {
		l.callHooks(node)
	}
}

// hookDone ends the node of a hook that was called: what needs it goes on, or
// is blocked if the call failed.
func (l *loop) hookDone(node string) {
	if problem := l.session.HookProblem(node); problem != nil {
		l.failNode("hook", node, describe(hcl.Diagnostics{problem}))
		return
	}
	l.done(node)
}

// failNode ends an environment or a hook that failed.
func (l *loop) failNode(kind, node, reason string) {
	if l.ctx.Err() != nil {
		l.done(node) // what needs it is not started any more
		return
	}
	l.fail(node, reason)
	l.failFast(node)
	l.emit(Event{Type: kind, Address: node, State: Failed, Reason: reason, Time: time.Now()})
	l.brokenBy(node, node)
}
