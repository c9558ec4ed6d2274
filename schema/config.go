// Package schema reads the configuration: HCL files become a typed Config in
// which every value keeps its source range. It finds what can be found
// without evaluating: unknown blocks and arguments, missing ones, duplicate
// names.
//
// Load is the entry point. The package evaluates nothing and resolves no
// reference; both are engine/eval's. One block kind is one file, with its
// table of arguments.
package schema

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/internal/diag"
)

// FileName is the file that makes a folder a root folder.
const FileName = "flowrider.hcl"

// Config is a whole configuration. Lists are in source order.
type Config struct {
	Root         string // absolute
	Sources      map[string]*hcl.File
	FileNames    []string // of the configuration, below Root, sorted
	Settings     *Settings
	Variables    []*Variable
	Locals       []*Local
	Projects     []*Project
	Environments []*Environment
	Hooks        []*Hook
	Profiles     []*Profile
	Flows        []*Flow
	Pools        []*Pool
	Outputs      []*Output
	Moved        []*Moved
	Imports      []*Import

	index  map[Address]int  // where in its list a name is
	broken map[Address]bool // declared with a kind that nothing knows, so in no list
	loose  map[string]bool  // kinds, as Address has them, of which blocks could not be read
	maimed []hcl.Range      // blocks of which parts could not be read

	unread    map[Address]string // see Unread
	lookOnce  sync.Once          // at what is unread
	settings  []*hcl.Block       // of one file, before they are put together
	resumable int                // bytes of one file that may be read on; see resume
}

// Load reads flowrider.hcl and every *.flow.hcl and *.flow.hcl.json beside
// it, in name order. All mistakes are reported at once; the Config holds what
// could be read, and Sources the texts for showing them.
func Load(root string) (*Config, hcl.Diagnostics) {
	config := &Config{Root: root, Settings: defaultSettings(), loose: map[string]bool{}}
	names, diags := configFiles(root)
	if diags.HasErrors() {
		return config, diags
	}
	config.FileNames = names
	files, moreDiags := readFiles(root, names)
	if diags = append(diags, moreDiags...); moreDiags.HasErrors() {
		config.loosenAll() // nobody knows what is in the others
	}
	diags = append(diags, config.decodeFiles(files)...)
	diags = append(diags, config.indexNames()...)
	diags = append(diags, config.inherit()...)
	return config, config.withoutFollowing(diags)
}

// IsConfigFile says whether a file name, without a folder, belongs to the
// configuration.
func IsConfigFile(name string) bool {
	return name == FileName || strings.HasSuffix(name, ".flow.hcl") || strings.HasSuffix(name, ".flow.hcl.json")
}

func configFiles(root string) ([]string, hcl.Diagnostics) {
	entries, err := os.ReadDir(root)
	if err != nil {
		detail := err.Error() + "."
		if info, err := os.Stat(root); err == nil && !info.IsDir() {
			detail = fmt.Sprintf("%s is a file. The root folder is the one that it is in.", display(root))
		}
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unreadable folder", Detail: detail}}
	}
	var names []string
	found := false
	for _, entry := range entries {
		if IsConfigFile(entry.Name()) {
			names = append(names, entry.Name())
			found = found || entry.Name() == FileName
		}
	}
	if !found {
		return nil, hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "No configuration",
			Detail: noConfiguration(root, names),
		}}
	}
	sort.Strings(names)
	return names, nil
}

// noConfiguration says what to do in a folder without the file that makes it a root
// folder. names are the other files of a configuration that it has.
func noConfiguration(root string, names []string) string {
	detail := fmt.Sprintf("There is no %s in %s.", FileName, display(root))
	if len(names) > 0 {
		return fmt.Sprintf("%s It makes a folder the root folder of a configuration: put one beside %s. It may be empty.", detail, slices.Min(names))
	}
	unread := (&Config{Root: root}).unreadFirst()
	for _, name := range slices.Sorted(maps.Keys(unread)) {
		if strings.HasSuffix(name, ".json") {
			return fmt.Sprintf("%s %s declares %s: rename it to %s, and put a %s beside it, which may be empty.", detail, name, unread[name], readName(name), FileName)
		}
		return fmt.Sprintf("%s %s declares %s: rename it to %s.", detail, name, unread[name], FileName)
	}
	command := "flowrider init"
	if folder := display(root); folder != "this folder" {
		command += " --chdir " + diag.ShellQuote(folder)
	}
	return fmt.Sprintf("%s Go to the folder that has one, or name it with --chdir. For a new one there is `%s`, which finds the flows that are here.", detail, command)
}

