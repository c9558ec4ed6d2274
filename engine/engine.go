// Package engine is the table of contents: Load reads a configuration, Plan
// says what would run and why, Apply runs it. Each step is a package of its
// own below this one; here they are put together, and nothing is decided.
//
// It prints nothing (cmd/flowrider) and knows no flags.
package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/hook"
	"github.com/flowrider/flowrider/engine/index"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/saved"
	"github.com/flowrider/flowrider/engine/source"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/heap"
	"github.com/flowrider/flowrider/internal/limit"
	"github.com/flowrider/flowrider/internal/machine"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/python"
	"github.com/flowrider/flowrider/schema"
)

// Project is a loaded configuration.
type Project struct {
	Config  *schema.Config
	Records *record.Store
	Locking Locking

	given  eval.Given
	texts  map[string]string // values of variables that were given, as they could be typed
	blobs  *blob.Store
	files  *index.Cache // nil without one
	log    io.Writer
	depth  source.Depth
	python func() string // folder of flowrider's Python package
	values []string      // files of values that were named, absolute
}

// LoadOptions say how to load a configuration.
type LoadOptions struct {
	Values    Values
	Secrets   *redact.Secrets // is told every sensitive value as it becomes known; nil for nobody
	Workspace string          // "" for the one that is selected
	Log       io.Writer       // receives what tools and hooks print; nil for nowhere
	NoCache   bool            // the index of files is neither read nor written
	Rehash    bool            // the index of files is not believed, and written anew
	// Looking is for commands that show what there is: they need no values, and
	// a variable without one is unknown.
	Looking bool
	NoGit   bool // git is not asked: git.commit and the like are empty
	// Git is for expressions that are not in the configuration: git.* has its
	// values whether the configuration refers to them or not.
	Git bool
	// Source says how far Validate looks at the source of flows and hooks.
	Source source.Depth
}

// Open reads the configuration in a folder and checks nothing but its form. It
// is in the default workspace. The Project is usable for showing the
// diagnostics' sources in any case.
func Open(root string) (*Project, hcl.Diagnostics) {
	absolute, err := filepath.Abs(root)
	if err == nil {
		absolute, err = filepath.EvalSymlinks(absolute)
	}
	if err != nil {
		return &Project{Config: &schema.Config{}}, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unreadable folder", Detail: unreadable(root, err)}}
	}
	config, diags := schema.Load(absolute)
	return &Project{
		Config: config, blobs: blob.Open(absolute),
		python:  sync.OnceValue(func() string { return installPython(absolute) }),
		Records: record.Open(absolute, config.Settings.Runs, durable.Writer{}),
	}, diags
}

// unreadable says why a folder cannot be the root folder, with the one that is meant
// if its name is misspelt.
func unreadable(root string, err error) string {
	if !errors.Is(err, fs.ErrNotExist) {
		return err.Error() + "."
	}
	parent, name := filepath.Split(filepath.Clean(root))
	var folders []string
	entries, _ := os.ReadDir(cmp.Or(parent, "."))
	for _, entry := range entries {
		if entry.IsDir() {
			folders = append(folders, entry.Name())
		}
	}
	detail := fmt.Sprintf("There is no folder %s.", root)
	if best := diag.Suggest(name, folders); best != "" {
		detail += fmt.Sprintf(" Did you mean %s?", parent+best)
	}
	return detail
}

// Load opens the configuration in a folder and checks all of it without
// evaluating more than variables. Where something is wrong, all else is
// evaluated too, for what is wrong there.
func Load(root string, options LoadOptions) (*Project, hcl.Diagnostics) {
	heap.Roomy()
	limit.Begin()
	p, diags := Open(root)
	config := p.Config
	if len(config.Sources) == 0 {
		return p, diags
	}
	p.log, p.depth, p.values = options.Log, options.Source, options.Values.places()
	diags = append(diags, eval.Check(config)...)
	diags = append(diags, p.enterWorkspace(options.Workspace)...)
	inputs, moreDiags := options.Values.inputs(config)
	unread := moreDiags.HasErrors()
	diags = append(diags, moreDiags...)
	values, sound, moreDiags := p.variables(diags, inputs, options.Looking)
	options.Values.nearMisses(config, moreDiags)
	if unread { // values that are missing may be there
		moreDiags = slices.DeleteFunc(moreDiags, eval.IsMissingVariable)
	}
	unshown(config, inputs, append(diags, moreDiags...))
	p.texts = texts(config, inputs, values)
	p.give(values, options)
	if diags = append(diags, moreDiags...); diags.HasErrors() {
		return p, append(diags, p.furtherMistakes(context.Background(), sound)...)
	}
	if !options.NoCache {
		p.files = index.Open(filepath.Join(config.Root, record.Local, "cache", "files"), p.Records.Prepare, options.Rehash)
	}
	return p, diags
}

// give says what expressions are evaluated with, besides the configuration.
func (p *Project) give(variables map[string]cty.Value, options LoadOptions) {
	secrets := options.Secrets
	if secrets == nil {
		secrets = &redact.Secrets{}
	}
	p.given = eval.Given{Variables: variables, Workspace: p.Records.Workspace(), Secrets: secrets}
	if (options.Git || mentionsGit(p.Config)) && !options.NoGit {
		facts := readGit(p.Config.Root)
		p.given.GitCommit, p.given.GitBranch, p.given.GitRepo = facts.commit, facts.branch, facts.repo
	}
}

