package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/process"
)

// jobProgress is progress in the log of a CI job, which folds what is long: the
// plan, and with --verbose what each flow has printed, whole when it has ended.
type jobProgress struct {
	*progress
	log    jobLog
	folder string               // the root, as the job sees it
	places map[string]hcl.Range // of flows in the configuration
	kept   map[string]*keptOutput
}

// jobLog is how a CI service has its logs.
type jobLog interface {
	fold(w io.Writer, title, text string, now time.Time)
	failed(w io.Writer, file string, line int, title, reason string)
}

// ownJobLog is that of the service that flowrider runs in, or nil.
func ownJobLog() jobLog {
	switch {
	case os.Getenv("GITHUB_ACTIONS") == "true":
		return githubLog{}
	case os.Getenv("GITLAB_CI") != "":
		return &gitlabLog{}
	}
	return nil
}

func newJobProgress(log jobLog, volume volume, folder string) *jobProgress {
	return &jobProgress{progress: newProgress(volume), log: log, folder: folder, places: map[string]hcl.Range{}, kept: map[string]*keptOutput{}}
}

func (p *jobProgress) planned(planned *plan.Plan) {
	for _, flow := range planned.Flows {
		if flow.Instance != nil {
			p.places[flow.Address] = flow.Instance.Flow.DeclRange
		}
	}
	if p.volume == failuresAlone || !planned.Pending() {
		p.progress.planned(planned)
		return
	}
	writeNotes(p.err, planned.Notes)
	var text bytes.Buffer
	writePlanFor(&text, planned, p.volume == allOutput, false)
	p.log.fold(p.err, planSummary(planned), text.String(), time.Now())
}

func (p *jobProgress) event(event apply.Event) {
	kept := p.kept[event.Address]
	switch {
	case event.Type == "log" && p.volume == allOutput:
		if kept == nil {
			kept = &keptOutput{}
			p.kept[event.Address] = kept
		}
		kept.print(event)
	case event.Type == "log":
	case event.Type == "flow" && event.State.Ended() && kept != nil:
		p.note(event)
		p.log.fold(p.err, eventLine(event), kept.String(), event.Time)
		delete(p.kept, event.Address)
	default:
		p.progress.event(event)
	}
}

// finish also marks the failures' places.
func (p *jobProgress) finish(summary *apply.Summary, outputs []plan.NamedValue) {
	for _, failure := range p.failures {
		if failure.State == apply.Failed {
			place := p.places[failure.Address]
			p.log.failed(p.err, inRepository(p.folder, place.Filename), place.Start.Line, failure.Address+" failed", strings.TrimSpace(failure.Reason))
		}
	}
	p.progress.finish(summary, outputs)
}

// markMistakes marks the places of the configuration's mistakes, where a job's
// log can do so.
func markMistakes(w io.Writer, folder string, problems []diag.Problem) {
	log := ownJobLog()
	if log == nil {
		return
	}
	for _, problem := range problems {
		if problem.Severity != "error" {
			continue
		}
		file, line := "", 0
		if problem.Range != nil {
			file, line = inRepository(folder, problem.Range.Filename), problem.Range.Start.Line
		}
		log.failed(w, file, line, problem.Summary, problem.Detail)
	}
}

// inRepository is a file of the configuration as the service knows it, or "".
func inRepository(folder, name string) string {
	path, err := filepath.Abs(filepath.Join(folder, name))
	base := os.Getenv("GITHUB_WORKSPACE")
	if err != nil || base == "" || name == "" {
		return name
	}
	path, err = filepath.Rel(base, path)
	if err != nil || !filepath.IsLocal(path) {
		return ""
	}
	return filepath.ToSlash(path)
}

// keptOutput is the end of what a flow has printed.
type keptOutput struct {
	text    []byte
	dropped int64
}

// mostKept is how much is kept of one flow.
const mostKept = 256 << 10

func (k *keptOutput) print(event apply.Event) {
	k.dropped += event.Dropped
	k.text = append(k.text, event.Text...)
	if over := len(k.text) - mostKept; over > 0 {
		k.dropped += int64(over)
		k.text = append([]byte(nil), k.text[over:]...)
	}
}

func (k *keptOutput) String() string {
	text := process.Inert(strings.ToValidUTF8(string(k.text), ""))
	if k.dropped > 0 {
		text = fmt.Sprintf("… %s left out\n", plural(int(k.dropped), "byte is", "bytes are")) + text
	}
	return text
}

// withEnd is a text that ends with its last line.
func withEnd(text string) string { return strings.TrimSuffix(text, "\n") + "\n" }

// githubLog is that of GitHub Actions: workflow commands.
type githubLog struct{}

func (githubLog) fold(w io.Writer, title, text string, _ time.Time) {
	fmt.Fprintf(w, "::group::%s\n%s::endgroup::\n", githubData.Replace(title), withEnd(text))
}

func (githubLog) failed(w io.Writer, file string, line int, title, reason string) {
	place := ""
	if file != "" {
		place = fmt.Sprintf("file=%s,line=%d,", githubProperty.Replace(file), line)
	}
	fmt.Fprintf(w, "::error %stitle=%s::%s\n", place, githubProperty.Replace(title), githubData.Replace(reason))
}

var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// gitlabLog is that of GitLab CI: sections with times.
type gitlabLog struct{ sections int }

func (l *gitlabLog) fold(w io.Writer, title, text string, now time.Time) {
	l.sections++
	fmt.Fprintf(w, "\x1b[0Ksection_start:%d:flowrider_%d[collapsed=true]\r\x1b[0K%s\n%s", now.Unix(), l.sections, title, withEnd(text))
	fmt.Fprintf(w, "\x1b[0Ksection_end:%d:flowrider_%d\r\x1b[0K\n", now.Unix(), l.sections)
}

// failed has nothing to mark: GitLab knows failures from --junit.
func (*gitlabLog) failed(io.Writer, string, int, string, string) {}