// display names a folder as the person at the terminal would.
func display(folder string) string {
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, folder); err == nil && filepath.IsLocal(rel) {
			if rel == "." {
				return "this folder"
			}
			return rel
		}
	}
	return folder
}

// fileTable is what may stand at the top of a file.
var fileTable = &table{blocks: []hcl.BlockHeaderSchema{
	{Type: "flowrider"},
	{Type: "variable", LabelNames: []string{"name"}},
	{Type: "locals"},
	{Type: "project", LabelNames: []string{"name"}},
	{Type: "environment", LabelNames: []string{"kind", "name"}},
	{Type: "hook", LabelNames: []string{"kind", "name"}},
	{Type: "profile", LabelNames: []string{"name"}},
	{Type: "flow", LabelNames: []string{"runner", "name"}},
	{Type: "pool", LabelNames: []string{"name"}},
	{Type: "output", LabelNames: []string{"name"}},
	{Type: "moved"},
	{Type: "import"},
}}

func (c *Config) decodeBlock(block *hcl.Block) hcl.Diagnostics {
	diags := checkName(block)
	if diags.HasErrors() {
		c.loose[kindOf(block.Type)] = true
	}
	var moreDiags hcl.Diagnostics
	switch block.Type {
	case "variable":
		moreDiags = c.decodeVariable(block)
	case "locals":
		moreDiags = c.decodeLocals(block)
	case "project":
		moreDiags = c.decodeProject(block)
	case "environment":
		moreDiags = c.decodeEnvironment(block)
	case "hook":
		moreDiags = c.decodeHook(block)
	case "profile":
		moreDiags = c.decodeProfile(block)
	case "flow":
		moreDiags = c.decodeFlow(block)
	case "pool":
		moreDiags = c.decodePool(block)
	case "output":
		moreDiags = c.decodeOutput(block)
	case "import":
		moreDiags = c.decodeImport(block)
	case "moved":
		moreDiags = c.decodeMoved(block)
	default:
		panic("schema: no decoder for block " + block.Type)
	}
	return append(diags, moreDiags...)
}

// decodeCommon reads a block's arguments by its table.
func decodeCommon(block *hcl.Block, kind string, t *table) (Block, hcl.Blocks, hcl.Diagnostics) {
	arguments, blocks, diags := t.decode(block.Body)
	common := Block{Kind: kind, Arguments: arguments, DeclRange: block.DefRange, table: t, missing: block.Body.MissingItemRange(), extent: extentOf(block)}
	if n := len(block.Labels); n > 0 {
		common.Address = Address{Block: block.Type, Name: block.Labels[n-1]}
		common.Nameless = len(block.LabelRanges) == 0 || !validIdentifier(block.Labels[n-1])
		common.Partial = common.Nameless
	}
	if block.Type == "variable" {
		common.Address.Block = "var"
	}
	return common, blocks, diags
}

func (c *Config) noteBroken(address Address) {
	if c.broken == nil {
		c.broken = map[Address]bool{}
	}
	c.broken[address] = true
}

const unknownKind = "Unknown kind"

// tablesOf are the tables of a type of block that has kinds, by those.
func tablesOf(block string) map[string]*table {
	switch block {
	case "flow":
		return flowTables
	case "hook":
		return hookTables
	case "environment":
		return environmentTables
	}
	return nil
}

// IsKind says whether blocks of a type have a kind of that name. References have none
// in them, unlike Terraform's.
func IsKind(block, name string) bool { return tablesOf(block)[name] != nil }

