package engine

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/environment/pip"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/engine/runner/command"
	"github.com/flowrider/flowrider/engine/runner/metaflow"
	"github.com/flowrider/flowrider/schema"
)

var _ plan.OutputReader = metaflow.Runner{}

// runners are the runners by the kind of flow block.
func (p *Project) runners() map[string]runner.Runner {
	return map[string]runner.Runner{"command": command.Runner{Files: p.files}, "metaflow": metaflow.Runner{}}
}

// environment makes an environment of the kind that its block names.
func (p *Project) environment(block *schema.Environment, arguments map[string]eval.Value, offline bool) (environment.Environment, hcl.Diagnostics) {
	switch block.Kind {
	case "pip":
		return p.pip(block, arguments, offline)
	}
	panic(fmt.Sprintf("engine: no environment of kind %s", block.Kind))
}

func (p *Project) pip(block *schema.Environment, arguments map[string]eval.Value, offline bool) (environment.Environment, hcl.Diagnostics) {
	spec := pip.Spec{Root: p.Config.Root, Name: block.Address.Local(), File: record.Basename(block.Address), LocksDir: plan.LocksDir, Packages: map[string]string{}, Offline: offline}
	spec.Python, _ = arguments["python"].Text()
	spec.Requirements = arguments["requirements"].Texts()
	if packages, ok := arguments["packages"]; ok {
		for it := packages.Unmarked().ElementIterator(); it.Next(); {
			name, version := it.Element()
			spec.Packages[name.AsString()] = version.AsString()
		}
	}
	return pip.New(spec), nil
}
