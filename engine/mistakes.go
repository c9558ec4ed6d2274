package engine

import (
	"context"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/source"
	"github.com/flowrider/flowrider/schema"
)

// Validate finds what is wrong with the values of the configuration, with the
// files that it names and with the code in them, and what a person should know
// besides. It calls no hook.
func (p *Project) Validate(ctx context.Context) (notes []string, diags hcl.Diagnostics) {
	session, diags := p.Session(plan.Options{NoHooks: true, Environments: true})
	if slices.ContainsFunc(diags, eval.IsTooManyFlows) {
		return nil, diags
	}
	if diags.HasErrors() {
		return nil, append(diags, p.furtherMistakes(ctx, p.Config.Sound(diags))...)
	}
	if diags = mistakes(ctx, session, p.depth); diags.HasErrors() {
		diags = append(diags, p.furtherMistakes(ctx, p.Config.Sound(diags))...)
	}
	notes = append(p.Config.UnreadFiles(), p.unreadValues()...)
	return append(notes, session.Notes...), diags
}

// mistakes walks all of a configuration for what is wrong.
func mistakes(ctx context.Context, session *plan.Session, depth source.Depth) hcl.Diagnostics {
	planned, diags := session.Plan(ctx)
	diags = append(diags, session.UnusedHooks()...)
	diags = append(diags, session.Locals()...)
	diags = append(diags, session.Profiles()...)
	return append(diags, source.Check(ctx, session, planned.Flows, depth)...)
}

// furtherMistakes finds what is wrong in those parts of the configuration in
// which no mistake was found so far, so that all are told at once.
func (p *Project) furtherMistakes(ctx context.Context, sound *schema.Config) hcl.Diagnostics {
	var all hcl.Diagnostics
	for {
		rest := *p
		rest.Config, rest.files = sound, nil
		session, diags := rest.Session(plan.Options{NoHooks: true, Offline: true, Environments: true})
		if !diags.HasErrors() {
			diags = append(diags, mistakes(ctx, session, min(p.depth, source.Static))...)
		}
		all = append(all, diags...)
		before := sound.Size()
		if sound = sound.Sound(diags); !diags.HasErrors() || sound.Size() == before {
			return all // else these mistakes are in nothing that could be left out
		}
	}
}

// variables evaluates those variables in which nothing is wrong. What refers
// to the others, or to one whose value is wrong, is not in the configuration
// that it returns.
func (p *Project) variables(found hcl.Diagnostics, inputs []eval.Input, looking bool) (map[string]cty.Value, *schema.Config, hcl.Diagnostics) {
	sound := p.Config
	if found.HasErrors() {
		sound = p.Config.Sound(found)
	}
	inputs = slices.DeleteFunc(slices.Clone(inputs), func(input eval.Input) bool {
		address := schema.Address{Block: "var", Name: input.Name}
		return sound.Variable(input.Name) == nil && p.Config.MayHave(address)
	})
	values, diags := eval.Variables(sound, inputs)
	if looking {
		diags = slices.DeleteFunc(diags, eval.IsMissingVariable)
	}
	if !found.HasErrors() && !diags.HasErrors() {
		return values, sound, diags
	}
	var wrong []schema.Address
	for name, value := range values {
		if !value.IsKnown() {
			wrong = append(wrong, schema.Address{Block: "var", Name: name})
		}
	}
	return values, sound.Sound(diags, wrong...), diags
}
