package plan

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/graph"
	"github.com/flowrider/flowrider/engine/hook"
	"github.com/flowrider/flowrider/engine/index"
	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/schema"
)

// Tools are what a Session works with. The engine puts them together.
type Tools struct {
	Records *record.Store
	Blobs   *blob.Store
	Runners map[string]runner.Runner
	// Environment makes an environment from its evaluated arguments.
	Environment func(block *schema.Environment, arguments map[string]eval.Value) (environment.Environment, hcl.Diagnostics)
	// Hooks calls Python hooks, in one interpreter.
	Hooks func(ctx context.Context, interpreter hook.Interpreter, calls []hook.Call) []hook.Result
	// Python is the folder of flowrider's Python package, for PYTHONPATH.
	Python func() string
	// Files are the indexes of the projects' files; nil to read every file.
	Files *index.Cache
	// SavedPlan says whether there is a saved plan at a path: no flow sees it.
	// It may be nil.
	SavedPlan func(path string) bool
	// Log receives what hooks print.
	Log io.Writer
	// Unmerged is what git has of a file that it could not merge, by its slash
	// path below the root; empty where it has nothing. It may be nil.
	Unmerged func(path string) (ours, theirs []byte)
	// Now is the clock by which results expire; nil is the machine's.
	Now func() time.Time
}

// Options say how to plan.
type Options struct {
	Targets []Target // with their dependencies; none means all
	Replace []Target // forced to run
	Exclude []Target // left out, with everything that needs them
	// OrFile says that a target may be the path of a saved plan as well, and that
	// there is none: an unknown target is neither.
	OrFile  bool
	NoHooks bool
	// Strict refuses flows that go by asserted records.
	Strict bool
	// Explain walks all that the targets come after, needed or not: what a
	// pinned flow would be without its pin depends on it.
	Explain bool
	// Offline starts no process: no hook is called, and an environment that is
	// not built is taken to have the Python that its lock prefers.
	Offline bool
	// NoRefresh takes it for granted that the recorded runs are there.
	NoRefresh bool
	// NoResume begins every run from the beginning.
	NoResume bool
	// Locked refuses environments whose lock is absent or stale.
	Locked bool
	// Approved is a plan to carry out: it says what is walked and forced, and
	// which values hooks have, instead of Targets and Replace.
	Approved *Approved
	// Saved are the absolute paths of plans that are being saved or carried
	// out. No flow sees them.
	Saved []string
	// Values are the absolute paths of files of values that were named.
	Values []string
	// Environments reads the locks of all environments, used or not.
	Environments bool
}

// Session is one walk over a configuration with what is known so far. It is
// used by one goroutine; other goroutines may use what it has handed out (a
// decided Flow, a HookCalls, an Environment), and Call, StillThere, ChildEnv,
// Given, Now and Locate.
type Session struct {
	Config  *schema.Config
	Options Options
	Graph   *graph.Graph
	Wanted  map[string]bool // nodes of Graph: the targets and what they need
	Notes   []string

	tools     Tools
	eval      *eval.Evaluator
	given     eval.Given
	instances map[string]*eval.Instance
	order     []string

	environments map[string]*Environment
	hooks        map[string]*hookState   // by address without "hook."
	hookBlocks   map[string]*schema.Hook // likewise
	projects     map[string]*project
	outputs      map[string]written  // by its published path, absolute
	omits        map[string][]string // what is never bundled, by the project's root
	noMore       []schema.Address    // flows that have a record and are not declared; nil until asked for
	left         map[string][]string // what a bundle of the whole project leaves out, by its root
	listings     map[string]*listed
	nearbys      map[lookup]nearby
	results      map[string]*record.Record // of flows whose run is known, by address
	outcomes     map[string]eval.Result    // what is known of each flow's result, by address
	decided      map[string]*Flow
	first        map[string]string // config hash: the flow of this walk that runs for it
	pins         map[string]*pin   // by address of the instance
	terms        map[string]*Terms // by address of the instance
	pools        map[string]int64  // how much there is of each
	moves        []*move
	imports      map[string]*wanted                   // by address of the instance
	adopted      map[string]manifest.Manifest         // of adopted runs, by config hash: no record keeps them yet
	allEntries   []*record.Record                     // of the history; nil until asked for
	forms        map[component][]*record.Record       // the same, as formsWith has them
	lastRuns     map[string]*record.Record            // the newest of the history, by flow; nil until asked for
	files        map[[2]string][]Change               // of two bundles, by their digests as manifests have them
	planned      map[string]*Flow                     // of the approved plan, by address
	latest       func(schema.Address) *record.Attempt // of a flow; nil until asked for
	named        map[string]bool                      // nodes that the targets name
	forced       map[string]bool                      // nodes that are forced to run
	excluded     map[string]bool                      // nodes that are left out by name
}

