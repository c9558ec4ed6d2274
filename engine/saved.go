package engine

import (
	"maps"
	"slices"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/saved"
	"github.com/flowrider/flowrider/schema"
)

// Save writes a plan of a session to a file. Of the values that were given,
// those of sensitive variables are left out.
func (p *Project) Save(path string, session *plan.Session, planned *plan.Plan) error {
	s := &saved.Plan{Project: saved.IdentityOf(p.Config), Variables: map[string]string{}, Approved: session.Approve(planned)}
	hidden := eval.Hidden(p.Config)
	for _, variable := range p.Config.Variables {
		if variable.Sensitive {
			hidden[schema.Address{Block: "var", Name: variable.Address.Name}] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.texts)) {
		if hidden[schema.Address{Block: "var", Name: name}] {
			s.Withheld = append(s.Withheld, name)
		} else {
			s.Variables[name] = p.texts[name]
		}
	}
	return saved.Write(path, s)
}

// Approved are the options for carrying out the plan that was saved at a
// path, if it is one for this project and workspace.
func (p *Project) Approved(path string, s *saved.Plan) (plan.Options, error) {
	if err := s.Check(path, saved.IdentityOf(p.Config), p.Records.Workspace()); err != nil {
		return plan.Options{}, err
	}
	places, err := saved.Places(path)
	return plan.Options{Approved: s.Approved, Saved: places}, err
}
