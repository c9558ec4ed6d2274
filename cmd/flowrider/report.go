package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/saved"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/durable"
)

// report is a watcher that keeps how each flow has ended, for what is written
// of an apply afterwards: files for CI, and what the command of on_finish reads.
type report struct {
	begun     time.Time
	workspace string
	flows     []*reported          // in the order of the plan
	index     map[string]*reported // by address
	others    []apply.Event
	summary   *apply.Summary // nil where nothing was begun
	err       error          // how the command ends
	mistakes  []diag.Problem // of the configuration
}

// reported is a flow in a report: the newest event of it, and why it has run.
type reported struct {
	apply.Event
	why string
}

func newReport() *report { return &report{begun: time.Now(), index: map[string]*reported{}} }

func (r *report) planned(planned *plan.Plan) {
	r.workspace = planned.Workspace
	for _, flow := range planned.Flows {
		r.flow(flow.Address)
	}
}

func (r *report) event(event apply.Event) {
	switch {
	case event.Type == "flow":
		flow := r.flow(event.Address)
		if event.State == apply.Preparing || event.State == apply.Running {
			flow.why = event.Reason
		}
		flow.Event = event
	case event.State == apply.Failed:
		r.others = append(r.others, event)
	}
}

// flow is that of an address. One that the plan does not have is not declared
// any more, and comes last.
func (r *report) flow(address string) *reported {
	if r.index[address] == nil {
		r.index[address] = &reported{}
		r.flows = append(r.flows, r.index[address])
	}
	return r.index[address]
}

func (r *report) finish(summary *apply.Summary, _ []plan.NamedValue) { r.summary = summary }

// ended are the flows that this apply was about, each in its final state.
func (r *report) ended() []*reported {
	var list []*reported
	for _, flow := range r.flows {
		if flow.State.Ended() && flow.State != "" {
			list = append(list, flow)
		}
	}
	return list
}

// problem says why nothing was begun.
func (r *report) problem() string {
	if r.err != nil && !silent(r.err) {
		return r.err.Error()
	}
	text := fmt.Sprintf("no flow was looked at, since the configuration has mistakes or hooks have failed; exit code %d\n", exitCode(r.err))
	for _, mistake := range r.mistakes {
		place := ""
		if mistake.Range != nil {
			place = fmt.Sprintf("%s:%d:%d: ", mistake.Range.Filename, mistake.Range.Start.Line, mistake.Range.Start.Column)
		}
		text += fmt.Sprintf("%s%s: %s. %s\n", place, mistake.Severity, mistake.Summary, mistake.Detail)
	}
	return text
}

// reportFiles are the files that are written of an apply.
type reportFiles struct{ junit, summary string }

func (f *reportFiles) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.junit, "junit", "", "write how each flow ended to this `FILE` as JUnit XML, whatever happens")
	flags.StringVar(&f.summary, "summary", "", "write a summary to this `FILE` in Markdown, whatever happens; what is in that of\n$GITHUB_STEP_SUMMARY stays before it")
}

func (f *reportFiles) paths() []string {
	var list []string
	for _, path := range []string{f.junit, f.summary} {
		if path != "" {
			list = append(list, path)
		}
	}
	return list
}

// check says, before anything is run, which file could not be written, and which
// must not be: nobody means to lose a configuration or records. root is the
// folder of flowrider.hcl.
func (f *reportFiles) check(root string) error {
	if f.junit != "" && sameFile(f.junit, f.summary) {
		return fmt.Errorf("--junit and --summary are the same file, %s; give each one of its own", f.junit)
	}
	for _, path := range f.paths() {
		if err := checkReport(root, path); err != nil {
			return err
		}
	}
	return nil
}

// checkReport says why a file cannot be written, or must not be.
func checkReport(root, path string) error {
	if err := checkFree(root, path); err != nil {
		return err
	}
	if err := checkWritable(path); err != nil {
		return fmt.Errorf("%s cannot be written, so nothing is done: %w", path, err)
	}
	return nil
}

// placesOf are files as flows do not see them.
func placesOf(paths ...string) []string {
	var list []string
	for _, path := range paths {
		if places, err := saved.Places(path); err == nil {
			list = append(list, places...)
		}
	}
	return list
}

// writeReport writes such a file, which is not a project's code for that. project is nil
// where nobody knows it.
func writeReport(path string, text []byte, project *engine.Project) error {
	if err := durable.WriteFile(path, text); err != nil || project == nil {
		return err
	}
	return project.Own(path)
}

func sameFile(a, b string) bool {
	first, err := filepath.Abs(a)
	second, otherErr := filepath.Abs(b)
	return b != "" && err == nil && otherErr == nil && first == second
}

// checkFree refuses the places of flowrider's own files.
func checkFree(root, path string) error {
	for _, ending := range []string{".hcl", ".flow.hcl.json"} {
		if strings.HasSuffix(path, ending) {
			return fmt.Errorf("%s has the name of a configuration file, which would be written over; give another one", path)
		}
	}
	below, err := filepath.Abs(root)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err == nil {
		below, err = filepath.Rel(below, path)
	}
	first, _, _ := strings.Cut(filepath.ToSlash(below), "/")
	report := slices.Contains([]string{".xml", ".md"}, filepath.Ext(path)) // of which flowrider has none there
	if err == nil && (first == "runs" || first == "locks" || first == record.Local && !report) {
		return fmt.Errorf("%s is in the folder %s, which holds flowrider's own files; write it elsewhere", path, first)
	}
	return nil
}

func checkWritable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("it is no file")
	}
	folder := filepath.Dir(path)
	for {
		info, err := os.Stat(folder)
		switch {
		case err == nil && !info.IsDir():
			return fmt.Errorf("%s is no folder", folder)
		case err == nil:
			return unix.Access(folder, unix.W_OK|unix.X_OK)
		case !os.IsNotExist(err) || filepath.Dir(folder) == folder:
			return err
		}
		folder = filepath.Dir(folder)
	}
}

// write writes the files, also where project is nil since nothing was begun.
// What cannot be written makes of a success an apply that is not saved
// everywhere.
func (f *reportFiles) write(r *report, project *engine.Project, note func(string)) error {
	ended := r.err
	for _, file := range []struct {
		path string
		text func() []byte
	}{{f.junit, r.junit}, {f.summary, func() []byte { return append(f.before(), r.markdown()...) }}} {
		if file.path == "" {
			continue
		}
		if err := writeReport(file.path, file.text(), project); err != nil {
			note(fmt.Sprintf("%s cannot be written: %s", file.path, diag.Printable(err.Error())))
			if ended == nil {
				ended = exit(exitNotSaved)
			}
		}
	}
	return ended
}

// before is what stays before the summary: GitHub shows all that the commands
// of a step write to that file.
func (f *reportFiles) before() []byte {
	if f.summary != os.Getenv("GITHUB_STEP_SUMMARY") {
		return nil
	}
	text, _ := os.ReadFile(f.summary)
	return text
}
