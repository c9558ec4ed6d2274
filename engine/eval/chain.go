package eval

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/schema"
)

// checkChains refuses local values that need one another in too long a chain:
// each is evaluated inside of the evaluation of the next. There are no cycles.
func checkChains(config *schema.Config) hcl.Diagnostics {
	depth := map[string]int{} // of those that are settled
	for _, local := range config.Locals {
		for path := []*schema.Local{local}; len(path) > 0; {
			last := path[len(path)-1]
			waits, deepest := settledBelow(config, last, depth)
			if waits != nil {
				path = append(path, waits)
				continue
			}
			path = path[:len(path)-1]
			if depth[last.Address.Name] = deepest + 1; deepest >= maxChain {
				return hcl.Diagnostics{{
					Severity: hcl.DiagError, Summary: "Chain too long", Subject: &last.Attribute.NameRange,
					Detail: fmt.Sprintf("%s needs another local value, which needs another, more than %d times.", last.Address, maxChain),
				}}
			}
		}
	}
	return nil
}

// settledBelow is the first local that one needs and whose depth is not known,
// or else the depth of the deepest.
func settledBelow(config *schema.Config, local *schema.Local, depth map[string]int) (waits *schema.Local, deepest int) {
	for _, reference := range localReferences(local) {
		if reference.Address.Block != "local" {
			continue
		}
		known := depth[reference.Address.Name]
		if known == 0 {
			return config.Local(reference.Address.Name), 0
		}
		deepest = max(deepest, known)
	}
	return nil, deepest
}
