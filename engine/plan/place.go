package plan

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// Place is where a flow runs: which files it sees and in which environment.
type Place struct {
	Project     string // the project's root, absolute
	Unplaced    bool   // nobody knows which files are in the project; see schema.Project
	Package     string // the project's importable package, slash path; "" without one
	Selection   bundle.Selection
	Environment *Environment // nil without one
}

// project is an evaluated project block.
type project struct {
	root       string // absolute
	unplaced   bool   // and may be another
	pkg        string
	include    []string
	hasInclude bool
	exclude    []string
}

// declareProjects evaluates the project blocks. Without any, the root folder
// is the project; a single one is every flow's.
func (s *Session) declareProjects() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, block := range s.Config.Projects {
		values, moreDiags := s.eval.Block(&block.Block)
		diags = append(diags, moreDiags...)
		p := &project{root: s.Config.Root, unplaced: block.Unplaced, exclude: values["exclude"].Texts(), include: values["include"].Texts()}
		_, p.hasInclude = values["include"]
		p.pkg, _ = values["package"].Text()
		if root, ok := values["root"].Text(); ok {
			p.root = filepath.Join(s.Config.Root, filepath.FromSlash(root))
			if filepath.IsAbs(root) {
				p.root = filepath.Clean(root)
			}
			if info, err := os.Stat(p.root); err != nil || !info.IsDir() {
				diags = append(diags, problemAt(block.Argument("root"), "No such folder",
					fmt.Sprintf("The root of %s is %q, which is no folder. It is relative to the folder of flowrider.hcl.", block.Address, root)))
			}
		}
		s.projects[block.Address.Name] = p
	}
	return diags
}

// checkProjects finds what no project's include can name. Where flows write is known.
func (s *Session) checkProjects() (diags hcl.Diagnostics) {
	for _, block := range s.Config.Projects {
		p := s.projects[block.Address.Name]
		diags = append(diags, s.checkIncluded(schema.Address{}, p.root, p.include, block.Argument("include"))...)
	}
	return diags
}

func problemAt(argument *schema.Attribute, summary, detail string) *hcl.Diagnostic {
	return problemIn(argument.Expr.Range(), summary, detail)
}

func problemIn(subject hcl.Range, summary, detail string) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &subject}
}

// elementPlaces says where each of so many elements of an argument is written, or
// else the whole.
func elementPlaces(argument *schema.Attribute, length int) func(i int) hcl.Range {
	places, _ := hcl.ExprList(argument.Expr)
	return func(i int) hcl.Range {
		if len(places) == length {
			return places[i].Range()
		}
		return argument.Expr.Range()
	}
}

// projectOf is the project that an argument names, or the default one.
func (s *Session) projectOf(value eval.Value, ok bool, argument *schema.Attribute) (*project, hcl.Diagnostics) {
	if ok {
		name, diags := s.addressed(value, "project", argument)
		if diags.HasErrors() {
			return nil, diags
		}
		if p := s.projects[name]; p != nil {
			return p, nil
		}
		return nil, hcl.Diagnostics{problemAt(argument, "Unknown project", fmt.Sprintf("There is no project.%s.", name))}
	}
	if len(s.Config.Projects) == 1 {
		return s.projects[s.Config.Projects[0].Address.Name], nil
	}
	return &project{root: s.Config.Root}, nil
}

// addressed reads an argument that names an environment or a project.
func (s *Session) addressed(value eval.Value, block string, argument *schema.Attribute) (string, hcl.Diagnostics) {
	real := value.Unmarked()
	if real.Type().IsObjectType() && real.Type().HasAttribute("address") && real.IsWhollyKnown() {
		if text := real.GetAttr("address"); text.Type() == cty.String {
			if name, ok := strings.CutPrefix(text.AsString(), block+"."); ok {
				return name, nil
			}
		}
	}
	detail := fmt.Sprintf("This takes a reference to %s %s block, as in %s.NAME.", article(block), block, block)
	if text, ok := value.Text(); ok && hclsyntax.ValidIdentifier(strings.TrimPrefix(text, block+".")) {
		detail = s.notAddressed(text, block, argument)
	}
	for _, reference := range schema.References(argument.Expr) {
		if reference.Address.Block == block && !reference.Address.Keyed && real.Type().IsObjectType() && len(reference.Rest()) == 0 {
			detail = fmt.Sprintf("%s has for_each. Name one of its instances, as in %s[\"KEY\"], or take each.key in a flow with the same for_each.", reference.Address, reference.Address)
		}
	}
	return "", hcl.Diagnostics{problemAt(argument, "Unsuitable value", detail)}
}

