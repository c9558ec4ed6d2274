package schema

import (
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Simple is an expression as most are: a literal or a reference, or a text, a
// list or an object of such. It is kept as terms, which take a fraction of the
// memory and time that HCL's syntax tree takes. That is parsed again where
// somebody asks for it, as hcl.UnwrapExpression does.
type Simple struct {
	Term       Term
	References []*Reference // in source order
	place      hcl.Range
	source     []byte // its text, once the tree was dropped
	tree       atomic.Pointer[hclsyntax.Expression]
}

// Term is a part of a simple expression: a Literal, a Use, a Text, a List or an
// Object.
type Term interface{ isTerm() }

type (
	// Literal is a value as it is written.
	Literal struct{ Value cty.Value }
	// Use is a reference.
	Use struct{ *Reference }
	// Text is a template of several parts.
	Text []Term
	// List is a list as it is written.
	List []Term
	// Object is an object as it is written: a name may stand there twice.
	Object []Member
)

// Member is one of an object.
type Member struct {
	Name string
	Term Term
}

func (Literal) isTerm() {}
func (Use) isTerm()     {}
func (Text) isTerm()    {}
func (List) isTerm()    {}
func (Object) isTerm()  {}

// SimpleOf is an expression as a simple one; nil if it is none. JSON's never
// are: their texts are templates.
func SimpleOf(expr hcl.Expression) *Simple {
	switch expr := expr.(type) {
	case *Simple:
		return expr
	case hclsyntax.Expression:
		s := &Simple{place: expr.Range()}
		if s.Term = s.term(expr); s.Term == nil {
			return nil
		}
		s.tree.Store(&expr)
		return s
	}
	return nil
}

// term is a part of the expression as a term; nil if it is none.
func (s *Simple) term(expr hclsyntax.Expression) Term {
	switch expr := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		return Literal{expr.Val}
	case *hclsyntax.ScopeTraversalExpr:
		reference := NewReference(expr.Traversal)
		s.References = append(s.References, reference)
		return Use{reference}
	case *hclsyntax.TemplateWrapExpr:
		return s.term(expr.Wrapped)
	case *hclsyntax.TemplateExpr:
		if expr.IsStringLiteral() {
			return s.term(expr.Parts[0])
		}
		if parts, ok := s.terms(expr.Parts); ok {
			return Text(parts)
		}
	case *hclsyntax.TupleConsExpr:
		if elements, ok := s.terms(expr.Exprs); ok {
			return List(elements)
		}
	case *hclsyntax.ObjectConsExpr:
		return s.object(expr)
	}
	return nil
}

func (s *Simple) terms(exprs []hclsyntax.Expression) (terms []Term, ok bool) {
	terms = make([]Term, len(exprs))
	for i, expr := range exprs {
		if terms[i] = s.term(expr); terms[i] == nil {
			return nil, false
		}
	}
	return terms, true
}

func (s *Simple) object(expr *hclsyntax.ObjectConsExpr) Term {
	members := make(Object, len(expr.Items))
	for i, item := range expr.Items {
		name, ok := literalKey(item.KeyExpr)
		if !ok {
			return nil
		}
		if members[i] = (Member{name, s.term(item.ValueExpr)}); members[i].Term == nil {
			return nil
		}
	}
	return members
}

// literalKey is the key of an object where it is a word or a text.
func literalKey(expr hclsyntax.Expression) (name string, ok bool) {
	key, ok := expr.(*hclsyntax.ObjectConsKeyExpr)
	if !ok || key.ForceNonLiteral {
		return "", false
	}
	switch wrapped := key.Wrapped.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return wrapped.Traversal.RootName(), len(wrapped.Traversal) == 1
	case *hclsyntax.TemplateExpr:
		if !wrapped.IsStringLiteral() {
			return "", false
		}
		text := wrapped.Parts[0].(*hclsyntax.LiteralValueExpr).Val
		if text.Type() != cty.String || text.IsNull() {
			return "", false
		}
		return text.AsString(), true
	}
	return "", false
}

// drop lets the syntax tree go, which can be made again of the file's text. That of
// a heredoc cannot: it has no end of its own.
func (s *Simple) drop(file []byte) {
	if text := s.place.SliceBytes(file); len(text) > 0 && text[0] != '<' {
		s.source = text
		s.tree.Store(nil)
	}
}

// UnwrapExpression is the expression as HCL has it.
func (s *Simple) UnwrapExpression() hcl.Expression {
	if tree := s.tree.Load(); tree != nil {
		return *tree
	}
	tree, diags := hclsyntax.ParseExpression(s.source, s.place.Filename, s.place.Start)
	if diags.HasErrors() {
		panic("schema: what was parsed cannot be parsed again: " + diags.Error())
	}
	s.tree.Store(&tree)
	return tree
}

// Value is what HCL says.
func (s *Simple) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	return s.UnwrapExpression().Value(ctx)
}

// Variables are what it refers to, as HCL has it.
func (s *Simple) Variables() (list []hcl.Traversal) {
	for _, reference := range s.References {
		list = append(list, reference.Traversal)
	}
	return list
}

// Range is where it stands.
func (s *Simple) Range() hcl.Range { return s.place }

// StartRange is the start of Range.
func (s *Simple) StartRange() hcl.Range { return s.UnwrapExpression().StartRange() }
