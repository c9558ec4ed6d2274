package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/diag"
)

var ctyString = cty.String

// Argument is one line of a block kind's table: what an author may write.
type Argument struct {
	Name     string
	Type     cty.Type // cty.DynamicPseudoType takes any value
	Required bool
	Seconds  bool   // a number of them; others are durations
	Object   bool   // its value is an object, although its Type takes any value
	Default  string // what holds without it, in words
	Aside    bool   // of what is in a flow: it does not count in the config hash
	Nullable bool   // null is none, where it is needed, and in place of an element; else it is a mistake there
	Empty    string // what "" stands for in place of an element, in words; "" where that is nothing to advise
	Help     string
}

// merges says whether a flow's profiles add to the argument; else what is said
// last stands.
func (a Argument) merges() bool { return a.Object || a.Type.IsMapType() }

// table is the schema of one block kind: its arguments and nested blocks.
type table struct {
	what      string // "flow "metaflow"", for messages
	arguments []Argument
	blocks    []hcl.BlockHeaderSchema

	once sync.Once
	hcl  *hcl.BodySchema // see body
}

// body is the table as HCL takes it.
func (t *table) body() *hcl.BodySchema {
	t.once.Do(func() {
		t.hcl = &hcl.BodySchema{Blocks: t.blocks}
		for _, argument := range t.arguments {
			t.hcl.Attributes = append(t.hcl.Attributes, hcl.AttributeSchema{Name: argument.Name})
		}
	})
	return t.hcl
}

// Block is what all blocks of the configuration have in common.
type Block struct {
	Address   Address
	Kind      string       // metaflow, pip, …; "" where a block has no kinds
	Arguments []*Attribute // those that were written, in source order
	DeclRange hcl.Range
	Partial   bool // arguments that have mistakes were left out of it, or it is nameless; see Sound
	Nameless  bool // its labels are wrong, so that its name is made up

	table     *table
	missing   hcl.Range // where what is missing is told
	extent    hcl.Range // all of it; zero in JSON
	inherited []string  // addresses of the profiles that it has arguments of
}

// Argument is the argument of that name, or nil if it was not written.
func (b *Block) Argument(name string) *Attribute {
	if i := b.position(name); i >= 0 {
		return b.Arguments[i]
	}
	return nil
}

func (b *Block) position(name string) int {
	return slices.IndexFunc(b.Arguments, func(a *Attribute) bool { return a.Name == name })
}

// without takes an argument away.
func (b *Block) without(name string) {
	b.Arguments = slices.DeleteFunc(b.Arguments, func(a *Attribute) bool { return a.Name == name })
}

// Complete says whether all arguments that it needs are there.
func (b *Block) Complete() bool {
	return !slices.ContainsFunc(b.table.arguments, func(a Argument) bool { return a.Required && b.Argument(a.Name) == nil })
}

// Type is the type that the table gives the argument of that name.
func (b *Block) Type(name string) cty.Type { return b.argument(name).Type }

// InSeconds says whether an argument is a number of seconds.
func (b *Block) InSeconds(name string) bool { return b.argument(name).Seconds }

func (b *Block) argument(name string) Argument {
	argument := argumentNamed(b.table.arguments, name)
	if argument == nil {
		panic(fmt.Sprintf("schema: %s has no argument %q", b.table.what, name))
	}
	return *argument
}

