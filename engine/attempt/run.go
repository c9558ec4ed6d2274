package attempt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/internal/redact"
)

// tailLines is how much of a failure's log is shown.
const tailLines = 20

// ErrStopped is the end of an attempt that was asked to stop.
var ErrStopped = errors.New("interrupted")

// Watch is told how far an attempt has come.
type Watch struct {
	Started func(pid int)
	// Exited is told the end of the process before the runner judges it: with
	// status 0 the flow had what it was to read until then.
	Exited func(process.Exit)
	// Printed is told what the flow prints, as process.Live tells it, and
	// nothing once the flow has ended.
	Printed func(text string, dropped int64)
}

// log is a log beside which somebody is told what comes to it. end waits until
// all has been told.
func (w Watch) log(log io.Writer, secrets *redact.Secrets) (both io.Writer, end func()) {
	if w.Printed == nil {
		return log, func() {}
	}
	live := process.NewLive(secrets, w.Printed)
	return io.MultiWriter(live, log), func() { live.Close() }
}

// Ended is how an attempt's process ended.
type Ended struct {
	Run   *runner.Run // of a success
	Exit  process.Exit
	Tail  string // of a failure: the end of its log, as process.Excerpt shows it
	Notes []string
	Left  Left // of a failure
}

// Log is the log of an attempt, which is made when something is about to be
// started. What is started once more goes on in it.
type Log struct {
	Path string
	*process.Log
}

// open makes the log, unless it is there.
func (l *Log) open() (err error) {
	if l.Log == nil {
		l.Log, err = process.CreateLog(l.Path)
	}
	return err
}

// Close closes the log, if it was made.
func (l *Log) Close() {
	if l.Log != nil {
		l.Log.Close()
	}
}

// Run runs a job's process, with its output in a log, and lets the runner judge
// it. Before and after it looks at the outputs of others that the
// flow reads.
func (m *Maker) Run(ctx context.Context, flow *plan.Flow, job *runner.Job, made *Place, out *Log, watch Watch) (ended Ended, err error) {
	if ended.Notes, err = m.CheckReads(flow, made); err != nil {
		return ended, err
	}
	hide, err := m.Deliver(flow, job)
	if err != nil {
		return ended, err
	}
	defer hide()
	r := m.Runners[flow.Runner]
	command, err := r.Command(job)
	if err != nil {
		return ended, Placed(flow, err)
	}
	if err := out.open(); err != nil {
		return ended, err
	}
	defer func() {
		if err != nil {
			ended.Left = m.left(r, flow, job, made)
		}
	}()
	log, end := watch.log(out, m.Session.Secrets())
	ctx, begin, cancel := limited(ctx, m.Session.Terms(flow.Address).Timeout)
	defer cancel()
	p, waited, err := m.start(ctx, command, job, log, Grace(flow), func(pid int) {
		begin()
		if watch.Started != nil {
			watch.Started(pid)
		}
	})
	end()
	if err != nil {
		return ended, err
	}
	exit := p.Wait()
	ended.Exit = exit
	if waited {
		ended.Notes = append(ended.Notes, flow.Address+": "+crowdedNote)
	}
	for _, note := range p.Notes() {
		ended.Notes = append(ended.Notes, flow.Address+": "+note)
	}
	// Ctrl-C also reaches what was forked that moment and is not in a group of its own yet.
	if exit.Stopped || exit.Signal == syscall.SIGINT && ctx.Err() != nil {
		ended.Tail = m.ending(out)
		return ended, whyStopped(ctx)
	}
	if exit.Code == 0 {
		if err := m.checkGiven(flow, job, p, made); err != nil {
			ended.Tail = m.ending(out)
			return ended, err
		}
	}
	if watch.Exited != nil {
		watch.Exited(exit)
	}
	if ended.Run, err = r.Outcome(job, exit); err != nil {
		ended.Tail = m.ending(out)
		return ended, Placed(flow, err)
	}
	ended.Notes = append(ended.Notes, ended.Run.Notes...)
	return ended, nil
}

