package source

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/runner/metaflow"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// flow compares a Metaflow flow with its file.
func (c *checker) flow(flow *plan.Flow) {
	text, known := flow.Resolved.Arguments["file"].Text()
	if !known {
		return
	}
	block, file := flow.Instance.Flow, path.Clean(text)
	address, subject := flow.Instance.Address.Whole().String(), block.Argument("file").Expr.Range()
	definitions, all, err := metaflow.Define(c.tree(flow.Place.Project), file)
	if c.unreadable(subject, address, pythonOf(flow.Place.Environment), flow.Place.Project, file, err) || err != nil {
		return
	}
	c.without(flow, address)
	definition := metaflow.Entry(definitions)
	c.options(flow, address, definition)
	switch {
	case len(definitions) == 0 && all:
		c.wrong(subject, "No flow in this file", "%s: no class in %s derives from FlowSpec.%s", address, file, c.others(flow))
	case definition == nil && all && !slices.ContainsFunc(definitions, func(d *metaflow.Definition) bool { return d.Started }):
		var classes []string
		for _, d := range definitions {
			classes = append(classes, d.Class)
		}
		c.wrong(subject, "Flow is not started", "%s: %s, and starts none of them. Write at its end, with the one that is meant:\nif __name__ == \"__main__\":\n    %s()",
			address, strings.TrimSuffix(diag.Listing(file+" defines", classes), "."), classes[0])
	case definition == nil:
	case !definition.Started && all:
		c.wrong(subject, "Flow is not started", "%s: %s defines %s and does not start it. Write at its end:\nif __name__ == \"__main__\":\n    %s()", address, file, definition.Class, definition.Class)
	default:
		c.given(flow, address, definition)
		c.outputs(flow, address, definition)
	}
}