// Session prepares a walk over the configuration.
func (p *Project) Session(options plan.Options) (*plan.Session, hcl.Diagnostics) {
	options.Values = p.values
	environments := func(block *schema.Environment, arguments map[string]eval.Value) (environment.Environment, hcl.Diagnostics) {
		return p.environment(block, arguments, options.Offline)
	}
	return plan.NewSession(p.Config, p.given, plan.Tools{
		Records: p.Records, Blobs: p.blobs, Runners: p.runners(), Environment: environments,
		Hooks: hook.Run, Python: p.python, Files: p.files, SavedPlan: saved.Is, Log: p.log,
		Unmerged: func(path string) (ours, theirs []byte) { return unmerged(p.Config.Root, path) },
	}, options)
}

// installPython unpacks flowrider's own Python package and gives its folder;
// "" where it cannot be unpacked, which the flow that imports it will say. It
// is done when the first process needs it: commands that start none write
// nothing.
func installPython(root string) string {
	folder, err := python.Install(environment.CacheDir(root))
	if err != nil {
		return ""
	}
	return folder
}

// Excesses says which flows of a plan ask for more than this machine has: an
// apply here would refuse them, and one elsewhere may not.
func Excesses(session *plan.Session, planned *plan.Plan) []string {
	var list []string
	for _, d := range apply.CheckMachine(session, planned, machine.Here()) {
		list = append(list, fmt.Sprintf("%s:%d:%d: %s", d.Subject.Filename, d.Subject.Start.Line, d.Subject.Start.Column, d.Detail))
	}
	return list
}

// ApplyOptions say how to apply.
type ApplyOptions struct {
	Plan        plan.Options
	Parallelism int
	FailFast    bool // nothing is started any more once something has failed
}

// Applying is what Apply tells whoever watches, in this order.
type Applying struct {
	Planned func(planned *plan.Plan, warnings hcl.Diagnostics)
	Event   func(apply.Event)
}

// Apply plans, shows the plan, and runs it, holding the apply lock. A lock
// that somebody else holds is a *durable.Held.
func (p *Project) Apply(ctx context.Context, options ApplyOptions, watch Applying) (*apply.Summary, []plan.NamedValue, hcl.Diagnostics, error) {
	recovered, unlock, err := p.lock(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	defer unlock()
	if err := process.BecomeSubreaper(); err != nil {
		return nil, nil, nil, err
	}
	if err := errors.Join(p.Records.RemoveLeftovers(), p.blobs.RemoveLeftovers(), attempt.RemoveSecrets(p.Config.Root)); err != nil {
		return nil, nil, nil, err
	}
	p.files.RemoveLeftovers()
	journal := apply.NewJournal(p.Records)
	summary, outputs, diags, err := p.apply(process.ForApply(ctx, journal.ID), journal, recovered, options, watch)
	if endErr := journal.End(nil); err == nil {
		err = endErr
	}
	return summary, outputs, diags, err
}

// apply is Apply, once the lock is held and what others have left is finished.
func (p *Project) apply(ctx context.Context, journal *apply.Journal, recovered *record.Recovered, options ApplyOptions, watch Applying) (*apply.Summary, []plan.NamedValue, hcl.Diagnostics, error) {
	session, diags := p.Session(options.Plan)
	if diags.HasErrors() {
		return nil, nil, diags, nil
	}
	if err := record.CheckNames(session.Addresses()); err != nil {
		return nil, nil, nil, err
	}
	planned, moreDiags := session.Plan(ctx)
	if diags = append(diags, moreDiags...); diags.HasErrors() {
		return nil, nil, diags, nil
	}
	here := machine.Here()
	if excesses := apply.CheckMachine(session, planned, here); excesses.HasErrors() {
		return nil, nil, append(diags, excesses...), nil
	}
	if refusal := planned.Refusal(); options.Plan.Strict && refusal != nil {
		return nil, nil, nil, refusal
	}
	if err := p.checkReplaceable(planned); err != nil {
		return nil, nil, nil, err
	}
	if approved := options.Plan.Approved; approved != nil {
		approved.Plan.Notes = planned.Notes
		planned = approved.Plan
	}
	watch.Planned(planned, diags)
	summary, err := apply.Run(ctx, session, apply.Tools{
		Records: p.Records, Journal: journal, Blobs: p.blobs, Runners: p.runners(), Python: p.python,
		GitCommit: sync.OnceValue(func() string { return readGit(p.Config.Root).commit }), Log: p.log,
	}, apply.Options{Parallelism: options.Parallelism, Machine: here, FailFast: options.FailFast, Finished: recovered.Finished, Open: recovered.Open}, watch.Event)
	p.files.Save() // with what was hashed while it was copied
	if err != nil {
		return summary, nil, nil, err
	}
	outputs, diags := session.Outputs()
	return summary, outputs, diags, nil
}

// Recorded evaluates the outputs of the configuration with what the selected
// records say, whether up to date or not.
func (p *Project) Recorded(ctx context.Context) (*plan.Session, []plan.NamedValue, hcl.Diagnostics) {
	session, diags := p.Session(plan.Options{})
	if diags.HasErrors() {
		return session, nil, diags
	}
	diags = session.CallOutputHooks(ctx)
	outputs, moreDiags := session.Outputs()
	return session, outputs, append(diags, moreDiags...)
}
