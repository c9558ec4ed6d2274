package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
)

// tailLines is how much of a failure's log is shown.
const tailLines = 20

// start runs a prepared flow: process, judgement and record, in a worker.
func (l *loop) start(address string, decision *plan.Flow, made *place) {
	log := record.LogPath(decision.Instance.Address, made.attempt)
	l.set(address, Running, Event{Reason: reasonLine(decision), Log: log})
	l.work(func() func() {
		attempt := record.Attempt{ID: made.attempt, Log: log, Started: time.Now().UTC()}
		result := &result{err: l.tools.Records.PutAttempt(decision.Instance.Address, attempt)}
		if result.err == nil {
			result = l.execute(decision, made, attempt.Started, log)
		}
		attempt.Ended = time.Now().UTC()
		if result.err != nil {
			attempt.Failed, attempt.Reason = !errors.Is(result.err, errStopped), result.err.Error()
		} else {
			attempt.RunID = result.run.ID
		}
		if err := l.tools.Records.PutAttempt(decision.Instance.Address, attempt); err != nil {
			result.notes = append(result.notes, fmt.Sprintf("%s: the end of the attempt cannot be noted: %v", address, err))
		}
		return func() {
			l.finish(address, made, result, Event{Log: log, Duration: attempt.Ended.Sub(attempt.Started).Seconds()})
		}
	})
}

// result is how an attempt ended.
type result struct {
	run   *runner.Run
	rec   *record.Record // what references resolve to
	err   error
	tail  string
	notes []string
}

var errStopped = errors.New("interrupted")

// finish ends a flow by how its attempt ended. Its record is durable by now.
func (l *loop) finish(address string, made *place, result *result, event Event) {
	l.note(result.notes)
	if result.err == nil {
		l.session.Settle(l.flows[address].decision, result.rec)
		l.discard(l.flows[address].decision, made)
		event.RunID = result.rec.RunID
		if result.run.ID != result.rec.RunID {
			event.Reason = "same result as before, which run " + result.run.ID + " confirms"
		}
		l.end(address, Succeeded, event)
		return
	}
	l.session.Fail(l.flows[address].decision)
	event.Reason, event.Tail = result.err.Error(), result.tail
	if errors.Is(result.err, errStopped) {
		event.Tail = ""
		l.end(address, Cancelled, event)
		return
	}
	l.end(address, Failed, event)
}

// execute runs the process, lets the runner judge it, and records a success.
func (l *loop) execute(decision *plan.Flow, made *place, started time.Time, logPath string) *result {
	l.removeOlder(decision, made)
	if err := l.checkReads(decision); err != nil {
		return &result{err: err}
	}
	job := l.job(decision, made)
	r := l.tools.Runners[decision.Runner]
	command, err := r.Command(job)
	if err != nil {
		return &result{err: placed(decision, err)}
	}
	log, err := process.CreateLog(filepath.Join(l.session.Config.Root, filepath.FromSlash(logPath)))
	if err != nil {
		return &result{err: err}
	}
	defer log.Close()
	exit, notes, err := l.runProcess(command, job, log)
	if err != nil {
		return &result{err: err}
	}
	for i, note := range notes {
		notes[i] = decision.Address + ": " + note
	}
	if exit.Stopped {
		return &result{err: errStopped, notes: notes}
	}
	run, err := judge(r, job, exit, made.listing)
	if err != nil {
		return &result{err: placed(decision, err), tail: log.Tail(tailLines), notes: notes}
	}
	notes = append(notes, run.Notes...)
	rec, err := l.commit(decision, job, run, started)
	if err == nil {
		notes = append(notes, l.writeRunIDFile(decision, rec)...)
	}
	return &result{run: run, rec: rec, err: err, notes: notes}
}

// judge lets the runner judge an attempt. Where linked data is not what it was
// any more, nobody can tell what the run has read: it counts as failed, and
// its outputs are not even looked at.
func judge(r runner.Runner, job *runner.Job, exit process.Exit, copied *bundle.Listing) (*runner.Run, error) {
	if exit.Code == 0 {
		if err := bundle.CheckLinks(copied, job.Project); err != nil {
			return nil, err
		}
	}
	return r.Outcome(job, exit)
}

// placed gives the refusal of a flow's arguments its place in the
// configuration: the argument that most likely holds the mistake.
func placed(decision *plan.Flow, err error) error {
	var failure *runner.Failure
	if !errors.As(err, &failure) || !failure.Usage {
		return err
	}
	at := decision.Instance.Flow.DeclRange
	for _, name := range []string{"argv", "parameters"} {
		if argument := decision.Instance.Flow.Argument(name); argument != nil {
			at = argument.Range
			break
		}
	}
	return fmt.Errorf("%s:%d: %w", at.Filename, at.Start.Line, err)
}

