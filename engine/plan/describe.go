package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/index"
	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/runner"
)

// describe makes the manifest: everything that decides what the flow
// computes.
func (s *Session) describe(flow *Flow) hcl.Diagnostics {
	place, diags := s.place(flow.Resolved)
	if diags.HasErrors() {
		return diags
	}
	flow.Place = place
	if place.Unplaced {
		flow.Listing = &bundle.Listing{}
	}
	if flow.Listing == nil {
		listed := s.list(place.Selection)
		if listed.err != nil {
			return append(diags, s.unbundled(flow, listed))
		}
		flow.Listing = listed.listing
	}
	facts, uses := s.facts(flow)
	flow.Manifest, flow.Uses = manifest.New(facts), uses
	flow.Inputs, flow.Reads = s.inputs(flow), s.reads(flow)
	if flow.Manifest.Known() {
		hash := flow.Manifest.Hash()
		flow.ConfigHash = &hash
	}
	return diags
}

// locate finds the files of a flow of which only a part can be evaluated, if that is
// enough to know them: there may be mistakes in them.
func (s *Session) locate(flow *Flow) hcl.Diagnostics {
	place, diags := s.place(flow.Resolved)
	if diags.HasErrors() || place.Unplaced || !flow.Instance.Flow.Located {
		return diags
	}
	listed := s.list(place.Selection)
	if listed.err != nil {
		return diags // it is told of flows that are whole
	}
	flow.Place, flow.Listing = place, listed.listing
	if moreDiags := s.checkFile(flow); moreDiags.HasErrors() {
		flow.Listing = nil
		return append(diags, moreDiags...)
	}
	return diags
}

// unbundled gives a failure to list a project's files its place: the argument
// with the glob, where it is one, else the first flow that has those files.
func (s *Session) unbundled(flow *Flow, listed *listed) *hcl.Diagnostic {
	var pattern *bundle.PatternError
	isPattern := errors.As(listed.err, &pattern)
	if own := flow.Instance.Flow.Bundle; isPattern && own != nil && own.Argument(pattern.Argument) != nil {
		return problemAt(own.Argument(pattern.Argument), "Unsuitable path", fmt.Sprintf("%s: %v", flow.Address, listed.err))
	}
	if listed.problem == nil {
		listed.problem = problemIn(flow.Instance.Flow.DeclRange, "Project cannot be bundled", "")
		for _, project := range s.Config.Projects {
			if isPattern && project.Argument(pattern.Argument) != nil {
				listed.problem = problemAt(project.Argument(pattern.Argument), "Unsuitable path", "")
				break
			}
		}
	}
	if whole := flow.Instance.Address.Whole().String(); !slices.Contains(listed.flows, whole) {
		listed.flows = append(listed.flows, whole)
	}
	listed.problem.Detail = fmt.Sprintf("%s: %v", strings.Join(shortened(listed.flows), ", "), listed.err)
	return listed.problem
}

// shortened is a list with no more than can be read.
func shortened(names []string) []string {
	const most = 3
	if hidden := len(names) - most; hidden > 1 {
		return append(names[:most:most], fmt.Sprintf("and %d other flows", hidden))
	}
	return names
}

// list reads a selection once in a walk, however many flows share it.
func (s *Session) list(selection bundle.Selection) *listed {
	short := selection
	short.Omit = nil // the same for all selections from one root, and long
	key, err := json.Marshal(short)
	if err != nil {
		panic(err) // texts and booleans always encode
	}
	if known, ok := s.listings[string(key)]; ok {
		return known
	}
	listing, err := bundle.List(selection, s.Index(selection.Root))
	s.listings[string(key)] = &listed{root: selection.Root, listing: listing, err: err}
	if err == nil {
		for _, warning := range listing.Warnings() {
			s.Notes = append(s.Notes, warning)
		}
	}
	return s.listings[string(key)]
}

// Index is what is known of the files below a project's root.
func (s *Session) Index(root string) *index.Index { return s.tools.Files.Of(root) }

// shellAddress is what to type for the flow, without a key that would need
// quotes.
func shellAddress(flow *Flow) string { return flow.Instance.Address.Whole().String() }

