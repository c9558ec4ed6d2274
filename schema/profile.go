package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/internal/diag"
)

// Profile holds arguments and blocks of flows, for those that inherit it.
type Profile struct {
	Block
	nestedBlocks
	heirs bool // it has some: a flow or another profile
}

// Heirless are the profiles that nothing inherits, each as a flow of the first runner
// that takes all its arguments: nobody else finds what is wrong with them.
func (c *Config) Heirless() (list []*Flow) {
	for _, profile := range c.Profiles {
		kind := slices.IndexFunc(runnerNames, func(name string) bool { return flowTables[name].knows(&profile.Block) })
		if profile.heirs || kind < 0 {
			continue
		}
		flow := &Flow{Block: profile.Block, nestedBlocks: profile.nestedBlocks}
		flow.Kind, flow.Partial = runnerNames[kind], true
		list = append(list, flow)
	}
	return list
}

// knows says whether a block has no arguments but those of the table.
func (t *table) knows(block *Block) bool {
	return !slices.ContainsFunc(block.Arguments, func(written *Attribute) bool {
		return argumentNamed(t.arguments, written.Name) == nil
	})
}

// profileTable takes every argument that a flow of some runner takes.
var profileTable = newProfileTable()

func newProfileTable() *table {
	t := &table{what: "profile", blocks: inheritedBlocks}
	for _, runner := range runnerNames {
		for _, argument := range flowTables[runner].arguments {
			if argumentNamed(t.arguments, argument.Name) == nil {
				argument.Required = false
				t.arguments = append(t.arguments, argument)
			}
		}
	}
	return t
}

func (c *Config) decodeProfile(block *hcl.Block) hcl.Diagnostics {
	common, blocks, diags := decodeCommon(block, "", profileTable)
	profile := &Profile{Block: common}
	for _, nested := range blocks {
		diags = append(diags, profile.decode(nested, "profile")...)
	}
	c.Profiles = append(c.Profiles, profile)
	return diags
}

// inherit gives flows what their profiles have: profiles from left to right,
// each with what it inherits itself, and the flow's own last.
func (c *Config) inherit() hcl.Diagnostics {
	h := &heirs{config: c, done: map[*Profile]bool{}}
	for _, profile := range c.Profiles {
		h.settle(profile, nil)
	}
	for _, flow := range c.Flows {
		if argument := flow.Argument("inherits"); argument != nil {
			flow.without("inherits")
			profiles, ok := h.profiles(argument)
			h.give(&flow.Block, &flow.nestedBlocks, profiles, argument)
			if ok { // else what is missing may be in the profile that is meant
				h.diags = append(h.diags, flow.table.missing(func(name string) bool { return flow.Argument(name) != nil }, flow.missing, nil)...)
			}
		}
	}
	return h.diags
}

type heirs struct {
	config *Config
	done   map[*Profile]bool
	told   map[hcl.Range]bool // arguments of another runner
	diags  hcl.Diagnostics
}

// settle gives a profile what it inherits. path are the profiles that wait
// for it.
func (h *heirs) settle(profile *Profile, path []*Profile) {
	argument := profile.Argument("inherits")
	if h.done[profile] || argument == nil {
		return
	}
	if at := slices.Index(path, profile); at >= 0 {
		var names []string
		for _, p := range append(path[at:], profile) {
			names = append(names, p.Address.String())
			h.done[p] = true
			p.without("inherits")
		}
		subject := argument.Expr.Range()
		h.diags = append(h.diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: "Profile cycle", Subject: &subject,
			Detail: fmt.Sprintf("%s: no profile can inherit itself. Take one of them out of an inherits list.", strings.Join(names, " -> ")),
		})
		return
	}
	if len(path) > maxInherited {
		h.report(argument.Expr.Range(), "Too many profiles", fmt.Sprintf("%s inherits more than %d profiles, those that they inherit themselves counted.", path[0].Address, maxInherited), "")
		h.done[profile] = true
		profile.without("inherits")
		return
	}
	list, _ := h.profiles(argument)
	for _, from := range list {
		h.settle(from, append(slices.Clone(path), profile))
	}
	if h.done[profile] {
		return // it was found in a cycle
	}
	h.done[profile] = true
	profile.without("inherits")
	h.give(&profile.Block, &profile.nestedBlocks, list, argument)
}

