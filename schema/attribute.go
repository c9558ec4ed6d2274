package schema

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Attribute is an argument, or a local value, as it is written. What its value
// refers to is found once, while files are read side by side: a large
// configuration is looked through for it many times.
type Attribute struct {
	Name       string
	NameRange  hcl.Range
	Expr       hcl.Expression // a *Simple if it can be one
	References []*Reference   // that Expr has

	end hcl.Pos
}

// Range is where all of it stands.
func (a *Attribute) Range() hcl.Range {
	return hcl.Range{Filename: a.NameRange.Filename, Start: a.NameRange.Start, End: a.end}
}

// Simple is the value if it is a simple one, or nil.
func (a *Attribute) Simple() *Simple {
	simple, _ := a.Expr.(*Simple)
	return simple
}

// setExpr puts another value in.
func (a *Attribute) setExpr(expr hcl.Expression) {
	if simple := SimpleOf(expr); simple != nil {
		expr = simple
	}
	a.Expr, a.References = expr, References(expr)
}

// attributes takes over what HCL has found, in source order.
func attributes(found hcl.Attributes) []*Attribute {
	all := make([]Attribute, 0, len(found))
	for _, a := range found {
		all = append(all, Attribute{Name: a.Name, NameRange: a.NameRange, Expr: a.Expr, end: a.Range.End})
	}
	return inOrder(all)
}

// nativeAttributes are those of a body in native syntax.
func nativeAttributes(found hclsyntax.Attributes) []*Attribute {
	all := make([]Attribute, 0, len(found))
	for _, a := range found {
		all = append(all, Attribute{Name: a.Name, NameRange: a.NameRange, Expr: a.Expr, end: a.SrcRange.End})
	}
	return inOrder(all)
}

// inOrder looks at the values, and sorts by place.
func inOrder(all []Attribute) []*Attribute {
	list := make([]*Attribute, len(all))
	for i := range all {
		all[i].setExpr(all[i].Expr)
		list[i] = &all[i]
	}
	sortArguments(list)
	return list
}

// dropTrees lets the syntax trees of simple values go.
func (c *Config) dropTrees(file []byte) {
	blocks := c.blocks()
	for _, flow := range c.Flows {
		blocks = append(blocks, flow.parts()...)
	}
	for _, block := range blocks {
		if block == nil {
			continue
		}
		for _, attribute := range block.Arguments {
			if simple := attribute.Simple(); simple != nil {
				simple.drop(file)
			}
		}
	}
	for _, local := range c.Locals {
		if simple := local.Attribute.Simple(); simple != nil {
			simple.drop(file)
		}
	}
}
