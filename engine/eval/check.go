package eval

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/fault"
	"github.com/flowrider/flowrider/schema"
)

// Check finds what is wrong with references and functions without evaluating
// anything: unknown names, attributes and functions, references where none
// may stand, cycles. All mistakes are reported at once.
func Check(config *schema.Config) hcl.Diagnostics {
	c := newChecker(config)
	for _, variable := range config.Variables {
		if argument := variable.Argument("default"); argument != nil {
			c.checkFunctions(argument.Expr)
		}
		c.checkValidations(variable)
	}
	for _, local := range config.Locals {
		c.check(nil, local.Attribute, anywhere)
	}
	for _, project := range config.Projects {
		c.checkAll(&project.Block, settled)
	}
	for _, environment := range config.Environments {
		each := environment.Argument("for_each") != nil
		for _, attribute := range environment.Arguments {
			c.check(&environment.Block, attribute, place{each: each && attribute.Name != "for_each", early: settled.early})
		}
	}
	for _, hook := range config.Hooks {
		each := hook.Argument("for_each") != nil
		for _, attribute := range hook.Arguments {
			if attribute.Name == "function" && c.isPython(attribute) {
				continue
			}
			c.check(&hook.Block, attribute, place{each: each && attribute.Name != "for_each", early: early[attribute.Name], named: blockNaming[attribute.Name]})
		}
	}
	for _, pool := range config.Pools {
		c.checkAll(&pool.Block, place{early: scheduled})
	}
	for _, profile := range config.Profiles { // those too that no flow inherits
		c.checkArguments(&profile.Block, true)
		c.checkNested(profile.Bundle, profile.Retry, profile.Resources, true)
	}
	cycles := c.checkFlows(config.Flows)
	for _, block := range config.Imports {
		if argument := block.Argument("run_id"); argument != nil {
			c.check(&block.Block, argument, place{early: "Which run is imported is settled before any hook or flow has a value"})
		}
	}
	for _, output := range config.Outputs {
		c.checkAll(&output.Block, anywhere)
	}
	if c.diags = append(c.diags, cycles...); !c.diags.HasErrors() {
		c.diags = append(c.diags, checkChains(config)...)
	}
	return c.diags
}

// isPython tells of a function that is written as Python refers to it.
func (c *checker) isPython(attribute *schema.Attribute) bool {
	traversal, diags := hcl.AbsTraversalForExpr(attribute.Expr)
	if diags.HasErrors() || slices.Contains(roots, traversal.RootName()) || len(attributes(traversal[1:])) < len(traversal)-1 || len(traversal) < 2 {
		return false
	}
	name := traversal[len(traversal)-1].(hcl.TraverseAttr).Name
	better := fmt.Sprintf("%q", written(traversal[:len(traversal)-1])+":"+name)
	c.report(attribute.Expr.Range(), "Unknown reference", fmt.Sprintf("A function is named by a text, with a colon after its module: write %s.", better), better)
	return true
}

// CheckExpression is Check for an expression that stands nowhere in the
// configuration.
func CheckExpression(config *schema.Config, expr hcl.Expression) hcl.Diagnostics {
	c := newChecker(config)
	c.checkUsed(expr, schema.References(expr), anywhere)
	return c.diags
}

func newChecker(config *schema.Config) *checker {
	return &checker{config: config, later: newLater(config), functions: FunctionNames(), told: map[hcl.Range]bool{}, names: map[string][]string{}, most: diag.Most}
}

// place says which references may stand in an expression.
type place struct {
	each  bool   // each.key and each.value
	early string // why it is evaluated before flows and hooks have values; "" where it is not
	named bool   // a block is named there, and no text can stand
}

var (
	anywhere = place{}
	settled  = place{early: "Projects and environments are settled before any hook or flow has a value"}
)

// early are the arguments of flows, their outputs and hooks that are settled
// before anything is walked, and why.
var early = map[string]string{
	"project":     "Where something runs is settled before any hook or flow has a value",
	"environment": "Where something runs is settled before any hook or flow has a value",
	"run_id_file": "Where flows write is settled before any hook or flow has a value",
	"file":        "Where flows write is settled before any hook or flow has a value",
	"publish":     "Where flows write is settled before any hook or flow has a value",
}

// blockNaming are the arguments that name a block.
var blockNaming = map[string]bool{"project": true, "environment": true}

// scheduled is why what says when flows run is evaluated before anything else.
const scheduled = "When flows run is settled before any hook or flow has a value"

type checker struct {
	config    *schema.Config
	later     *later
	functions []string
	names     map[string][]string // of each kind of block, as they are needed
	diags     hcl.Diagnostics
	most      int                // after so many no other is looked for
	told      map[hcl.Range]bool // texts of JSON files that are no templates, and references that nothing more is said of
	in        hcl.Expression     // the one that is checked, where a text may stand
	argument  string             // whose value that is, or in which it stands
	want      cty.Type           // what that is to be
	own       schema.Address     // of the flow that is checked: it cannot refer to itself
	flow      *schema.Flow       // that flow
}