// profiles are those that an inherits list names; ok is false where it does not
// name some.
func (h *heirs) profiles(argument *Attribute) (list []*Profile, ok bool) {
	form := "inherits takes a list of profiles, as in " + As(argument.Range(), `[profile.gpu, profile.nightly]`, `["profile.gpu", "profile.nightly"]`) + "."
	named, ok := NamedList(argument.Expr)
	if !ok {
		better := ""
		if address, ok := NamedBy(argument.Expr).Meant("profile"); ok && h.config.Has(address) {
			better = address.InList(argument.Range())
			form = fmt.Sprintf("inherits takes a list of profiles: write %s.", better)
		}
		h.report(argument.Expr.Range(), "Unsuitable value", form, better)
	}
	for _, element := range named {
		name := profileName(element.Traversal)
		if name == "" {
			ok = false
			if address, ok := element.Meant("profile"); ok && h.config.Has(address) {
				better := As(argument.Range(), address.String(), strconv.Quote(address.String()))
				h.report(element.Subject, "Unsuitable value", fmt.Sprintf("inherits takes profiles: write %s.", better), better)
				continue
			}
			h.report(element.Subject, "Unsuitable value", form, "")
			continue
		}
		if profile := h.config.Profile(name); profile != nil {
			list = append(list, profile)
			continue
		}
		ok = false
		if h.config.loose["profile"] {
			continue // what could not be read may declare it
		}
		detail, suggestion := fmt.Sprintf("There is no profile.%s.", name), ""
		if unread := h.config.Unread(Address{Block: "profile", Name: name}); unread != "" {
			detail += " " + unread
		} else if best := diag.Suggest(name, h.config.Names("profile")); best != "" {
			suggestion = "profile." + best
			detail += fmt.Sprintf(" Did you mean %s?", suggestion)
		} else {
			detail += fmt.Sprintf(" Declare it: profile %q { … }.", name)
		}
		h.report(element.Subject, "Unknown reference", detail, suggestion)
	}
	return list, ok
}

func profileName(traversal hcl.Traversal) string {
	if len(traversal) != 2 || traversal.RootName() != "profile" {
		return ""
	}
	name, ok := traversal[1].(hcl.TraverseAttr)
	if !ok {
		return ""
	}
	return name.Name
}

// maxInherited is how many profiles a block inherits, each as often as it is
// met.
const maxInherited = 200

// give merges what profiles have into a block, which is a flow's or a
// profile's. What the block says itself wins.
func (h *heirs) give(to *Block, blocks *nestedBlocks, profiles []*Profile, inherits *Attribute) {
	own, ownBlocks := to.Arguments, *blocks
	to.Arguments, *blocks = nil, nestedBlocks{}
	for _, profile := range profiles {
		profile.heirs = true
		if len(to.inherited)+len(profile.inherited) > maxInherited {
			h.report(inherits.Expr.Range(), "Too many profiles", fmt.Sprintf("%s inherits more than %d profiles, those that they inherit themselves counted.", to.Address, maxInherited), "")
			break
		}
		to.inherited = append(append(to.inherited, profile.Address.String()), profile.inherited...)
		for _, attribute := range profile.Arguments {
			if argumentNamed(to.table.arguments, attribute.Name) == nil {
				h.misplaced(to, profile, attribute)
				continue
			}
			to.add(attribute)
		}
		blocks.add(profile.nestedBlocks)
	}
	for _, attribute := range own {
		to.add(attribute)
	}
	sortArguments(to.Arguments)
	blocks.add(ownBlocks)
}

// misplaced tells of an argument that a profile has and a flow does not take: once,
// however many flows inherit it.
func (h *heirs) misplaced(to *Block, profile *Profile, attribute *Attribute) {
	if h.told == nil {
		h.told = map[hcl.Range]bool{}
	}
	if !h.told[attribute.NameRange] {
		h.told[attribute.NameRange] = true
		h.report(attribute.NameRange, "Argument of another runner", fmt.Sprintf("%s does not take the argument %q, and %s inherits it from %s. Put it into a profile of its own.",
			capital(to.table.place()), attribute.Name, to.Address, profile.Address), "")
	}
}

// add puts an argument in, merged with what is there already if it is an
// object, and else in place of it.
func (b *Block) add(attribute *Attribute) {
	i := b.position(attribute.Name)
	if i < 0 {
		b.Arguments = append(b.Arguments, attribute)
		return
	}
	earlier := b.Arguments[i]
	if !b.argument(attribute.Name).merges() {
		b.Arguments[i] = attribute
		return
	}
	parts := []hcl.Expression{earlier.Expr}
	if merged, ok := earlier.Expr.(*Merged); ok {
		parts = slices.Clone(merged.Parts)
	}
	both := *attribute
	both.setExpr(&Merged{Parts: append(parts, attribute.Expr)})
	b.Arguments[i] = &both
}

func (h *heirs) report(subject hcl.Range, summary, detail, suggestion string) {
	problem := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &subject}
	if suggestion != "" {
		problem.Extra = diag.Suggestion(suggestion)
	}
	h.diags = append(h.diags, problem)
}