// argumentNamed is the argument of a table that has that name, or nil.
func argumentNamed(list []Argument, name string) *Argument {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

func sortArguments(list []*Attribute) {
	slices.SortFunc(list, func(a, b *Attribute) int {
		return cmp.Or(strings.Compare(a.NameRange.Filename, b.NameRange.Filename), a.NameRange.Start.Byte-b.NameRange.Start.Byte, strings.Compare(a.Name, b.Name))
	})
}

// decode reads a body by the table: its arguments, in source order, and the
// blocks in it. What the table does not know is an error that names the
// nearest argument; HCL's own text for it is not used because its suggestions
// depend on map order.
func (t *table) decode(body hcl.Body) ([]*Attribute, hcl.Blocks, hcl.Diagnostics) {
	if native, ok := body.(*hclsyntax.Body); ok && t.takes(native) {
		return nativeAttributes(native.Attributes), nil, nil
	}
	content, diags := body.Content(t.body())
	if others := t.mislabelled(body); len(others) > 0 {
		content.Blocks = append(content.Blocks, others...)
		slices.SortStableFunc(content.Blocks, func(a, b *hcl.Block) int { return a.DefRange.Start.Byte - b.DefRange.Start.Byte })
	}
	diags = t.reword(withoutRepeated(diags[:min(len(diags), diag.Most+1)]))                 // more are not shown
	if content.Attributes["inherits"] == nil && !isNoObject(diags) && !isOtherKind(diags) { // else a profile may have them, or there is no block, or one of another kind
		has := func(name string) bool { return content.Attributes[name] != nil }
		diags = append(diags, t.missing(has, body.MissingItemRange(), diags)...)
	}
	return attributes(content.Attributes), content.Blocks, diags
}

// takes says whether there is surely nothing to say of a body: of most, for which
// HCL's general way takes as long as all else that is done with them here.
func (t *table) takes(body *hclsyntax.Body) bool {
	known := 0
	for i := range t.arguments {
		argument := &t.arguments[i]
		if _, written := body.Attributes[argument.Name]; written {
			known++
		} else if argument.Required {
			return false
		}
	}
	return known == len(body.Attributes) && len(body.Blocks) == 0
}

// isNoObject says whether a block, or one in it, has another shape in JSON.
func isNoObject(diags hcl.Diagnostics) bool {
	return slices.ContainsFunc(diags, func(d *hcl.Diagnostic) bool { return d.Summary == noJSONObject })
}

// otherKind rides in a diagnostic's Extra: the argument is one that blocks of another
// kind need, so that this is probably one of those.
type otherKind struct{}

func isOtherKind(diags hcl.Diagnostics) bool {
	return slices.ContainsFunc(diags, func(d *hcl.Diagnostic) bool { return d.Extra == otherKind{} })
}

// isNeededElsewhere says whether another kind of the same type of block needs an argument.
func (t *table) isNeededElsewhere(name string) bool {
	block, _, _ := strings.Cut(t.what, " ")
	for _, other := range tablesOf(block) {
		if argument := argumentNamed(other.arguments, name); other != t && argument != nil && argument.Required {
			return true
		}
	}
	return false
}

const missingArgument = "Missing argument"

// missing finds the required arguments that are not there.
func (t *table) missing(has func(name string) bool, subject hcl.Range, others hcl.Diagnostics) (diags hcl.Diagnostics) {
	for _, argument := range t.arguments {
		if argument.Required && !has(argument.Name) && !mentions(others, argument.Name) {
			diags = append(diags, t.lacks(argument, subject))
		}
	}
	return diags
}

// lacks is the mistake of a required argument that has no value.
func (t *table) lacks(argument Argument, subject hcl.Range) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: missingArgument,
		Detail:  fmt.Sprintf("%s needs the argument %q: %s.", capital(t.place()), argument.Name, argument.Help),
		Subject: &subject,
	}
}

// Null is the mistake of an argument that is null and has to have a value, or nil.
func (b *Block) Null(attribute *Attribute) *hcl.Diagnostic {
	if argument := b.argument(attribute.Name); argument.Required && !argument.Nullable {
		return b.table.lacks(argument, attribute.Expr.Range())
	}
	return nil
}

// InsteadOfNull says what to write in place of an element that is null; "" where null
// may stand.
func (b *Block) InsteadOfNull(name string) string {
	switch argument := b.argument(name); {
	case argument.Nullable:
		return ""
	case argument.Empty != "":
		return fmt.Sprintf("leave it out, or write \"\" for %s", argument.Empty)
	}
	return "leave it out"
}

// mentions says whether a misspelt argument was taken for this one already:
// one mistake gives one message.
func mentions(diags hcl.Diagnostics, name string) bool {
	for _, problem := range diags {
		if extra, ok := problem.Extra.(diag.Suggestion); ok && string(extra) == name {
			return true
		}
	}
	return false
}

// withoutRepeated leaves out what HCL says of a value in JSON where it also says
// that the labels are not there.
func withoutRepeated(diags hcl.Diagnostics) hcl.Diagnostics {
	return slices.DeleteFunc(diags, func(problem *hcl.Diagnostic) bool {
		return problem.Summary == noJSONObject && slices.ContainsFunc(diags, func(other *hcl.Diagnostic) bool {
			return other != nil && other.Summary == "Missing block label" && *other.Subject == *problem.Subject
		})
	})
}

// labelProblem rides in a diagnostic's Extra: the type of a block with too many
// labels or too few.
type labelProblem string

// outerBlock rides in a diagnostic's Extra: the type of a block of the top of a file
// that stands in another. What refers to it is right.
type outerBlock string

