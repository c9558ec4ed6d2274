package eval

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/flowrider/flowrider/schema"
)

// isSingle says whether a block could have instances and has none.
func (c *checker) isSingle(address schema.Address) bool {
	block := c.config.Repeatable(address)
	return block != nil && block.Argument("for_each") == nil
}

// isOne says whether there is nothing to go through in a block: it is single, and no
// hook, whose value may be a list.
func (c *checker) isOne(address schema.Address) bool {
	return address.Block != "hook" && c.isSingle(address)
}

// noInstances is the mistake of a key after a block without for_each, which rest
// follows. After a hook it may be one of its value.
func (c *checker) noInstances(at hcl.Range, address schema.Address, rest hcl.Traversal) {
	whole := address.Whole().String()
	better := whole
	if address.Block == "hook" {
		better = fmt.Sprintf("(%s)[%q]", whole, address.Key)
		if hclsyntax.ValidIdentifier(address.Key) {
			better = whole + "." + address.Key
		}
	}
	better += written(rest)
	c.report(at, "No instances", fmt.Sprintf("%s has no for_each, so it has no instances: write %s.", whole, better), better)
}

// checkInstances finds what goes through the instances of a block that has none, and
// [*] after one with for_each: that is an object of its instances, of which HCL
// makes a list with one element.
func (c *checker) checkInstances(expr hcl.Expression) {
	for _, node := range c.nodes(expr) {
		hclsyntax.VisitAll(node, func(node hclsyntax.Node) hcl.Diagnostics {
			switch node := node.(type) {
			case *hclsyntax.SplatExpr:
				c.checkSplat(node)
			case *hclsyntax.ForExpr:
				c.checkFor(node)
			case *hclsyntax.RelativeTraversalExpr:
				if index, ok := node.Source.(*hclsyntax.IndexExpr); ok {
					c.checkIndex(index, node.SrcRange, node.Traversal)
				}
			case *hclsyntax.IndexExpr:
				c.checkIndex(node, node.SrcRange, nil)
			}
			return nil
		})
	}
}

func (c *checker) checkSplat(splat *hclsyntax.SplatExpr) {
	address, ok := c.wholeBlock(splat.Source)
	switch {
	case ok && c.config.HasForEach(address):
		better := fmt.Sprintf("values(%s)[*]", address)
		c.report(splat.SrcRange, "Splat of an object", fmt.Sprintf("%s has for_each, so it is an object of its instances: write %s, with what is to be taken of each.", address, better), better)
	case ok && c.isOne(address):
		var rest hcl.Traversal
		if each, ok := splat.Each.(*hclsyntax.RelativeTraversalExpr); ok {
			rest = each.Traversal
		}
		better := address.String() + written(rest)
		c.report(splat.SrcRange, "No instances", fmt.Sprintf("%s has no for_each, so it has no instances: write %s, or [%s] where a list is needed.", address, better, better), better)
	}
}

// checkFor finds a for that goes through a block without for_each. The list that it
// makes has one element.
func (c *checker) checkFor(loop *hclsyntax.ForExpr) {
	address, ok := c.wholeBlock(loop.CollExpr)
	if !ok || !c.isOne(address) {
		return
	}
	value, ok := loop.ValExpr.(*hclsyntax.ScopeTraversalExpr)
	if ok && loop.KeyExpr == nil && value.Traversal.RootName() == loop.ValVar {
		better := fmt.Sprintf("[%s%s]", address, written(value.Traversal[1:]))
		c.report(loop.SrcRange, "No instances", fmt.Sprintf("%s has no for_each, so it has no instances: write %s.", address, better), better)
		return
	}
	c.report(loop.SrcRange, "No instances", fmt.Sprintf("%s has no for_each, so it has no instances to go through: write %s in place of %s, without for.", address, address, loop.ValVar), "")
}

// checkIndex finds a key that is no literal after a block without for_each. One with
// something after it is met twice, the first time with that.
func (c *checker) checkIndex(index *hclsyntax.IndexExpr, at hcl.Range, rest hcl.Traversal) {
	address, ok := c.wholeBlock(index.Collection)
	if ok && c.isOne(address) && !c.told[index.SrcRange] {
		c.told[index.SrcRange] = true
		c.noInstances(at, address, rest)
	}
}

// wholeBlock is the block that an expression refers to, and to nothing of it. No
// mistake has been found in that.
func (c *checker) wholeBlock(expr hclsyntax.Expression) (address schema.Address, ok bool) {
	used, ok := expr.(*hclsyntax.ScopeTraversalExpr)
	if !ok || c.told[used.SrcRange] {
		return address, false
	}
	reference := schema.NewReference(used.Traversal)
	address = reference.Address
	return address, reference.Complete() && len(reference.Rest()) == 0 && !address.Keyed
}