// notAddressed is the message of a text in place of a reference to a block.
func (s *Session) notAddressed(text, block string, argument *schema.Attribute) string {
	address := schema.Address{Block: block, Name: strings.TrimPrefix(text, block+".")}
	form := func(name string) string {
		return schema.As(argument.Range(), block+"."+name, fmt.Sprintf("\"${%s.%s}\"", block, name))
	}
	if s.Config.Has(address) {
		return fmt.Sprintf("This takes a reference to %s %s block, and %q is a text: write %s.", article(block), block, text, form(address.Name))
	}
	names := s.Config.Names(block)
	detail := fmt.Sprintf("This takes a reference to %s %s block, and there is no %s.", article(block), block, address)
	best := diag.Suggest(address.Name, names)
	switch {
	case best != "":
		return fmt.Sprintf("%s Did you mean %s.%s? Write %s.", detail, block, best, form(best))
	case len(names) == 0:
		return fmt.Sprintf("%s Declare it, and write %s.", detail, form(address.Name))
	case len(names) == 1:
		return fmt.Sprintf("%s There is %s.%s: write %s.", detail, block, names[0], form(names[0]))
	}
	return fmt.Sprintf("%s %s Write one as in %s.", detail, diag.There(addresses(block, names)), form("NAME"))
}

func addresses(block string, names []string) (list []string) {
	for _, name := range names {
		list = append(list, block+"."+name)
	}
	return list
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an"
	}
	return "a"
}

// place works out where an instance runs.
func (s *Session) place(resolved *eval.Flow) (*Place, hcl.Diagnostics) {
	flow := resolved.Flow
	value, ok := resolved.Arguments["project"]
	p, diags := s.projectOf(value, ok, flow.Argument("project"))
	if diags.HasErrors() {
		return nil, diags
	}
	place := &Place{Project: p.root, Unplaced: p.unplaced, Package: p.pkg, Selection: bundle.Selection{
		Root: p.root, Include: p.include, HasInclude: p.hasInclude, Exclude: p.exclude, Omit: s.omitted(p.root), Own: s.tools.SavedPlan,
	}}
	if include, ok := resolved.Bundle["include"]; ok {
		place.Selection.Include, place.Selection.HasInclude = include.Texts(), true
		diags = append(diags, s.checkIncluded(flow.Address, p.root, include.Texts(), flow.Bundle.Argument("include"))...)
	}
	if !place.Selection.HasInclude {
		place.Selection.Omit = s.notCode(p.root)
	}
	place.Selection.Exclude = append(place.Selection.Exclude[:len(place.Selection.Exclude):len(place.Selection.Exclude)], resolved.Bundle["exclude"].Texts()...)
	place.Selection.Exclude = append(place.Selection.Exclude, s.unpublishedOutputs(p.root, resolved)...)
	place.Selection.Link = resolved.Bundle["link"].Texts()
	if value, ok := resolved.Arguments["environment"]; ok {
		name, moreDiags := s.addressed(value, "environment", flow.Argument("environment"))
		diags = append(diags, moreDiags...)
		place.Environment = s.environments[name]
		if place.Environment == nil && !diags.HasErrors() {
			diags = append(diags, problemAt(flow.Argument("environment"), "Unknown environment", fmt.Sprintf("There is no environment.%s.", name)))
		}
	}
	return place, diags
}

// unpublishedOutputs are, as globs, the files that a flow writes and that are
// placed elsewhere or nowhere: a file of the project's that has the same path
// would be taken for the flow's output. Published ones are in no bundle anyway.
func (s *Session) unpublishedOutputs(projectRoot string, resolved *eval.Flow) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(resolved.Outputs)) {
		text, ok := resolved.Outputs[name]["file"].Text()
		if _, published := s.outputs[filepath.Join(projectRoot, filepath.FromSlash(text))]; ok && !published {
			list = append(list, globLiteral.Replace(path.Clean(text)))
		}
	}
	return list
}

// globLiteral writes a path as a glob that matches just it.
var globLiteral = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `{`, `\{`)

// omitted are flowrider's own files as seen from a project's root: they are
// in no bundle, or a new tag would rerun everything. So are the files that the
// argument secrets of a flow reads: its secrets do not count, and a bundle stays
// behind when its flow fails.
func (s *Session) omitted(projectRoot string) []string {
	if known, ok := s.omits[projectRoot]; ok {
		return known
	}
	var list []string
	add := func(absolute string) {
		if rel, err := filepath.Rel(projectRoot, absolute); err == nil && filepath.IsLocal(rel) && rel != "." {
			list = append(list, globLiteral.Replace(filepath.ToSlash(rel)))
		}
	}
	for _, name := range s.Config.FileNames {
		add(filepath.Join(s.Config.Root, name))
	}
	for _, glob := range schema.ValuesGlobs {
		list = append(list, path.Join("**", glob))
	}
	add(filepath.Join(s.Config.Root, filepath.FromSlash(s.Config.Settings.Runs)))
	add(filepath.Join(s.Config.Root, LocksDir))
	for _, output := range slices.Sorted(maps.Keys(s.outputs)) {
		add(output)
	}
	for _, secret := range s.eval.SecretFiles(slices.Collect(maps.Values(s.instances))) {
		add(filepath.Join(s.Config.Root, filepath.FromSlash(secret)))
	}
	for _, saved := range s.Options.Saved {
		add(saved)
	}
	s.omits[projectRoot] = list
	return list
}
