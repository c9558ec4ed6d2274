package pysource

import (
	"slices"
	"strings"
)

// scope reads the statements of a module or a class into a scope. conditional
// says that they stand below an if or the like.
func (r reader) scope(body []*statement, into *Scope, conditional bool) {
	var decorators []Expr
	for _, s := range body {
		switch first := s.first(); {
		case first.is("@"):
			decorators = append(decorators, r.expr(s.tokens[1:]))
			continue
		case first.is("class") && len(s.tokens) > 1:
			into.Classes = append(into.Classes, r.class(s, decorators))
		case first.is("def"), first.is("async") && len(s.tokens) > 1 && s.tokens[1].is("def"):
			into.Functions = append(into.Functions, r.function(s, decorators, conditional))
		case first.is("import", "from"):
			into.Imports = append(into.Imports, r.imported(s)...)
		case s.body != nil:
			into.Assigned = append(into.Assigned, boundBy(s)...)
			r.scope(s.body, into, true)
		default:
			into.Assigned = append(into.Assigned, r.assigned(s, conditional)...)
		}
		decorators = nil
	}
}

func (r reader) class(s *statement, decorators []Expr) *Class {
	class := &Class{Name: s.tokens[1].text, Decorators: decorators, Line: s.first().line}
	rest := afterTypes(s.tokens[2:])
	if len(rest) > 1 && rest[0].is("(") {
		class.Bases, class.Keywords = r.arguments(rest[1 : len(rest)-1])
	}
	if len(s.body) > 0 {
		class.Doc = joined(s.body[0].tokens).Text
	}
	r.scope(s.body, &class.Scope, false)
	return class
}

// afterTypes goes over the type parameters in brackets.
func afterTypes(tokens []token) []token {
	if len(tokens) > 0 && tokens[0].is("[") {
		return tokens[closes(tokens)+1:]
	}
	return tokens
}

func (r reader) function(s *statement, decorators []Expr, conditional bool) *Function {
	f := &Function{Decorators: decorators, Conditional: conditional, Line: s.first().line}
	tokens := s.tokens[1:]
	if s.first().is("async") {
		f.Async, tokens = true, tokens[1:]
	}
	if len(tokens) == 0 {
		return f
	}
	f.Name = tokens[0].text
	rest := afterTypes(tokens[1:])
	if len(rest) == 0 || !rest[0].is("(") {
		return f
	}
	kind := Ordinary
	for _, part := range split(rest[1:closes(rest)], ",") {
		switch {
		case len(part) == 0:
		case part[0].is("/"):
			for i := range f.Params {
				f.Params[i].Kind = PositionalOnly
			}
		case part[0].is("*"):
			if kind = KeywordOnly; len(part) > 1 {
				f.Params = append(f.Params, Param{Name: part[1].text, Kind: Rest})
			}
		case part[0].is("**") && len(part) > 1:
			f.Params = append(f.Params, Param{Name: part[1].text, Kind: Keywords})
		default:
			f.Params = append(f.Params, Param{Name: part[0].text, Kind: kind, Default: find(part, "=") > 0})
		}
	}
	return f
}

// imported reads an import statement.
func (r reader) imported(s *statement) []Import {
	tokens := s.tokens[1:]
	if s.first().is("import") {
		var list []Import
		for _, part := range split(tokens, ",") {
			if len(part) == 0 {
				continue
			}
			length := dottedLength(part)
			i := Import{Module: dottedName(part[:length]), Line: s.first().line}
			if i.As, _, _ = strings.Cut(i.Module, "."); length+1 < len(part) && part[length].is("as") {
				i.As = part[length+1].text
			}
			list = append(list, i)
		}
		return list
	}
	from := Import{Line: s.first().line}
	for len(tokens) > 0 && tokens[0].is(".", "...") {
		from.Level += len(tokens[0].text)
		tokens = tokens[1:]
	}
	if len(tokens) > 0 && !tokens[0].is("import") {
		length := dottedLength(tokens)
		from.Module, tokens = dottedName(tokens[:length]), tokens[length:]
	}
	if len(tokens) < 2 || !tokens[0].is("import") {
		return nil
	}
	if tokens = tokens[1:]; tokens[0].is("(") {
		tokens = tokens[1:max(1, closes(tokens))]
	}
	var list []Import
	for _, part := range split(tokens, ",") {
		if len(part) == 0 {
			continue
		}
		i := from
		if i.Name, i.As = part[0].text, part[0].text; i.Name == "*" {
			i.As = ""
		}
		if len(part) == 3 && part[1].is("as") {
			i.As = part[2].text
		}
		list = append(list, i)
	}
	return list
}

// imports are the import statements at any depth.
func (r reader) imports(body []*statement) []Import {
	var list []Import
	for _, s := range body {
		if s.first().is("import", "from") && s.body == nil {
			list = append(list, r.imported(s)...)
		}
		list = append(list, r.imports(s.body)...)
	}
	return list
}

// augmented are the operators of assignments that change what is there.
var augmented = []string{"+=", "-=", "*=", "/=", "//=", "%=", "@=", "&=", "|=", "^=", ">>=", "<<=", "**="}

// assigned reads an assignment, if the statement is one.
func (r reader) assigned(s *statement, conditional bool) []Assignment {
	var list []Assignment
	parts := split(s.tokens, "=")
	for _, op := range augmented {
		if at := find(s.tokens, op); at > 0 {
			for _, n := range targets(s.tokens[:at]) {
				list = append(list, Assignment{Name: n, Conditional: conditional, Line: s.first().line})
			}
			return list
		}
	}
	if len(parts) == 1 {
		return nil
	}
	value := r.expr(parts[len(parts)-1])
	for _, part := range parts[:len(parts)-1] {
		if colon := find(part, ":"); colon > 0 { // with a type
			part = part[:colon]
		}
		names := targets(part)
		for _, n := range names {
			a := Assignment{Name: n, Conditional: conditional, Line: s.first().line}
			if len(names) == 1 && len(part) == 1 {
				a.Value, a.single = value, len(parts) == 2 && len(parts[0]) == 1
			}
			list = append(list, a)
		}
	}
	return list
}

// targets are the names that are bound on the left of an assignment: not those
// of which an attribute or an element is.
func targets(tokens []token) []string {
	var names []string
	for i, t := range tokens {
		if t.kind != name || i > 0 && tokens[i-1].is(".") || i+1 < len(tokens) && tokens[i+1].is(".", "[", "(") {
			continue
		}
		names = append(names, t.text)
	}
	return names
}

// boundBy are the names that the header of a block binds: those of for and of
// with.
func boundBy(s *statement) []Assignment {
	var tokens []token
	switch first := s.first(); {
	case first.is("for"):
		if at := slices.IndexFunc(s.tokens, func(t token) bool { return t.is("in") }); at > 0 {
			tokens = s.tokens[1:at]
		}
	case first.is("with"):
		for i, t := range s.tokens[:len(s.tokens)-1] {
			if t.is("as") {
				tokens = append(tokens, s.tokens[i+1])
			}
		}
	}
	var list []Assignment
	for _, n := range targets(tokens) {
		list = append(list, Assignment{Name: n, Conditional: true, Line: s.first().line})
	}
	return list
}