// reword gives HCL's messages on unknown arguments and blocks our own text.
func (t *table) reword(diags hcl.Diagnostics) hcl.Diagnostics {
	for _, problem := range diags {
		switch {
		case problem.Summary == "Unsupported argument", problem.Summary == "Extraneous JSON object property":
			t.unknown(problem, "argument", quoted(problem.Detail))
		case problem.Summary == "Unsupported block type":
			t.unknown(problem, "block", quoted(problem.Detail))
		case strings.HasPrefix(problem.Summary, "Extraneous label for "), strings.HasPrefix(problem.Summary, "Missing ") && strings.Contains(problem.Summary, " for "):
			t.labels(problem, problem.Summary[strings.LastIndexByte(problem.Summary, ' ')+1:])
		case problem.Summary == "Missing block label":
			t.labels(problem, strings.Fields(problem.Detail[strings.Index(problem.Detail, "represents the ")+len("represents the "):])[0])
		default:
			PlainSyntax(problem, nil)
		}
	}
	return diags
}

// unknown is the message of a name that stands for no argument or block.
func (t *table) unknown(problem *hcl.Diagnostic, noun, name string) {
	if noun == "argument" && blockExamples[name] != "" && t.hasBlock(name) {
		problem.Summary = "Block needed"
		problem.Detail = fmt.Sprintf("%s is a block, without =. Write %s.", name, blockExamples[name])
		return
	}
	if argument := argumentNamed(t.arguments, name); noun == "block" && argument != nil {
		value := "{ … }"
		if argument.Type.IsListType() || argument.Type.IsPrimitiveType() {
			value = "VALUE"
		}
		problem.Summary = "Argument needed"
		problem.Detail = fmt.Sprintf("%s is an argument: write %s = %s.", name, name, value)
		return
	}
	if t == fileTable && noun == "argument" && t.hasBlock(name) {
		problem.Summary = "Block needed"
		problem.Detail = fmt.Sprintf("%s is a block, without =. Write %s.", name, fileExamples[name])
		problem.Extra = diag.Suggestion(name) // what refers to what it declares is right
		return
	}
	candidates := make([]string, 0, len(t.arguments)+len(t.blocks))
	for _, argument := range t.arguments {
		candidates = append(candidates, argument.Name)
	}
	for _, block := range t.blocks {
		candidates = append(candidates, block.Type)
	}
	if t == fileTable && noun == "argument" && strings.HasPrefix(problem.Summary, "Extraneous") {
		noun = "block"
	}
	problem.Summary = "Unknown " + noun
	problem.Detail = fmt.Sprintf("There is no %s %q in %s.", noun, name, t.place())
	if t == fileTable && noun == "argument" {
		problem.Detail = fmt.Sprintf("%q stands outside of any block.", name)
	}
	best, advice := t.meant(name, noun, candidates)
	if t != fileTable {
		advice = As(*problem.Subject, advice, adviceInJSON(advice))
	}
	switch {
	case best != "":
		problem.Detail += strings.TrimRight(fmt.Sprintf(" Did you mean %q? %s", best, advice), " ")
		problem.Extra = diag.Suggestion(best)
	case advice != "":
		problem.Detail += " " + advice
	case t == fileTable && noun == "argument":
		problem.Detail += fmt.Sprintf(" Put it into one, as in locals { %s = … }.", name)
	case t == metaflowTable && noun == "argument":
		parameters := As(*problem.Subject, fmt.Sprintf("parameters = { %s = … }", name), fmt.Sprintf(`"parameters": { %q: … }`, name))
		problem.Detail += fmt.Sprintf(" If it is a parameter of the flow, write %s. %s", parameters, diag.Listing("The block itself takes", candidates))
	default:
		problem.Detail += " " + diag.Listing("It takes", candidates)
	}
	if best == "" && noun == "argument" && t.isNeededElsewhere(name) {
		problem.Extra = otherKind{}
	}
	if best == "" && noun == "block" && fileTable.hasBlock(name) {
		problem.Extra = outerBlock(name)
	}
	if block := foreignBlocks[name].kind; t == fileTable && block != "" { // what refers to it is right
		problem.Extra = diag.Suggestion(block)
	}
}

// labels is the message of a block with too many labels or too few.
func (t *table) labels(problem *hcl.Diagnostic, block string) {
	for _, header := range t.blocks {
		if header.Type != block {
			continue
		}
		written := block
		for _, label := range header.LabelNames {
			written += fmt.Sprintf(" %q", strings.ToUpper(label))
		}
		problem.Summary, problem.Extra = "Wrong labels", labelProblem(block)
		switch len(header.LabelNames) {
		case 0:
			problem.Detail = fmt.Sprintf("%s %s block takes no label: %s { … }.", capital(article(block)), block, written)
		case 1:
			problem.Detail = fmt.Sprintf("%s %s block takes one label, its name: %s { … }.", capital(article(block)), block, written)
		default:
			problem.Detail = fmt.Sprintf("%s %s block takes two labels, its %s and its name: %s { … }, as in %s.", capital(article(block)), block, header.LabelNames[0], written, labelExamples[block])
		}
	}
}