// facts lists every leaf of the manifest, and which leaves depend on runs and
// hooks.
func (s *Session) facts(flow *Flow) ([]manifest.Fact, []eval.Use) {
	hashed := runner.Arguments{}
	for name, value := range flow.Resolved.Arguments {
		hashed[name] = value.Hashed
	}
	facts := []manifest.Fact{known("runner", manifest.Quote(flow.Runner)), known("bundle", manifest.Quote(flow.Listing.Digest))}
	facts = append(facts, s.spec(flow, hashed)...)
	var uses []eval.Use
	for name, value := range flow.Resolved.Arguments {
		uses = append(uses, value.Uses(manifest.At(name))...)
	}
	for _, name := range []string{"env", "salt"} {
		if value, ok := flow.Resolved.Arguments[name]; ok {
			facts = append(facts, eval.Facts(manifest.At(name), value.Hashed)...)
		}
	}
	facts = append(facts, environmentFacts(flow.Place.Environment, flow.Place.Package)...)
	facts = append(facts, outputFacts(flow.Resolved)...)
	dependsOn, moreUses := s.dependsOnFacts(flow)
	return append(facts, dependsOn...), append(uses, moreUses...)
}

func known(label, value string) manifest.Fact {
	return manifest.Fact{Path: manifest.At(label), Value: value}
}

// environmentFacts are the lock's digest and, where the project itself is
// importable, from where: pkg is its package.
func environmentFacts(e *Environment, pkg string) []manifest.Fact {
	if e == nil {
		return []manifest.Fact{known("environment", "null")}
	}
	fact := manifest.Fact{Path: manifest.At("environment"), Unknown: true}
	if lock, _ := e.Locked(); lock != nil {
		fact = known("environment", manifest.Quote(lock.Digest))
	}
	if e.InstallProject {
		return []manifest.Fact{fact, known("install_project", manifest.Quote(pkg))}
	}
	return []manifest.Fact{fact}
}

// outputFacts are the declared files of a command: a run made without one of
// them does not have it. Where they are published does not count.
func outputFacts(resolved *eval.Flow) []manifest.Fact {
	var facts []manifest.Fact
	for _, name := range slices.Sorted(maps.Keys(resolved.Outputs)) {
		for _, argument := range []string{"file", "stdout"} {
			if value, ok := resolved.Outputs[name][argument]; ok {
				facts = append(facts, eval.Facts(manifest.At("outputs", name, argument), value.Hashed)...)
			}
		}
	}
	return facts
}

// spec is what a flow's runner picks from its arguments, in one of their forms.
func (s *Session) spec(flow *Flow, arguments runner.Arguments) []manifest.Fact {
	var facts []manifest.Fact
	spec := s.tools.Runners[flow.Runner].Spec(arguments)
	for _, label := range slices.Sorted(maps.Keys(spec)) {
		facts = append(facts, eval.Facts(manifest.At(strings.SplitN(label, ".", 2)...), spec[label])...)
	}
	return facts
}

// dependsOnFacts are the data versions of depends_on, sorted, so that neither
// names nor order count.
func (s *Session) dependsOnFacts(flow *Flow) ([]manifest.Fact, []eval.Use) {
	at := manifest.At("depends_on")
	var versions []string
	var uses []eval.Use
	unknown := manifest.Fact{Path: at}
	for _, address := range s.eval.Dependencies(flow.Instance) {
		uses = append(uses, eval.Use{At: at, Source: eval.Run{Flow: address.String()}})
		upstream := s.outcomes[address.String()]
		if upstream.DataVersion == "" {
			unknown.Unknown = true
			unknown.Changes = unknown.Changes || upstream.Changes
		}
		versions = append(versions, upstream.DataVersion)
	}
	if unknown.Unknown {
		return []manifest.Fact{unknown}, uses
	}
	slices.Sort(versions)
	var facts []manifest.Fact
	for i, version := range versions {
		facts = append(facts, manifest.Fact{Path: at.With(manifest.Index(i)), Value: manifest.Quote("@" + version)})
	}
	return facts, uses
}
