package eval

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// Reference is one use of a name in an expression: what it refers to, and
// what of it.
type Reference struct {
	Address schema.Address // with a key where a literal one is written
	Rest    hcl.Traversal  // what follows the address: .run_id, .output.docs.path, …
	Range   hcl.Range
}

// roots are the names that an expression may begin with, sorted.
var roots = []string{"each", "environment", "flow", "git", "hook", "local", "path", "project", "var", "workspace"}

// declared are the roots whose second part is the name of a block.
var declared = []string{"environment", "flow", "hook", "local", "project", "var"}

// isDeclared says whether a root is one of declared. It is asked for each
// reference, and often.
func isDeclared(root string) bool {
	return isKeyed(root) || root == "var" || root == "local" || root == "project"
}

// isKeyed says whether blocks may have for_each.
func isKeyed(block string) bool { return block == "flow" || block == "hook" || block == "environment" }

// References lists what an expression refers to, in source order. Traversals
// that name nothing sensible are left to Check.
func References(expr hcl.Expression) []Reference {
	return referencesOf(expr.Variables())
}

func referencesOf(used []hcl.Traversal) []Reference {
	if len(used) == 0 {
		return nil
	}
	list := make([]Reference, 0, len(used))
	for _, traversal := range used {
		if reference, ok := parseReference(traversal); ok {
			list = append(list, reference)
		}
	}
	slices.SortStableFunc(list, func(a, b Reference) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	return list
}

func parseReference(traversal hcl.Traversal) (Reference, bool) {
	reference := Reference{Address: schema.Address{Block: traversal.RootName()}, Range: traversal.SourceRange()}
	rest := traversal[1:]
	if isDeclared(reference.Address.Block) {
		name, ok := first[hcl.TraverseAttr](rest)
		if !ok {
			return reference, false
		}
		reference.Address.Name, rest = name.Name, rest[1:]
		if index, ok := first[hcl.TraverseIndex](rest); ok && isKeyed(reference.Address.Block) && index.Key.Type() == cty.String {
			reference.Address, rest = reference.Address.Instance(index.Key.AsString()), rest[1:]
		}
	}
	reference.Rest = rest
	return reference, true
}

func first[T hcl.Traverser](traversal hcl.Traversal) (T, bool) {
	var none T
	if len(traversal) == 0 {
		return none, false
	}
	step, ok := traversal[0].(T)
	return step, ok
}

// attributes are the names that follow one another from the start of a
// traversal.
func attributes(traversal hcl.Traversal) []hcl.TraverseAttr {
	var names []hcl.TraverseAttr
	for _, step := range traversal {
		name, ok := step.(hcl.TraverseAttr)
		if !ok {
			break
		}
		names = append(names, name)
	}
	return names
}