// NewSession expands the configuration and prepares the walk. It starts
// nothing.
func NewSession(config *schema.Config, given eval.Given, tools Tools, options Options) (*Session, hcl.Diagnostics) {
	s := &Session{
		Config: config, Options: options, tools: tools, given: given, eval: eval.New(config, given),
		instances: map[string]*eval.Instance{}, environments: map[string]*Environment{}, hooks: map[string]*hookState{}, hookBlocks: map[string]*schema.Hook{},
		projects: map[string]*project{}, outputs: map[string]written{}, omits: map[string][]string{}, left: map[string][]string{}, listings: map[string]*listed{}, nearbys: map[lookup]nearby{},
		results: map[string]*record.Record{}, outcomes: map[string]eval.Result{}, decided: map[string]*Flow{}, first: map[string]string{},
		pins: map[string]*pin{}, terms: map[string]*Terms{}, pools: map[string]int64{}, imports: map[string]*wanted{}, adopted: map[string]manifest.Manifest{}, files: map[[2]string][]Change{},
	}
	instances, diags := s.eval.Instances()
	if diags.HasErrors() {
		return s, diags
	}
	for _, instance := range instances {
		s.instances[instance.Address.String()] = instance
	}
	for _, block := range s.eval.Hooks() {
		s.hookBlocks[block.Address.Local()] = block
	}
	diags = append(diags, s.declarePins(instances)...)
	s.Graph = s.eval.Graph(instances, s.pinned())
	s.order = s.Graph.Order()
	diags = append(diags, s.declareMoves()...)
	diags = append(diags, s.declareImports()...)
	diags = append(diags, s.target()...)
	diags = append(diags, s.declareProjects()...)
	diags = append(diags, s.declareEnvironments()...)
	diags = append(diags, s.declareOutputs(instances)...)
	diags = append(diags, s.checkProjects()...)
	diags = append(diags, s.declareTerms(instances)...)
	if _, err := tools.Records.KnownStoreID(); err != nil {
		s.note(err.Error()) // all runs seem to lie elsewhere
	}
	return s, diags
}

// Plan walks the whole graph and decides each flow with what is known.
func (s *Session) Plan(ctx context.Context) (*Plan, hcl.Diagnostics) {
	p := &Plan{FormatVersion: FormatVersion, Workspace: s.given.Workspace, Flows: []*Flow{}}
	diags := s.Walk(ctx, func(flow *Flow) {
		p.Flows = append(p.Flows, flow)
		p.Summary.count(flow.Verdict)
	})
	if !diags.HasErrors() {
		_, moreDiags := s.Outputs() // for their mistakes: better now than after an hour
		diags = append(diags, moreDiags...)
	}
	if s.Options.NoRefresh {
		s.note("config hashes alone were compared: whether the recorded runs still exist was not checked (--refresh=false)")
	}
	s.noteValues()
	for _, address := range s.undeclared() {
		p.Undeclared = append(p.Undeclared, address.String())
	}
	if p.Notes = s.Notes; len(s.Config.Flows) == 0 { // they may be where nobody reads them
		p.Notes = append(s.Config.UnreadFiles(), p.Notes...)
	}
	s.tools.Files.Save()
	return p, diags
}

// Walk decides each flow that is wanted, after what it needs, and hands it out
// before the next one is decided.
func (s *Session) Walk(ctx context.Context, decided func(*Flow)) hcl.Diagnostics {
	var diags hcl.Diagnostics
	told := newTold()
	for _, node := range s.order {
		if !s.Wanted[node] {
			continue
		}
		if s.IsHook(node) {
			diags = append(diags, s.CallHooks(ctx, node)...)
			continue
		}
		if instance := s.instances[node]; instance != nil {
			flow, moreDiags := s.Decide(instance, nil)
			diags = append(diags, told.others(instance, moreDiags)...)
			decided(flow)
		}
	}
	told.sayWhere()
	return diags
}

