package eval

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/schema"
)

// roots are the names that an expression may begin with, sorted.
var roots = []string{"each", "environment", "flow", "git", "hook", "local", "path", "project", "var", "workspace"}

// declared are the roots whose second part is the name of a block.
var declared = slices.DeleteFunc(slices.Clone(roots), func(root string) bool { return !schema.IsDeclared(root) })

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