func (c *checker) checkAll(block *schema.Block, where place) {
	for _, attribute := range block.Arguments {
		c.check(block, attribute, where)
	}
}

// checkArguments checks what a flow or a profile says, but for its blocks.
func (c *checker) checkArguments(block *schema.Block, each bool) {
	for _, attribute := range block.Arguments {
		switch {
		case isOrderOnly(attribute.Name):
			c.checkFlowList(attribute, each)
		case attribute.Name == "for_each":
			c.check(block, attribute, anywhere)
		case attribute.Name == "pools" || attribute.Name == "timeout":
			c.check(block, attribute, place{each: each, early: scheduled})
		case attribute.Name == "file": // of a Metaflow flow, which it only reads
			c.check(block, attribute, place{each: each})
		default:
			c.check(block, attribute, place{each: each, early: early[attribute.Name], named: blockNaming[attribute.Name]})
		}
	}
}

// atOnce is how many flows are checked in one go.
const atOnce = 256

// checkFlows checks all flows, and finds cycles, side by side. Where there is
// a mistake it checks again in turn: what is said of one depends on what was
// said before.
func (c *checker) checkFlows(flows []*schema.Flow) (cycles hcl.Diagnostics) {
	parts := slices.Collect(slices.Chunk(flows, atOnce))
	wrong := make([]bool, len(parts))
	fault.InParallel(len(parts)+1, len(parts)+1, func(i int) {
		if i == 0 {
			cycles = checkCycles(c.config)
			return
		}
		trial := newChecker(c.config)
		trial.most = 0
		for _, flow := range parts[i-1] {
			trial.checkFlow(flow)
		}
		wrong[i-1] = len(trial.diags) > 0
	})
	for i, part := range parts {
		for _, flow := range part {
			if wrong[i] {
				c.checkFlow(flow)
			}
		}
	}
	return cycles
}

func (c *checker) checkFlow(flow *schema.Flow) {
	each := flow.Argument("for_each") != nil
	c.own, c.flow = flow.Address, flow
	defer func() { c.own, c.flow = schema.Address{}, nil }()
	c.checkArguments(&flow.Block, each)
	for _, output := range flow.Outputs {
		for _, attribute := range output.Arguments {
			c.check(&output.Block, attribute, place{each: each, early: early[attribute.Name]})
		}
	}
	c.checkNested(flow.Bundle, flow.Retry, flow.Resources, each)
	if flow.Pin != nil {
		c.checkAll(flow.Pin, place{each: each, early: "Which run a flow is held to is settled before any hook or flow has a value"})
	}
}

// checkNested checks the blocks of a flow or a profile, nil for those that it has not.
func (c *checker) checkNested(bundle, retry, resources *schema.Block, each bool) {
	if bundle != nil {
		c.checkAll(bundle, place{each: each})
	}
	for _, block := range []*schema.Block{retry, resources} {
		if block != nil {
			c.checkAll(block, place{each: each, early: scheduled})
		}
	}
}

// check checks an argument of a block, or a local value, which is in none.
func (c *checker) check(block *schema.Block, attribute *schema.Attribute, where place) {
	if block != nil {
		c.argument, c.want = attribute.Name, block.Type(attribute.Name)
	}
	c.checkUsed(attribute.Expr, attribute.References, where)
	c.argument, c.want = "", cty.NilType
}

// checkUsed checks an expression and what it refers to.
func (c *checker) checkUsed(expr hcl.Expression, used []*schema.Reference, where place) {
	if len(c.diags) > c.most {
		return
	}
	if c.in = expr; where.named {
		c.in = nil
	}
	for _, reference := range used {
		c.checkReference(reference, where)
	}
	if _, simple := expr.(*schema.Simple); !simple {
		c.checkFunctions(expr)
		c.checkInstances(expr)
	}
	c.checkQuoted(expr, where)
}

func (c *checker) checkReference(reference *schema.Reference, where place) {
	traversal := reference.Traversal
	block := reference.Address.Block
	switch {
	case !slices.Contains(roots, block):
		c.unknownRoot(traversal)
	case !reference.Complete():
		name := "NAME"
		if index, ok := schema.Step[hcl.TraverseIndex](traversal[1:]); ok && index.Key.Type() == cty.String && hclsyntax.ValidIdentifier(index.Key.AsString()) {
			name = index.Key.AsString()
		}
		c.report(reference.Range(), "Incomplete reference", fmt.Sprintf("Say which %s: write %s.%s.", block, block, name), "")
	case block == "each":
		c.checkEach(reference, where)
	case block == "path":
		c.checkAttribute(reference, []string{"root"})
	case block == "git":
		c.checkAttribute(reference, []string{"branch", "commit", "repo_name"})
	case schema.IsDeclared(block):
		c.checkDeclared(reference, where)
	}
}