// others names the files of the project that do start flows.
func (c *checker) others(flow *plan.Flow) string {
	var names []string
	for _, entry := range flow.Listing.Entries {
		if path.Ext(entry.Path) != ".py" || len(names) > 8 {
			continue
		}
		definitions, _, err := metaflow.Define(c.tree(flow.Place.Project), entry.Path)
		if entry := metaflow.Entry(definitions); err == nil && entry != nil && entry.Started {
			names = append(names, entry.File)
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1:
		return " " + names[0] + " starts one."
	case len(names) > 8:
		return ""
	}
	return strings.TrimSuffix(" "+diag.Listing("These start one:", names), ".") + "."
}

// given compares the parameters and configs that a flow is given with those
// that it has.
func (c *checker) given(flow *plan.Flow, address string, definition *metaflow.Definition) {
	var meant []string // by names that are misspelt
	for _, kind := range []struct {
		argument, noun string
		has            []metaflow.Parameter
	}{
		{"parameters", "parameter", definition.Parameters},
		{"configs", "config", definition.Configs},
		{"config_values", "config", definition.Configs},
	} {
		value, ok := flow.Resolved.Arguments[kind.argument]
		if !ok {
			continue
		}
		given := value.Unmarked()
		names, _ := plan.AttributeNames(given)
		for _, name := range names {
			key, place := places(&flow.Instance.Flow.Block, kind.argument, name)
			at := slices.IndexFunc(kind.has, func(p metaflow.Parameter) bool { return p.Name == name })
			switch {
			case at < 0 && !definition.Open:
				meant = append(meant, c.unknown(key, address, kind.noun, name, definition, kind.has))
			case at >= 0 && kind.argument == "parameters":
				c.value(flow, place, address, kind.has[at], attribute(given, name))
			}
		}
	}
	if !flow.Instance.Flow.Partial {
		c.missing(flow, address, definition, meant)
	}
}

// without warns of a flow whose Python may have no Metaflow.
func (c *checker) without(flow *plan.Flow, address string) {
	if e := flow.Place.Environment; e != nil {
		if problem := e.WithoutMetaflow(); problem != nil {
			c.tell(problem)
		}
		return
	}
	for _, name := range []string{"env", "pass_env", "secrets"} {
		if flow.Instance.Flow.Argument(name) != nil {
			return // it may run another Python, or find more
		}
	}
	if _, ok := c.tree(flow.Place.Project).Module("metaflow"); ok {
		return
	}
	if a := c.answers[pathPython]; a == nil || !a.has("metaflow") || a.Modules["metaflow"] != nil {
		return
	}
	d := c.wrong(flow.Instance.Flow.DeclRange, "No Metaflow", "%s has no environment, and python3 on PATH has no metaflow here. "+
		"Declare an environment that has it, as in environment \"pip\" \"ml\" { packages = { metaflow = \"\" } }, and write environment = environment.ml here.", address)
	d.Severity = hcl.DiagWarning
}

// options warns of options with names that are near to Metaflow's own. An extension
// may have them, and a flow's parameters are options too.
func (c *checker) options(flow *plan.Flow, address string, definition *metaflow.Definition) {
	for _, pair := range [][2]string{{"options", "run_options"}, {"run_options", "options"}} {
		argument, other := pair[0], pair[1]
		value, ok := flow.Resolved.Arguments[argument]
		if !ok {
			continue
		}
		names, _ := plan.AttributeNames(value.Unmarked())
		for _, name := range names {
			isParameter := definition != nil && slices.ContainsFunc(definition.Parameters, func(p metaflow.Parameter) bool { return p.Name == name })
			if isParameter || slices.Contains(metaflow.Options[argument], name) {
				continue
			}
			key, _ := places(&flow.Instance.Flow.Block, argument, name)
			best, elsewhere := diag.Suggest(name, metaflow.Options[argument]), diag.Suggest(name, metaflow.Options[other])
			var d *hcl.Diagnostic
			switch {
			case slices.Contains(metaflow.Options[other], name):
				d = c.wrong(key, "Unknown option", "%s: Metaflow has the option %q in another place. Write it in %s = { %s = … }.", address, name, other, name)
			case best != "":
				d = c.wrong(key, "Unknown option", "%s: Metaflow itself has no option %q. Did you mean %q?", address, name, best)
				d.Extra = diag.Suggestion(best)
			case elsewhere != "":
				d = c.wrong(key, "Unknown option", "%s: Metaflow itself has no option %q. Did you mean %s = { %s = … }?", address, name, other, elsewhere)
			default:
				continue
			}
			d.Severity = hcl.DiagWarning
		}
	}
}

// places are where an attribute of an argument and its value are written.
func places(block *schema.Block, argument, attribute string) (key, value hcl.Range) {
	if pair, ok := block.Attribute(argument, attribute); ok {
		return pair.Key.Range(), pair.Value.Range()
	}
	place := block.Argument(argument).Expr.Range()
	return place, place
}

// attribute is the value of one attribute.
func attribute(object cty.Value, name string) cty.Value {
	switch {
	case object.Type().IsObjectType():
		return object.GetAttr(name)
	case object.IsKnown():
		return object.Index(cty.StringVal(name))
	}
	return cty.DynamicVal
}

// unknown tells of a name that the flow has not, and gives the one that is
// meant, or "".
func (c *checker) unknown(subject hcl.Range, address, noun, name string, definition *metaflow.Definition, has []metaflow.Parameter) string {
	var names []string
	for _, p := range has {
		names = append(names, p.Name)
	}
	text := fmt.Sprintf("%s: %s (%s) has no %s %q.", address, definition.Class, definition.File, noun, name)
	best := diag.Suggest(name, names)
	switch {
	case best != "":
		text += fmt.Sprintf(" Did you mean %q?", best)
	case len(names) > 0:
		text += " " + diag.Listing("It has", names)
	default:
		text += fmt.Sprintf(" It has none: add %s = %s to the class, or take it away here.", strings.ReplaceAll(name, "-", "_"), declaration(noun, name))
	}
	if d := c.wrong(subject, "Unknown "+noun, "%s", text); best != "" {
		d.Extra = diag.Suggestion(best)
	}
	return best
}

func declaration(noun, name string) string {
	return fmt.Sprintf("%s%s(%q)", strings.ToUpper(noun[:1]), noun[1:], name)
}

// missing finds parameters that the flow must be given and is not, under any
// name.
func (c *checker) missing(flow *plan.Flow, address string, definition *metaflow.Definition, meant []string) {
	block := flow.Instance.Flow
	value, ok := flow.Resolved.Arguments["parameters"]
	var names []string
	given := cty.EmptyObjectVal
	if ok {
		var all bool
		if given = value.Unmarked(); !given.IsNull() {
			if names, all = plan.AttributeNames(given); !all {
				return
			}
		}
	}
	subject := block.DeclRange
	if argument := block.Argument("parameters"); argument != nil {
		subject = argument.NameRange
	}
	for _, p := range definition.Parameters {
		if p.Required && !slices.Contains(meant, p.Name) && (!slices.Contains(names, p.Name) || attribute(given, p.Name).IsNull()) {
			help := ""
			if p.Help != "" {
				help = fmt.Sprintf(" (%s)", strings.TrimSuffix(p.Help, "."))
			}
			c.wrong(subject, "Missing parameter", "%s: %s needs the parameter %q%s, by %s:%d. Write parameters = { %s = … }.",
				address, definition.Class, p.Name, help, p.File, p.Line, p.Name)
		}
	}
}

// outputs warns of artifacts that nothing in the source mentions.
func (c *checker) outputs(flow *plan.Flow, address string, definition *metaflow.Definition) {
	for _, output := range flow.Instance.Flow.Outputs {
		artifact, known := flow.Resolved.Outputs[output.Name]["artifact"].Text()
		if !known || !definition.Lacks(artifact) {
			continue
		}
		text := fmt.Sprintf("%s: nothing in %s mentions an artifact %q.", address, definition.File, artifact)
		best := diag.Suggest(artifact, definition.Artifacts())
		if best != "" {
			text += fmt.Sprintf(" Did you mean %q?", best)
		} else if names := definition.Artifacts(); len(names) > 0 {
			text += " " + diag.Listing("Its steps make", names)
		}
		d := c.wrong(output.Argument("artifact").Expr.Range(), "Unknown artifact", "%s", text)
		if d.Severity = hcl.DiagWarning; best != "" {
			d.Extra = diag.Suggestion(best)
		}
	}
}

// value says whether Metaflow would take a value for a parameter.
func (c *checker) value(flow *plan.Flow, place hcl.Range, address string, p metaflow.Parameter, value cty.Value) {
	if !value.IsWhollyKnown() || value.IsNull() {
		return
	}
	if p.Kind == "IncludeFile" {
		c.file(flow, place, address, p, value)
		return
	}
	if err := p.Takes(value); err != nil {
		var wanted *metaflow.Unsuitable
		if errors.As(err, &wanted) {
			c.wrong(place, "Unsuitable value", "%s: the parameter %q is %s, by %s:%d, and %s is none.", address, p.Name, wanted.Wanted, p.File, p.Line, wanted.Got)
		}
		return
	}
	if advice := c.noText(place, value); p.Type == "str" && !p.Separator && advice != "" {
		c.wrong(place, "Unsuitable value", "%s: the parameter %q is a text, by %s:%d, and %s", address, p.Name, p.File, p.Line, advice).Severity = hcl.DiagWarning
	}
}

// date is a date without its quotes, which is a subtraction.
var date = regexp.MustCompile(`^\d{4}-\d\d?-\d\d?$`)

// noText says what becomes of a value that is passed on as a text, and is probably
// not meant to; "" where all is well.
func (c *checker) noText(place hcl.Range, value cty.Value) string {
	written := ""
	if file := c.session.Config.Sources[place.Filename]; file != nil && place.CanSliceBytes(file.Bytes) {
		written = string(place.SliceBytes(file.Bytes))
	}
	switch t := value.Type(); {
	case t == cty.Number && date.MatchString(written):
		return fmt.Sprintf("%s is the number %s. Write %q.", written, value.AsBigFloat().Text('f', -1), written)
	case t.IsTupleType(), t.IsListType(), t.IsSetType():
		return "a list is passed to it as JSON. Write a text, or jsonencode(…) around the list where JSON is meant."
	case t.IsObjectType(), t.IsMapType():
		return "an object is passed to it as JSON. Write a text, or jsonencode(…) around the object where JSON is meant."
	}
	return ""
}

// file says whether the file of an IncludeFile is in the bundle.
func (c *checker) file(flow *plan.Flow, place hcl.Range, address string, p metaflow.Parameter, value cty.Value) {
	if value.Type() != cty.String || path.IsAbs(value.AsString()) || strings.Contains(value.AsString(), "://") {
		return
	}
	name := path.Clean(value.AsString())
	if flow.Listing.Reach(name) != nil {
		return
	}
	text := fmt.Sprintf("%s: the parameter %q is a file, and there is no %q among the bundled files of the project. The path is relative to the project's root.", address, p.Name, value.AsString())
	if _, advice := plan.NearFiles(flow.Listing, name); advice != "" {
		text += " " + advice
	} else {
		text += fmt.Sprintf(" `flowrider bundle ls %s` lists them.", address)
	}
	c.wrong(place, "No such file", "%s", text)
}
