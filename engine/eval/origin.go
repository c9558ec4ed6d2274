package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/schema"
)

// Origin is the digest of all that decides an argument but the results of other
// flows and the answers of hooks: its expression, those of the locals, hooks and
// environments behind it, the variables, and what is read from files. While a
// value is not known, it tells whether it is still the same one that will be
// known later. Values count in their hashed form, and those that are made
// sensitive not at all. each is nil, and forEach too, outside for_each.
func (e *Evaluator) Origin(attribute *schema.Attribute, each *Each, forEach *schema.Attribute) string {
	o := &origin{eval: e, each: each, forEach: forEach, parts: map[string]string{}}
	if e.hidden == nil {
		e.hidden = Hidden(e.config)
	}
	o.visit(attribute.Name, attribute.Expr, false)
	var labels []string
	for label := range o.parts {
		labels = append(labels, label)
	}
	slices.Sort(labels)
	var text strings.Builder
	for _, label := range labels {
		text.WriteString(manifest.Quote(label) + " = " + manifest.Quote(o.parts[label]) + "\n")
	}
	return manifest.Digest(text.String())
}

type origin struct {
	eval    *Evaluator
	each    *Each
	forEach *schema.Attribute
	parts   map[string]string // by what it is the source or value of
}

// visit adds an expression and all that it refers to: of one that is hidden,
// no value.
func (o *origin) visit(label string, expr hcl.Expression, hidden bool) {
	if _, seen := o.parts[label]; seen {
		return
	}
	if merged, ok := expr.(*schema.Merged); ok {
		for i, part := range merged.Parts {
			o.visit(fmt.Sprintf("%s, part %d", label, i), part, hidden)
		}
		return
	}
	source := o.eval.config.Sources[expr.Range().Filename]
	if source == nil {
		return
	}
	o.parts[label] = string(expr.Range().SliceBytes(source.Bytes))
	var sensitive []hcl.Range // calls, each before what is in it
	for _, node := range (&checker{}).nodes(expr) {
		hclsyntax.VisitAll(node, func(node hclsyntax.Node) hcl.Diagnostics {
			call, ok := node.(*hclsyntax.FunctionCallExpr)
			switch {
			case !ok:
			case call.Name == "sensitive":
				sensitive = append(sensitive, call.Range())
			case outside[call.Name] && !hidden && !slices.ContainsFunc(sensitive, call.Range().Overlaps):
				o.value(label+": "+string(call.Range().SliceBytes(source.Bytes)), call)
				o.template(call, map[string]bool{})
			}
			return nil
		})
	}
	for _, reference := range schema.Complete(schema.References(expr)) {
		o.refer(reference)
	}
}

// outside are the functions whose results come from outside the configuration.
var outside = map[string]bool{
	"env": true, "file": true, "filebase64": true, "filebase64sha256": true, "filebase64sha512": true, "fileexists": true, "filemd5": true,
	"fileset": true, "filesha1": true, "filesha256": true, "filesha512": true, "templatefile": true,
}

// template adds the text of a template, whatever it is given, and what the
// functions in it read whose arguments are written there.
func (o *origin) template(call *hclsyntax.FunctionCallExpr, seen map[string]bool) {
	if call.Name != "templatefile" || len(call.Args) == 0 || !o.settled(call.Args[0]) {
		return
	}
	path, diags := o.eval.Evaluate(call.Args[0], cty.String, o.each)
	name := textOf(path.Real)
	text, err := library{root: o.eval.config.Root}.text(name)
	if diags.HasErrors() || err != nil || seen[name] {
		return
	}
	seen[name] = true
	o.parts["template "+name] = text
	expr, diags := parseTemplate(name, text)
	if diags.HasErrors() {
		return
	}
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		if inner, ok := node.(*hclsyntax.FunctionCallExpr); ok && outside[inner.Name] {
			if len(inner.Variables()) == 0 {
				o.value(fmt.Sprintf("template %s: %s", name, inner.Range().SliceBytes([]byte(text))), inner)
			}
			o.template(inner, seen)
		}
		return nil
	})
}

// refer adds what a reference stands for.
func (o *origin) refer(reference *schema.Reference) {
	address, config := reference.Address, o.eval.config
	hidden := o.eval.hidden[address.Whole()]
	switch address.Block {
	case "var", "workspace":
		if hidden {
			return
		}
		short := reference.Traversal[:min(2, len(reference.Traversal))]
		o.value(address.String(), &hclsyntax.ScopeTraversalExpr{Traversal: short, SrcRange: reference.Range()})
	case "each":
		o.element()
	case "local":
		if local := config.Local(address.Name); local != nil {
			o.visit(address.String(), local.Attribute.Expr, hidden)
		}
	case "hook":
		if hook := config.Hook(address.Name); hook != nil {
			o.block(&hook.Block)
		}
	case "environment":
		if environment := config.Environment(address.Name); environment != nil {
			o.block(&environment.Block)
		}
	}
}

// element adds what each.key and each.value are, or where they come from.
func (o *origin) element() {
	if o.each == nil || o.forEach == nil {
		return
	}
	hidden := slices.ContainsFunc(schema.References(o.forEach.Expr), func(r *schema.Reference) bool { return o.eval.hidden[r.Address.Whole()] })
	if hidden || !o.each.Value.Hashed.IsWhollyKnown() {
		o.visit("for_each", o.forEach.Expr, hidden)
		return
	}
	o.parts["each"] = o.each.Key + "\n" + lines(o.each.Value.Hashed)
}

func (o *origin) block(block *schema.Block) {
	each, forEach := o.each, o.forEach
	o.each, o.forEach = nil, nil // its own each is what its for_each gives, which is visited
	defer func() { o.each, o.forEach = each, forEach }()
	for _, attribute := range block.Arguments {
		o.visit(block.Address.String()+"."+attribute.Name, attribute.Expr, false)
	}
}

// value adds what an expression is worth, if it refers to nothing that might
// become known later: else its worth would depend on when it is asked for.
func (o *origin) value(label string, expr hcl.Expression) {
	if !o.settled(expr) {
		return
	}
	value, diags := o.eval.Evaluate(expr, cty.DynamicPseudoType, o.each)
	if !diags.HasErrors() && value.Hashed.IsWhollyKnown() {
		o.parts[label] = lines(value.Hashed)
	}
}

// settled says whether all that an expression refers to is known from the
// start.
func (o *origin) settled(expr hcl.Expression) bool {
	return !slices.ContainsFunc(expr.Variables(), func(traversal hcl.Traversal) bool {
		return !slices.Contains([]string{"var", "each", "path", "workspace"}, traversal.RootName())
	})
}

// lines is a hashed value as it stands in a manifest.
func lines(hashed cty.Value) string { return manifest.New(Facts(manifest.At("value"), hashed)).Draft() }