// unknownRoot is a name that no expression begins with: often a flow's or a
// variable's bare name.
func (c *checker) unknownRoot(traversal hcl.Traversal) {
	name, subject := traversal.RootName(), traversal[0].SourceRange()
	if name == "profile" {
		c.report(subject, "Reference not possible here", "A profile has no value. Flows and profiles take its arguments over: inherits = [profile.NAME].", "")
		return
	}
	if better := c.calledOtherwise(traversal); better != "" {
		c.report(traversal.SourceRange(), "Unknown reference", fmt.Sprintf("There is nothing called %q. Write %s.", name, better), better)
		return
	}
	if text, at := c.bareText(traversal); text != "" {
		if !c.told[at] {
			c.told[at] = true
			advice := c.asText(text, at)
			c.report(at, "Unknown reference", fmt.Sprintf("There is nothing called %q. %s", name, advice.detail), advice.suggestion)
		}
		return
	}
	ours := slices.ContainsFunc(declared, func(block string) bool { return c.meant(block, traversal) })
	if advice, ok := foreignRoot(traversal); ok && !ours {
		c.report(subject, "Unknown reference", fmt.Sprintf("There is nothing called %q. %s", name, advice.detail), advice.suggestion)
		return
	}
	detail := fmt.Sprintf("There is nothing called %q.", name)
	if f := functionNamed(name); f != nil && len(traversal) == 1 {
		detail = fmt.Sprintf("There is nothing called %q but the function %s.", name, f.Signature)
	}
	for _, block := range declared {
		if c.meant(block, traversal) {
			full := block + "." + name
			c.report(subject, "Unknown reference", fmt.Sprintf("%s Did you mean %s?", detail, full), full)
			return
		}
	}
	known := roots
	if len(traversal) == 1 {
		known = []string{"workspace"} // nothing else stands alone
	}
	advice, isWord := c.bareWord(traversal)
	switch {
	case !isWord || diag.Suggest(name, known) != "":
		c.unknown(subject, "Unknown reference", detail, name, roots, "References begin with")
	case len(traversal) == 1:
		c.report(subject, "Unknown reference", detail+" "+advice.detail, advice.suggestion)
	default:
		c.report(subject, "Unknown reference", fmt.Sprintf("%s %s %s", detail, advice.detail, diag.Listing("References begin with", roots)), advice.suggestion)
	}
}

// calledOtherwise is what to write for a reference to a block that begins with its kind,
// as Terraform's do, or with a shorter word; "" for anything else.
func (c *checker) calledOtherwise(traversal hcl.Traversal) string {
	kind, next := traversal.RootName(), attributes(traversal[1:])
	if len(next) == 0 {
		return ""
	}
	for _, block := range declared {
		if (schema.IsKind(block, kind) || block == "environment" && kind == "env") && c.has(block, next[0].Name) {
			return block + written(traversal[1:])
		}
	}
	return ""
}

// meant says whether a block's bare name may stand for it, with what follows.
func (c *checker) meant(block string, traversal hcl.Traversal) bool {
	address := schema.Address{Block: block, Name: traversal.RootName()}
	next := attributes(traversal[1:])
	if !c.config.Has(address) || address == c.own {
		return false
	}
	return block != "flow" || len(next) == 0 || slices.Contains(flowAttributes, next[0].Name) || c.config.HasForEach(address)
}

func (c *checker) checkEach(reference *schema.Reference, where place) {
	switch {
	case where.each:
	case c.flow != nil && !c.flow.Holds(reference.Range()):
		c.report(reference.Range(), "No for_each", fmt.Sprintf("each.key and each.value exist in blocks that have for_each, and %s, which inherits this, has none.", c.own), "")
		return
	default:
		c.report(reference.Range(), "No for_each", "each.key and each.value exist in blocks that have for_each, and not in for_each itself.", "")
		return
	}
	c.checkAttribute(reference, []string{"key", "value"})
}

// checkAttribute holds the first attribute after a root to what there is.
func (c *checker) checkAttribute(reference *schema.Reference, known []string) {
	names := attributes(reference.Rest())
	if len(names) == 0 {
		block, better := reference.Address.Block, ""
		if index, ok := schema.Step[hcl.TraverseIndex](reference.Rest()); ok && index.Key.Type() == cty.String && slices.Contains(known, index.Key.AsString()) {
			better = block + "." + index.Key.AsString()
		} else if len(known) == 1 {
			better = block + "." + known[0]
		}
		if better != "" {
			c.report(reference.Range(), "Incomplete reference", fmt.Sprintf("Say what of %s is meant: write %s.", block, better), better)
			return
		}
		c.report(reference.Range(), "Incomplete reference", diag.Listing(fmt.Sprintf("Say what of %s is meant: it has", block), known), "")
		return
	}
	if !slices.Contains(known, names[0].Name) {
		c.unknown(names[0].SrcRange, "Unknown attribute", fmt.Sprintf("%s has no attribute %q.", reference.Address.Block, names[0].Name), names[0].Name, known, "It has")
	}
}