// Bundle lists what the bundle of a flow, or of the first of its instances,
// would hold.
func (s *Session) Bundle(address schema.Address) (*bundle.Listing, hcl.Diagnostics) {
	for _, node := range s.order {
		instance := s.instances[node]
		if s.IsHook(node) {
			s.leaveUnknown(hookName(node))
		}
		if instance == nil {
			continue
		}
		if instance.Address != address && instance.Address.Whole() != address {
			s.Fail(&Flow{Address: node, Runner: instance.Flow.Kind, Instance: instance})
			continue
		}
		flow := &Flow{Address: node, Runner: instance.Flow.Kind, Instance: instance}
		var diags hcl.Diagnostics
		if flow.Resolved, diags = s.eval.Flow(instance); diags.HasErrors() {
			return nil, diags
		}
		diags = s.describe(flow)
		return flow.Listing, diags
	}
	return &bundle.Listing{}, nil // a for_each without keys
}

// Secrets are all sensitive values that have become known. They may be asked
// from any goroutine.
func (s *Session) Secrets() *redact.Secrets { return s.given.Secrets }

// Now is the time by the clock that results expire by.
func (s *Session) Now() time.Time {
	if s.tools.Now == nil {
		return time.Now()
	}
	return s.tools.Now()
}

// Instance is the instance of that address, or nil if the node is no flow.
func (s *Session) Instance(node string) *eval.Instance { return s.instances[node] }

// Wants lists the addresses of the instances that are walked, in order.
func (s *Session) Wants() []string {
	var list []string
	for _, node := range s.order {
		if s.Wanted[node] && s.instances[node] != nil {
			list = append(list, node)
		}
	}
	return list
}

// Addresses lists all instances, in order.
func (s *Session) Addresses() []schema.Address {
	var list []schema.Address
	for _, node := range s.order {
		if instance := s.instances[node]; instance != nil {
			list = append(list, instance.Address)
		}
	}
	return list
}

// Settle puts a flow's result in: from here on, references resolve to the
// run of this record.
func (s *Session) Settle(flow *Flow, rec *record.Record) {
	s.results[flow.Address] = rec
	result, _ := s.resultOf(flow, rec)
	s.put(flow, result)
}

// put makes a result what references to the flow are worth.
func (s *Session) put(flow *Flow, result eval.Result) {
	s.outcomes[flow.Address] = result
	s.eval.SetFlow(flow.Instance, result)
}

// Fail says that a flow has no result in this walk, so that what depends on
// it stays unknown.
func (s *Session) Fail(flow *Flow) {
	delete(s.results, flow.Address)
	if flow.ConfigHash != nil && s.first[*flow.ConfigHash] == flow.Address {
		delete(s.first, *flow.ConfigHash) // a twin may try
	}
	s.put(flow, eval.Result{Parameters: parameters(flow.Resolved)})
}

// parameters are a flow's evaluated parameters, an empty object without any.
func parameters(resolved *eval.Flow) eval.Value {
	if resolved != nil {
		return resolved.Parameters
	}
	return eval.Plain(cty.EmptyObjectVal)
}

// listed is a selection's listing, or why there is none.
type listed struct {
	root    string // of the project, absolute
	listing *bundle.Listing
	err     error

	problem *hcl.Diagnostic // of err, once for all flows
	flows   []string        // which it tells of
}

// dependencies are the flows that a node needs, through hooks and for_each
// too, in order.
func (s *Session) dependencies(node string) []string {
	var list []string
	seen := map[string]bool{node: true}
	pending := s.Graph.Needs(node)
	for len(pending) > 0 {
		next := pending[0]
		pending = pending[1:]
		if seen[next] {
			continue
		}
		seen[next] = true
		if s.instances[next] != nil {
			list = append(list, next)
		} else {
			pending = append(pending, s.Graph.Needs(next)...)
		}
	}
	slices.Sort(list)
	return list
}
