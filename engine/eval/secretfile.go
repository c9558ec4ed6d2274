package eval

import (
	"maps"
	"path/filepath"
	"slices"

	"github.com/flowrider/flowrider/internal/limit"
)

// SecretFiles are the files that file() and its kin read where the argument
// secrets of any of all instances is evaluated, and in the local values behind
// it, as far as that can be known before anything runs: slash paths below the
// root folder, sorted. A symlink's target is one too.
func (e *Evaluator) SecretFiles(instances []*Instance) []string {
	read := map[string]bool{}
	reader := New(e.config, Given{Variables: e.given, Secrets: e.secrets}) // what e knows already is not evaluated again
	reader.extra, reader.keys = e.extra, e.keys
	for _, instance := range instances {
		reader.flows[instance.Address] = &standing{value: &UnknownValue, madeUp: &UnknownValue}
	}
	reader.real = library{root: e.config.Root, read: func(name string) {
		folder, clean, err := inRoot(e.config.Root, name)
		if err != nil {
			return
		}
		folder.Close()
		read[filepath.ToSlash(clean)] = true
		root, err := filepath.EvalSymlinks(e.config.Root)
		if err != nil {
			return
		}
		if target, err := filepath.EvalSymlinks(filepath.Join(root, clean)); err == nil {
			if rel, err := filepath.Rel(root, target); err == nil && filepath.IsLocal(rel) {
				read[filepath.ToSlash(rel)] = true
			}
		}
	}}.functions()
	for _, instance := range instances {
		if argument := instance.Flow.Argument("secrets"); argument != nil {
			if scope, diags := reader.scope(argument.Expr, instance.Each); !diags.HasErrors() {
				_, _ = limit.Value(argument.Expr, scope.real(reader)) // mistakes are told where the flow itself is evaluated
			}
		}
	}
	return slices.Sorted(maps.Keys(read))
}