func (c *checker) checkDeclared(reference *schema.Reference, where place) {
	block, name := reference.Address.Block, reference.Address.Name
	if !c.has(block, name) {
		if c.config.MayHave(reference.Address.Whole()) {
			return // where it may be, something else is wrong
		}
		detail := fmt.Sprintf("There is no %s.", reference.Address.Whole())
		if unread := c.config.Unread(reference.Address); unread != "" {
			c.report(reference.Range(), "Unknown reference", detail+" "+unread, "")
			return
		}
		if next := attributes(reference.Rest()); len(next) > 0 && c.has(block, next[0].Name) && schema.IsKind(block, name) {
			full := block + written(reference.Rest())
			c.report(reference.Range(), "Unknown reference", fmt.Sprintf("%s A reference has no kind in it: write %s.", detail, full), full)
			return
		}
		if best := c.suggest(name, c.namesOf(block)); best != "" {
			full := block + "." + best
			c.report(reference.Range(), "Unknown reference", fmt.Sprintf("%s Did you mean %s?", detail, full), full)
			return
		}
		c.report(reference.Range(), "Unknown reference", detail+" "+c.elsewhere(block, name), "")
		return
	}
	if where.early != "" {
		if source := c.later.source([]*schema.Reference{reference}); source != "" {
			why := fmt.Sprintf("%s, so %s cannot stand here.", where.early, source)
			if source != reference.Address.String() {
				why = fmt.Sprintf("%s, and %s leads to %s.", where.early, reference.Address, source)
			}
			c.told[reference.Range()] = true
			c.report(reference.Range(), "Reference not possible here", why, "")
			return
		}
	}
	_, indexed := schema.Step[hcl.TraverseIndex](reference.Rest())
	switch {
	case reference.Address.Keyed && c.isSingle(reference.Address):
		c.noInstances(reference.Range(), reference.Address, reference.Rest())
		return
	case indexed && c.isOne(reference.Address):
		c.noInstances(reference.Range(), reference.Address, reference.Rest()[1:])
		return
	}
	switch {
	case block == "flow":
		c.checkFlowReference(reference)
	case where.named && block == c.argument && len(attributes(reference.Rest())) > 0 && !c.lacksKey(reference):
		better := reference.Address.String()
		c.report(reference.Range(), "Unsuitable value", fmt.Sprintf("This takes the %s itself: write %s.", block, better), better)
	}
}

// elsewhere points to a declaration of another kind with the same name, or
// lists what there is.
func (c *checker) elsewhere(block, name string) string {
	for _, other := range declared {
		if other != block && c.has(other, name) {
			return fmt.Sprintf("Did you mean %s.%s?", other, name)
		}
	}
	if names := slices.Clone(c.namesOf(block)); len(names) > 0 && len(names) <= 10 {
		for i, name := range names {
			names[i] = block + "." + name
		}
		return diag.There(names)
	}
	return "Declare it, or correct the name."
}

func (c *checker) has(block, name string) bool {
	return c.config.Has(schema.Address{Block: block, Name: name})
}

// unknown reports a name that is not among the candidates, with the nearest.
func (c *checker) unknown(subject hcl.Range, summary, detail, name string, candidates []string, intro string) {
	best := c.suggest(name, candidates)
	switch {
	case best != "":
		detail += fmt.Sprintf(" Did you mean %q?", best)
	case intro != "" && len(candidates) > 0:
		detail += " " + diag.Listing(intro, candidates)
	}
	c.report(subject, summary, detail, best)
}

// suggest is the nearest candidate. Of many mistakes in a large configuration
// only the first get one, since to find it takes time.
func (c *checker) suggest(name string, candidates []string) string {
	if len(c.diags) > 20 && len(candidates) > 2000 {
		return ""
	}
	return diag.Suggest(name, candidates)
}

func (c *checker) namesOf(block string) []string {
	if _, ok := c.names[block]; !ok {
		c.names[block] = c.config.Names(block)
	}
	if names := c.names[block]; c.own.Block == block {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == c.own.Name })
	}
	return c.names[block]
}

func (c *checker) report(subject hcl.Range, summary, detail, suggestion string) {
	problem := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &subject}
	if suggestion != "" {
		problem.Extra = diag.Suggestion(suggestion)
	}
	c.diags = append(c.diags, problem)
}