// mislabelled are the blocks that HCL leaves out since they have too many labels or
// too few, with as many as there should be: a kind, if one is meant, and a name that
// is made up. They have no LabelRanges.
func (t *table) mislabelled(body hcl.Body) (blocks hcl.Blocks) {
	native, ok := body.(*hclsyntax.Body)
	if !ok {
		return nil // nobody knows what is a label in JSON
	}
	for _, written := range native.Blocks {
		i := slices.IndexFunc(t.blocks, func(header hcl.BlockHeaderSchema) bool { return header.Type == written.Type })
		if i < 0 || len(t.blocks[i].LabelNames) == len(written.Labels) {
			continue
		}
		block, labels := written.AsHCLBlock(), []string(nil)
		if n := len(t.blocks[i].LabelNames); n > 0 {
			labels = []string{madeUp(written.TypeRange)}
			if kind := kindMeant(written); n > 1 && kind == "" {
				continue
			} else if n > 1 {
				labels = append([]string{kind}, labels...)
			}
		}
		block.Labels, block.LabelRanges = labels, nil
		blocks = append(blocks, block)
	}
	return blocks
}

// kindMeant is the kind of a block with the wrong labels: the first of them, or else
// the only one whose needed arguments it has; "" where that is not clear.
func kindMeant(block *hclsyntax.Block) string {
	tables := tablesOf(block.Type)
	if len(block.Labels) > 0 && tables[block.Labels[0]] != nil {
		return block.Labels[0]
	}
	if len(block.Labels) > 0 && slices.Contains([]string{"batch", "conda"}, block.Labels[0]) {
		return "" // it is a kind, of other arguments
	}
	var meant []string
	for kind, t := range tables {
		if t.fits(block.Body) {
			meant = append(meant, kind)
		}
	}
	if len(meant) != 1 {
		return ""
	}
	return meant[0]
}

// fits says whether a body has the arguments that the table needs, or where it needs
// none, no others than it takes.
func (t *table) fits(body *hclsyntax.Body) bool {
	needy := false
	for _, argument := range t.arguments {
		if needy = needy || argument.Required; argument.Required && body.Attributes[argument.Name] == nil {
			return false
		}
	}
	for name := range body.Attributes {
		if !needy && argumentNamed(t.arguments, name) == nil {
			return false
		}
	}
	return true
}

var labelExamples = map[string]string{
	"flow":        `flow "command" "clean" { … }`,
	"hook":        `hook "python" "columns" { … }`,
	"environment": `environment "pip" "ml" { … }`,
}

// fileExamples show how the blocks of a file are written.
var fileExamples = map[string]string{
	"flowrider":   `flowrider { runs = "runs" }`,
	"variable":    `variable "NAME" { default = VALUE }`,
	"locals":      `locals { NAME = VALUE }`,
	"project":     `project "NAME" { root = "folder" }`,
	"environment": `environment "pip" "NAME" { packages = { metaflow = "" } }`,
	"hook":        `hook "python" "NAME" { function = "package.module:function" }`,
	"profile":     `profile "NAME" { timeout = "1h" }`,
	"flow":        `flow "command" "NAME" { argv = ["program"] }`,
	"pool":        `pool "NAME" { size = 1 }`,
	"output":      `output "NAME" { value = VALUE }`,
	"moved":       `moved { … } with from and to on lines of their own`,
	"import":      `import { … } with to and run_id on lines of their own`,
}

// blockExamples show how nested blocks are written.
var blockExamples = map[string]string{
	"output":     `output "table" { file = "table.csv" }`,
	"bundle":     `bundle { include = ["*.py"] }`,
	"pin":        `pin { run_id = "1712345678901234" }`,
	"stop":       `stop { interrupt = "5m" }`,
	"validation": `validation { condition = … }`,
	"retry":      `retry { attempts = 3 }`,
	"resources":  `resources { memory = "8GiB" }`,
}

func (t *table) hasBlock(name string) bool {
	return slices.ContainsFunc(t.blocks, func(block hcl.BlockHeaderSchema) bool { return block.Type == name })
}

func (t *table) place() string {
	if t.what == "" {
		return "a configuration file"
	}
	return article(t.what) + " " + t.what + " block"
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an"
	}
	return "a"
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// quoted is the first text in double quotes.
func quoted(text string) string {
	start := -1
	for i, r := range text {
		if r != '"' {
			continue
		}
		if start >= 0 {
			return text[start:i]
		}
		start = i + 1
	}
	return ""
}
