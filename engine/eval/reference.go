package eval

import (
	"github.com/hashicorp/hcl/v2"
)

// roots are the names that an expression may begin with, sorted.
var roots = []string{"each", "environment", "flow", "git", "hook", "local", "path", "project", "var", "workspace"}

// declared are the roots whose second part is the name of a block.
var declared = []string{"environment", "flow", "hook", "local", "project", "var"}

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
