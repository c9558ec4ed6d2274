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
	Rest      hcl.Traversal // what follows the address: .run_id, .output.docs.path, …
	Range     hcl.Range
	Traversal hcl.Traversal // all of it, as it is written
	Complete  bool          // it says which block it refers to, where its root is a kind of block
}

// IsDeclared says whether a root is followed by the name of a block. It is asked
// for each reference, and often.
func IsDeclared(root string) bool {
	return IsKeyed(root) || root == "var" || root == "local" || root == "project"
}

// IsKeyed says whether blocks may have for_each.
func IsKeyed(block string) bool { return block == "flow" || block == "hook" || block == "environment" }

// NewReference is what a traversal refers to.
func NewReference(traversal hcl.Traversal) *Reference {
	reference := &Reference{Address: Address{Block: traversal.RootName()}, Range: traversal.SourceRange(), Traversal: traversal, Complete: true}
	reference.Rest = traversal[1:]
	if !IsDeclared(reference.Address.Block) {
		return reference
	}
	name, ok := Step[hcl.TraverseAttr](reference.Rest)
	if !ok {
		reference.Complete = false
		return reference
	}
	reference.Address.Name, reference.Rest = name.Name, reference.Rest[1:]
	if index, ok := Step[hcl.TraverseIndex](reference.Rest); ok && IsKeyed(reference.Address.Block) && index.Key.Type() == cty.String {
		reference.Address, reference.Rest = reference.Address.Instance(index.Key.AsString()), reference.Rest[1:]
	}
	return reference
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
	slices.SortStableFunc(list, func(a, b *Reference) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	return list
}

// Complete are those references that say which block they refer to.
func Complete(list []*Reference) []*Reference {
	incomplete := func(reference *Reference) bool { return !reference.Complete }
	if !slices.ContainsFunc(list, incomplete) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), incomplete)
}
