package schema

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Reference is one use of a name in an expression: what it refers to, and
// what of it.
type Reference struct {
	Address   Address       // with a key where a literal one is written
	Traversal hcl.Traversal // as it is written

	steps int // of the traversal that are the address; 0 where that is incomplete
}

// Complete says whether it says which block it refers to, where its root is a
// kind of block.
func (r *Reference) Complete() bool { return r.steps > 0 }

// Rest is what follows the address: .run_id, .output.docs.path, …
func (r *Reference) Rest() hcl.Traversal { return r.Traversal[max(r.steps, 1):] }

// Range is where it stands.
func (r *Reference) Range() hcl.Range { return r.Traversal.SourceRange() }

// IsDeclared says whether a root is followed by the name of a block. It is asked
// for each reference, and often.
func IsDeclared(root string) bool {
	return IsKeyed(root) || root == "var" || root == "local" || root == "project"
}

// IsKeyed says whether blocks may have for_each.
func IsKeyed(block string) bool { return block == "flow" || block == "hook" || block == "environment" }

// NewReference is what a traversal refers to.
func NewReference(traversal hcl.Traversal) *Reference {
	r := &Reference{Address: Address{Block: traversal.RootName()}, Traversal: traversal}
	if !IsDeclared(r.Address.Block) {
		r.steps = 1
		return r
	}
	name, ok := Step[hcl.TraverseAttr](r.Rest())
	if !ok {
		return r
	}
	r.Address.Name, r.steps = name.Name, 2
	if index, ok := Step[hcl.TraverseIndex](r.Rest()); ok && IsKeyed(r.Address.Block) && index.Key.Type() == cty.String {
		r.Address, r.steps = r.Address.Instance(index.Key.AsString()), 3
	}
	return r
}

// Step is the first step of a traversal, if it is one of its kind.
func Step[T hcl.Traverser](traversal hcl.Traversal) (T, bool) {
	var none T
	if len(traversal) == 0 {
		return none, false
	}
	step, ok := traversal[0].(T)
	return step, ok
}

// References are those that an expression has, in source order.
func References(expr hcl.Expression) []*Reference {
	if simple, ok := expr.(*Simple); ok {
		return simple.References
	}
	used := expr.Variables()
	if len(used) == 0 {
		return nil
	}
	list := make([]*Reference, len(used))
	for i, traversal := range used {
		list[i] = NewReference(traversal)
	}
	slices.SortStableFunc(list, func(a, b *Reference) int { return a.Range().Start.Byte - b.Range().Start.Byte })
	return list
}

// Complete are those references that say which block they refer to.
func Complete(list []*Reference) []*Reference {
	incomplete := func(reference *Reference) bool { return !reference.Complete() }
	if !slices.ContainsFunc(list, incomplete) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), incomplete)
}