// ending is the end of a failure's log, as it is shown.
func (m *Maker) ending(log *Log) string {
	return process.Excerpt(log.Tail(tailLines), m.Session.Secrets())
}

// start starts the process, which it tells, and sees it to its end, which it is
// asked for when the context is cancelled.
func (m *Maker) start(ctx context.Context, command process.Command, job *runner.Job, log io.Writer, grace process.Grace, started func(pid int)) (p *process.Process, waited bool, err error) {
	marker, err := process.Mark(ctx, job.Attempt)
	if err != nil {
		return nil, waited, err
	}
	options := process.Options{Marker: marker, Log: log, Secrets: m.Session.Secrets()}
	if printed := printedOutput(job); printed != "" {
		stdout, err := os.Create(job.Stdout())
		if err != nil {
			return nil, waited, err
		}
		defer stdout.Close()
		options.Stdout = runner.Printed(stdout)
	}
	if ctx.Err() != nil {
		return nil, waited, ErrStopped
	}
	waited, err = patiently(ctx, func() (err error) { p, err = process.Start(command, options); return err })
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, waited, ErrStopped
	case err != nil:
		return nil, waited, err
	}
	started(p.PID())
	stop := context.AfterFunc(ctx, func() { p.Stop(grace) })
	defer stop()
	p.Wait()
	return p, waited, nil
}

// printedOutput is the output that is taken from what the process prints; "" if
// there is none.
func printedOutput(job *runner.Job) string {
	for _, output := range job.Outputs {
		if output.Stdout != "" {
			return output.Name
		}
	}
	return ""
}

// Grace is how long a flow may take to end when it is asked to.
func Grace(flow *plan.Flow) process.Grace {
	stop := flow.Instance.Flow.Stop
	if stop == nil {
		return process.Grace{}
	}
	return process.Grace{Interrupt: stop.Interrupt, Terminate: stop.Terminate}
}

// checkGiven says whether a flow that has ended had what it was to read until
// its end. Where linked data is not what it was any more, or an output of
// another flow, nobody can tell what the run has read: it counts as failed, and
// its outputs are not even looked at. So does a run that has printed a secret
// for its output: a result is not altered.
func (m *Maker) checkGiven(flow *plan.Flow, job *runner.Job, p *process.Process, made *Place) error {
	if p.Hid() {
		return runner.Failf("there is a sensitive value in what it printed for its output %q, which is recorded and shown; print the value to standard error, or not at all", printedOutput(job))
	}
	if err := bundle.CheckLinks(made.Listing, job.Project, m.Session.Index(job.Project)); err != nil {
		return err
	}
	return m.CheckReadsAgain(flow, made)
}

// Judge judges an attempt of an apply that died, whose process had ended with
// status 0 and whose place is as it was left. origin is the run that it has gone
// on with, or "". Nothing is run.
func (m *Maker) Judge(ctx context.Context, flow *plan.Flow, made *Place, origin string) (*runner.Run, error) {
	if err := m.Build(ctx, flow.Place.Environment); err != nil {
		return nil, err
	}
	job := m.Job(flow, made)
	job.Resume = origin
	run, err := m.Runners[flow.Runner].Outcome(job, process.Exit{})
	return run, Placed(flow, err)
}

// Placed gives the refusal of a flow's arguments its place in the
// configuration: the argument that most likely holds the mistake.
func Placed(flow *plan.Flow, err error) error {
	var failure *runner.Failure
	if !errors.As(err, &failure) || !failure.Usage {
		return err
	}
	at := flow.Instance.Flow.DeclRange
	for _, name := range []string{"argv", "parameters"} {
		if argument := flow.Instance.Flow.Argument(name); argument != nil {
			at = argument.Range()
			break
		}
	}
	return fmt.Errorf("%s:%d: %w", at.Filename, at.Start.Line, err)
}