// runProcess starts the process and waits for its end, or stops it when the
// apply is interrupted.
func (l *loop) runProcess(command process.Command, job *runner.Job, log *process.Log) (process.Exit, []string, error) {
	options := process.Options{Attempt: job.Attempt, Log: log}
	for _, output := range job.Outputs {
		if output.Stdout != "" {
			stdout, err := os.Create(job.Stdout())
			if err != nil {
				return process.Exit{}, nil, err
			}
			defer stdout.Close()
			options.Stdout = runner.Printed(stdout)
			break
		}
	}
	if l.ctx.Err() != nil {
		return process.Exit{Stopped: true}, nil, nil
	}
	p, err := process.Start(command, options)
	if err != nil {
		return process.Exit{}, nil, err
	}
	stop := context.AfterFunc(l.ctx, func() { p.Stop(l.options.Grace) })
	defer stop()
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-l.options.Hurry:
			p.Stop(process.Grace{Interrupt: 5 * time.Second, Terminate: 5 * time.Second})
		case <-ended:
		}
	}()
	return p.Wait(), p.Notes(), nil
}

// removeOlder removes what earlier attempts at the flow have left: bundles
// are kept after a failure until now.
func (l *loop) removeOlder(decision *plan.Flow, made *place) {
	work := filepath.Dir(made.dir)
	entries, _ := os.ReadDir(work) // unreadable: nothing to remove
	for _, entry := range entries {
		if name := entry.Name(); ulidName(name) && filepath.Join(work, name) != made.dir && filepath.Join(work, name) != made.scratch {
			os.RemoveAll(filepath.Join(work, name))
		}
	}
}

// ulidName tells an attempt's folder from that of a flow's instance.
func ulidName(name string) bool {
	return len(name) >= 26 && (len(name) == 26 || name[26:] == ".scratch")
}

// job makes the plain values that a runner gets.
func (l *loop) job(decision *plan.Flow, made *place) *runner.Job {
	arguments := decision.Resolved.Arguments
	job := &runner.Job{
		Address: decision.Address, Name: decision.Instance.Flow.Address.Name, Attempt: made.attempt,
		Root: l.session.Config.Root, Project: decision.Place.Project, Dir: made.dir, Scratch: made.scratch,
		Args: runner.Arguments{}, Hashed: runner.Arguments{}, Tags: arguments["tags"].Texts(),
		ConfigHash: *decision.ConfigHash, DataPolicy: plan.Policy(decision), Published: published(decision.Selected),
		Env: l.session.ChildEnv(arguments["pass_env"].Texts()),
	}
	for name, value := range arguments {
		job.Args[name], job.Hashed[name] = value.Unmarked(), value.Hashed
	}
	if e := decision.Place.Environment; e != nil {
		prefix, _ := e.Prefix()
		job.Python = prefix.Python
		plan.Activate(job.Env, prefix)
		if e.InstallProject {
			plan.PrependPath(job.Env, "PYTHONPATH", filepath.Join(made.dir, filepath.FromSlash(path.Dir(decision.Place.Package))))
		}
	}
	plan.PrependPath(job.Env, "PYTHONPATH", l.tools.Python())
	maps.Copy(job.Env, texts(arguments["env"]))
	job.Env["FLOWRIDER_ROOT"] = l.session.Config.Root
	job.Env["FLOWRIDER_RUNS"] = filepath.Join(l.session.Config.Root, filepath.FromSlash(l.session.Config.Settings.Runs))
	for _, declared := range decision.Instance.Flow.Outputs {
		job.Outputs = append(job.Outputs, jobOutput(declared.Name, decision.Resolved.Outputs[declared.Name]))
	}
	return job
}

func jobOutput(name string, arguments map[string]eval.Value) runner.Output {
	output := runner.Output{Name: name}
	output.Artifact, _ = arguments["artifact"].Text()
	output.Stdout, _ = arguments["stdout"].Text()
	if file, ok := arguments["file"].Text(); ok {
		output.File = path.Clean(file)
		output.Publish = output.File
	}
	if publish, ok := arguments["publish"]; ok {
		text, _ := publish.Text() // false is no text: nowhere
		output.Publish = ""
		if text != "" {
			output.Publish = path.Clean(text)
		}
	}
	return output
}

// texts is a map of texts in its real form; null elements are left out.
func texts(value eval.Value) map[string]string {
	all := map[string]string{}
	if value == (eval.Value{}) {
		return all
	}
	for it := value.Unmarked().ElementIterator(); it.Next(); {
		if key, element := it.Element(); !element.IsNull() {
			all[key.AsString()] = element.AsString()
		}
	}
	return all
}