// decodeKind is decodeCommon of a block that has a kind. Its Kind is "" where nobody
// knows which is meant.
func (c *Config) decodeKind(block *hcl.Block) (Block, hcl.Blocks, hcl.Diagnostics) {
	tables := tablesOf(block.Type)
	kind, diags := c.knownKind(block, tables)
	if kind == "" {
		return Block{}, nil, diags
	}
	common, blocks, moreDiags := decodeCommon(block, kind, tables[kind])
	return common, blocks, append(diags, moreDiags...)
}

// knownKind is a block's first label, or the kind that is meant by one that nothing
// knows; "" where that is not clear.
func (c *Config) knownKind(block *hcl.Block, tables map[string]*table) (string, hcl.Diagnostics) {
	label := block.Labels[0]
	if tables[label] != nil {
		return label, nil
	}
	kinds := slices.Sorted(maps.Keys(tables))
	detail := fmt.Sprintf("There is no %s of kind %q.", block.Type, label)
	problem := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: unknownKind, Subject: &block.LabelRanges[0]}
	best := diag.Suggest(label, kinds)
	switch {
	case best != "":
		detail += fmt.Sprintf(" Did you mean %q?", best)
		problem.Extra = diag.Suggestion(best)
	case foreignKinds[label] != "" && tables["command"] != nil:
		detail += fmt.Sprintf(" Did you mean \"command\"? It takes %s.", commandLine(label, block.Body))
		problem.Extra = diag.Suggestion("command")
	default:
		detail += " " + diag.Kinds(kinds)
		if isArgumentOf(block.Type, block.Labels[1]) && strings.HasSuffix(block.DefRange.Filename, ".json") {
			detail += fmt.Sprintf(" A kind stands around the names of blocks: %q: {%q: {%q: …}}.", block.Type, kinds[0], label)
		}
	}
	if best == "" { // what another tool has in it is not what ours takes
		c.noteBroken(Address{Block: block.Type, Name: block.Labels[1]})
	}
	problem.Detail = detail
	return best, hcl.Diagnostics{problem}
}

// isArgumentOf says whether blocks of a type have an argument of that name.
func isArgumentOf(block, name string) bool {
	return slices.ContainsFunc(Blocks(), func(t BlockTable) bool {
		return strings.HasPrefix(t.Header, block+" ") && argumentNamed(t.Arguments, name) != nil
	})
}

// checkName holds the last label to HCL's identifiers, so that every block
// can be referred to.
func checkName(block *hcl.Block) hcl.Diagnostics {
	if len(block.LabelRanges) == 0 {
		return nil // it has no name, or that is told
	}
	name := block.Labels[len(block.Labels)-1]
	if validIdentifier(name) || strings.Contains(name, "${") { // a template there was told by the parser
		return nil
	}
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Invalid name",
		Detail:  fmt.Sprintf("%q cannot be the name of %s %s: a name starts with a letter or underscore and goes on with letters, digits, underscores and dashes.", name, article(block.Type), block.Type),
		Subject: &block.LabelRanges[len(block.LabelRanges)-1],
	}}
}

// blocks lists every named block in source order of its kind.
func (c *Config) blocks() []*Block {
	var all []*Block
	for _, v := range c.Variables {
		all = append(all, &v.Block)
	}
	for _, l := range c.Locals {
		all = append(all, &Block{Address: l.Address, DeclRange: l.Attribute.NameRange})
	}
	for _, p := range c.Projects {
		all = append(all, &p.Block)
	}
	for _, e := range c.Environments {
		all = append(all, &e.Block)
	}
	for _, h := range c.Hooks {
		all = append(all, &h.Block)
	}
	for _, p := range c.Profiles {
		all = append(all, &p.Block)
	}
	for _, f := range c.Flows {
		all = append(all, &f.Block)
	}
	for _, p := range c.Pools {
		all = append(all, &p.Block)
	}
	for _, o := range c.Outputs {
		all = append(all, &o.Block)
	}
	return all
}

// Flow is the flow of that name, or nil.
func (c *Config) Flow(name string) *Flow { return find(c, c.Flows, "flow", name) }

