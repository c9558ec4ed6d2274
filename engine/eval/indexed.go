package eval

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// A key that is no literal, as in flow.clean[each.key], names one instance all
// the same where it is settled before anything runs: then that one is needed,
// and no other.

// indexed is a reference, with the key that stands after it.
type indexed struct {
	*schema.Reference
	key hclsyntax.Expression // nil without one, or where it is not settled
}

// indexedReferences are those that an expression has, in source order.
func (e *Evaluator) indexedReferences(expr hcl.Expression) []indexed {
	if list, ok := e.parsed[expr]; ok {
		return list
	}
	list := e.findIndexed(expr)
	e.parsed[expr] = list
	return list
}

func (e *Evaluator) findIndexed(expr hcl.Expression) (list []indexed) {
	references := schema.Complete(schema.References(expr))
	toMany := func(r *schema.Reference) bool { return e.config.HasForEach(r.Address) }
	if _, simple := expr.(*schema.Simple); simple || !slices.ContainsFunc(references, toMany) {
		for _, reference := range references {
			list = append(list, indexed{Reference: reference})
		}
		return list
	}
	for _, node := range (&checker{config: e.config, told: map[hcl.Range]bool{}}).nodes(expr) {
		list = append(list, e.indexedIn(node.(hclsyntax.Expression))...)
	}
	return list
}

// indexedIn is findIndexed for native syntax.
func (e *Evaluator) indexedIn(expr hclsyntax.Expression) (list []indexed) {
	references := schema.Complete(schema.References(expr))
	free := map[hcl.Range]bool{} // references that are none to what a for goes through
	for _, reference := range references {
		free[reference.Range()] = true
	}
	keys := map[hcl.Range]hclsyntax.Expression{} // by the place of what they stand after
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		index, ok := node.(*hclsyntax.IndexExpr)
		if !ok {
			return nil
		}
		if used, ok := index.Collection.(*hclsyntax.ScopeTraversalExpr); ok && e.isSettled(index.Key, free) {
			keys[used.SrcRange] = index.Key
		}
		return nil
	})
	for _, reference := range references {
		list = append(list, indexed{reference, keys[reference.Range()]})
	}
	return list
}

// isSettled says whether a key is the same whenever its expression is evaluated for
// one instance: it needs no flow and no hook, and reads no files, which those write.
func (e *Evaluator) isSettled(key hclsyntax.Expression, free map[hcl.Range]bool) bool {
	if calls(key, func(name string) bool { return outside[name] }) {
		return false
	}
	references := schema.References(key)
	return e.later.source(references) == "" && !slices.ContainsFunc(references, func(r *schema.Reference) bool {
		return !r.Complete() || !free[r.Range()]
	})
}

// references are what an expression refers to in one instance, in source order.
func (e *Evaluator) references(expr hcl.Expression, each *Each) []*schema.Reference {
	var list []*schema.Reference
	for _, one := range e.indexedReferences(expr) {
		list = append(list, e.narrowed(one, each))
	}
	return list
}

// narrowed is a reference to the one instance that its key names. Without a key, or
// with one that names none, it is a reference to all.
func (e *Evaluator) narrowed(one indexed, each *Each) *schema.Reference {
	keys, many := e.keys[one.Address]
	if one.key == nil || !many || len(one.Rest()) > 0 {
		return one.Reference
	}
	at := keyPlace{one.key, each}
	known, ok := e.narrow[at]
	if !ok {
		known = e.narrowTo(one, keys, each)
		e.narrow[at] = known
	}
	return known
}

// keyPlace is a key in one instance.
type keyPlace struct {
	key  hclsyntax.Expression
	each *Each
}

// narrowTo is narrowed, found anew: whatever becomes of files and limits later, the
// graph is not made again.
func (e *Evaluator) narrowTo(one indexed, keys []string, each *Each) *schema.Reference {
	value, diags := e.Evaluate(one.key, cty.String, each)
	key, ok := value.Text()
	if diags.HasErrors() || !ok || value.Has(Sensitive) {
		return one.Reference // what is wrong is told where the whole is evaluated
	}
	if _, found := slices.BinarySearch(keys, key); !found {
		return one.Reference
	}
	narrowed := *one.Reference
	narrowed.Address = narrowed.Address.Instance(key)
	return &narrowed
}
