package plan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// LocksDir is the folder of lock files below the root folder.
const LocksDir = "locks"

// Environment is one environment block with what is known of it in a walk.
// Lock and Build may be called from several goroutines.
type Environment struct {
	Block          *schema.Environment
	InstallProject bool

	impl  environment.Environment
	named map[string]string // the packages of the block, with their versions
	open  bool              // others come from files

	mutex sync.Mutex
	lock  *environment.Lock
	stale string
	built *environment.Prefix
	err   error // of a build that failed; not tried again in this walk
}

// declareEnvironments evaluates the environment blocks and reads their locks.
func (s *Session) declareEnvironments() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, block := range s.eval.Environments() {
		values, moreDiags := s.eval.Block(&block.Block)
		diags = append(diags, moreDiags...)
		if moreDiags.HasErrors() {
			continue
		}
		impl, moreDiags := s.tools.Environment(block, values)
		diags = append(diags, moreDiags...)
		if moreDiags.HasErrors() {
			continue
		}
		e := &Environment{Block: block, InstallProject: values["install_project"].True(), impl: impl, named: map[string]string{}}
		if packages := values["packages"].Unmarked(); packages != cty.NilVal {
			for name, version := range packages.AsValueMap() {
				e.named[name] = version.AsString()
			}
		}
		e.open = len(values["requirements"].Texts()) > 0 || e.InstallProject
		s.environments[block.Address.Local()] = e
		if !s.Wanted[block.Address.String()] && !s.Options.Environments && len(s.pins) == 0 {
			continue
		}
		if err := e.read(); err != nil {
			diags = append(diags, notUsable(block, err)...)
		} else if e.lock == nil && s.Options.Locked {
			subject := block.DeclRange
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "Lock is not current",
				Detail: fmt.Sprintf("%s: %s. Nothing is locked here: run `flowrider env lock %s` and commit what it writes.", block.Address, e.stale, diag.ShellQuote(block.Address.Local())), Subject: &subject,
			})
		} else if e.lock != nil && e.lock.Note != "" {
			s.Notes = append(s.Notes, fmt.Sprintf("%s: %s", block.Address, e.lock.Note))
		}
	}
	return diags
}

// notUsable is the error of an environment, at what the author has to change; each
// where there are several.
func notUsable(block *schema.Environment, err error) (diags hcl.Diagnostics) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			diags = append(diags, notUsable(block, one)...)
		}
		return diags
	}
	subject, detail := block.DeclRange, err.Error()
	var mistake *environment.Mistake
	if errors.As(err, &mistake) {
		detail = mistake.Err.Error()
		if argument := block.Argument(mistake.Argument); argument != nil {
			subject = block.Element(mistake.Argument, mistake.Element)
		}
	}
	if prefix := block.Address.String() + ": "; !strings.HasPrefix(detail, prefix) {
		detail = prefix + detail
	}
	return hcl.Diagnostics{problemIn(subject, "Environment not usable", detail+".")}
}

// read looks at the lock without starting anything.
func (e *Environment) read() error {
	lock, err := e.impl.Locked()
	var stale *environment.Stale
	if errors.As(err, &stale) {
		e.stale = stale.Reason
		return nil
	}
	e.lock = lock
	return err
}

// Environment is the environment of that name, which has its key where there is a
// for_each: ml, or ml["3.12"].
func (s *Session) Environment(name string) *Environment { return s.environments[name] }

// Environments lists all environments, in source order.
func (s *Session) Environments() []*Environment {
	var list []*Environment
	for _, block := range s.eval.Environments() {
		if e := s.environments[block.Address.Local()]; e != nil {
			list = append(list, e)
		}
	}
	return list
}

// Locked is the lock, or nil and why it is stale.
func (e *Environment) Locked() (*environment.Lock, string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.lock, e.stale
}

// Prefix is the built environment, if it stands on this machine.
func (e *Environment) Prefix() (*environment.Prefix, bool) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.prefix()
}

func (e *Environment) prefix() (*environment.Prefix, bool) {
	if e.built == nil && e.lock != nil {
		if prefix, ok := e.impl.Built(e.lock); ok {
			e.built = prefix
		}
	}
	return e.built, e.built != nil
}

// Lock makes a stale lock anew.
func (e *Environment) Lock(ctx context.Context, log io.Writer) error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.lock != nil {
		return nil
	}
	lock, err := e.impl.Lock(ctx, log)
	if err != nil {
		return err
	}
	e.lock, e.stale = lock, ""
	return nil
}

// Build builds the environment if it does not stand yet. Whoever comes second
// waits for the first.
func (e *Environment) Build(ctx context.Context, log io.Writer) (*environment.Prefix, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if prefix, ok := e.prefix(); ok {
		return prefix, nil
	}
	if e.err != nil {
		return nil, e.err
	}
	e.built, e.err = e.impl.Build(ctx, e.lock, log)
	return e.built, e.err
}

// WithoutMetaflow says that Metaflow is not in an environment, or returns nil. It is
// a warning where a package that is not locked yet may bring it.
func (e *Environment) WithoutMetaflow() *hcl.Diagnostic {
	has := func(text string) bool {
		return strings.Contains(text, "metaflow") || strings.Contains(text, "outerbounds")
	} // forks too
	for name, version := range e.named {
		if has(strings.ToLower(name + version)) {
			return nil
		}
	}
	lock, _ := e.Locked()
	if lock == nil && e.open || lock != nil && (e.InstallProject || slices.ContainsFunc(lock.Packages, func(p environment.Package) bool { return has(p.Name) })) {
		return nil
	}
	argument, subject := e.Block.Argument("packages"), e.Block.DeclRange
	packages := []string{schema.As(subject, `metaflow = ""`, `"metaflow": ""`)}
	if argument != nil {
		subject = argument.Expr.Range()
	}
	for _, name := range slices.Sorted(maps.Keys(e.named)) {
		written := name
		if !hclsyntax.ValidIdentifier(name) {
			written = strconv.Quote(name)
		}
		packages = append(packages, schema.As(subject, written+" = ", strconv.Quote(name)+": ")+strconv.Quote(e.named[name]))
	}
	if most := 4; len(packages) > most {
		packages = append(packages[:most], "…")
	}
	way := fmt.Sprintf("%s{ %s }.", schema.As(subject, "packages = ", `"packages": `), strings.Join(packages, ", "))
	if lock == nil && len(e.named) > 0 {
		problem := problemIn(subject, "No Metaflow", fmt.Sprintf("%s has flows of Metaflow, and no package metaflow. If none of its packages brings it, write %s", e.Block.Address, way))
		problem.Severity = hcl.DiagWarning
		return problem
	}
	return problemIn(subject, "No Metaflow", fmt.Sprintf("%s has flows of Metaflow, and no package metaflow: write %s", e.Block.Address, way))
}

// packageChanges lists the packages that differ between the facts of two
// locks.
func packageChanges(old, now string) []Change {
	before, after := environment.Versions(old), environment.Versions(now)
	names := append(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after))...)
	slices.Sort(names)
	var changes []Change
	for _, name := range slices.Compact(names) {
		if before[name] != after[name] {
			changes = append(changes, Change{Path: name, Old: jsonText(before[name]), New: jsonText(after[name])})
		}
	}
	return changes
}