// Hook is the hook of that name, or nil.
func (c *Config) Hook(name string) *Hook { return find(c, c.Hooks, "hook", name) }

// Environment is the environment of that name, or nil.
func (c *Config) Environment(name string) *Environment {
	return find(c, c.Environments, "environment", name)
}

// Profile is the profile of that name, or nil.
func (c *Config) Profile(name string) *Profile { return find(c, c.Profiles, "profile", name) }

// Project is the project of that name, or nil.
func (c *Config) Project(name string) *Project { return find(c, c.Projects, "project", name) }

// Variable is the variable of that name, or nil.
func (c *Config) Variable(name string) *Variable { return find(c, c.Variables, "var", name) }

// Local is the local value of that name, or nil.
func (c *Config) Local(name string) *Local { return find(c, c.Locals, "local", name) }

// Has says whether something is declared under the address, whatever its key.
// What is declared with an unknown kind is there too, though no list has it:
// its own mistake is told, and references to it are none.
func (c *Config) Has(address Address) bool {
	_, ok := c.index[address.Whole()]
	return ok || c.broken[address.Whole()]
}

// MayHave says whether something is, or may be, declared under the address:
// what could not be read may declare it.
func (c *Config) MayHave(address Address) bool {
	return c.Has(address) || c.loose[address.Block]
}

// ForEach lists the addresses of the blocks that have for_each, in source order
// of their kinds.
func (c *Config) ForEach() []Address {
	var list []Address
	for _, block := range c.blocks() {
		if block.Argument("for_each") != nil {
			list = append(list, block.Address)
		}
	}
	return list
}

// HasForEach says whether a block is declared with for_each.
func (c *Config) HasForEach(address Address) bool {
	block := c.Repeatable(address)
	return block != nil && block.Argument("for_each") != nil
}

// Repeatable is the block of that address, whatever its key, if it is of a kind
// that may have for_each; nil where there is none that could be read.
func (c *Config) Repeatable(address Address) *Block {
	switch address.Block {
	case "flow":
		if flow := c.Flow(address.Name); flow != nil {
			return &flow.Block
		}
	case "hook":
		if hook := c.Hook(address.Name); hook != nil {
			return &hook.Block
		}
	case "environment":
		if environment := c.Environment(address.Name); environment != nil {
			return &environment.Block
		}
	}
	return nil
}

// Names lists the names that are declared for a kind of block, as Address has
// it, in source order.
func (c *Config) Names(kind string) []string {
	var names []string
	for _, block := range c.blocks() {
		if block.Address.Block == kind && !block.Nameless {
			names = append(names, block.Address.Name)
		}
	}
	return names
}

// find looks a name up in the index, which says where in its list it is.
func find[T any](c *Config, list []T, block, name string) T {
	var none T
	if i, ok := c.index[Address{Block: block, Name: name}]; ok {
		return list[i]
	}
	return none
}

// indexNames makes the index: of names that are declared twice, the first. The
// message of that stands at the second and tells the place of the first.
func (c *Config) indexNames() (diags hcl.Diagnostics) {
	blocks := c.blocks()
	c.index = make(map[Address]int, len(blocks))
	first := 0 // of a kind
	for i, block := range blocks {
		if block.Address.Block != blocks[first].Address.Block {
			first = i
		}
		earlier, taken := c.index[block.Address]
		if !taken {
			c.index[block.Address] = i - first
			continue
		}
		subject, place := block.DeclRange, blocks[first+earlier].DeclRange
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: "Duplicate name",
			Detail: fmt.Sprintf("%s is already declared at %s:%d. Names are unique per block, whatever their kind.",
				block.Address, place.Filename, place.Start.Line),
			Subject: &subject,
		})
		block.Address.Name, block.Nameless, block.Partial = madeUp(subject), true, true // so that the rest of it is looked at
	}
	return diags
}

// madeUp is a name for a block that has none, by where it stands.
func madeUp(at hcl.Range) string { return fmt.Sprintf("NAME (%s:%d)", at.Filename, at.Start.Line) }
