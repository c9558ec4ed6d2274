// Package pysource reads Python source without Python: which names a file
// imports, which classes and functions it defines, what is assigned to them,
// and literals. Read is the entry point.
//
// It runs and imports nothing, and it does not check that a file compiles: what
// it cannot make out is Opaque, and a file whose strings, brackets or
// indentation do not come out is an error. What a class or a call means is for
// others (engine/runner/metaflow).
package pysource

import (
	"fmt"
	"slices"
	"strings"
)

// maxSource is the largest file that is read, in bytes.
const maxSource = 2 << 20

// SyntaxError is the error of a file that cannot be read as Python.
type SyntaxError struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// TooLarge is the error of a file that is not read since it is too large: it may
// be good Python.
var TooLarge error = &SyntaxError{1, fmt.Sprintf("the file has more than %d bytes", maxSource)}

// Module is what a file says.
type Module struct {
	Scope
	Imported []Import // all imports, also those inside of functions
	// Open says that names may come from where nobody sees them: by exec,
	// globals(), setattr or a __getattr__ of the module.
	Open bool

	source string
	tokens []token
}

// Scope is what stands directly in a module or a class, also below if, try,
// with and the like.
type Scope struct {
	Imports   []Import
	Classes   []*Class
	Functions []*Function
	Assigned  []Assignment
}

// Class is a class statement.
type Class struct {
	Scope
	Name       string
	Bases      []Expr
	Keywords   []Keyword
	Decorators []Expr
	Doc        string
	Line       int
}

// Function is a def statement.
type Function struct {
	Name        string
	Params      []Param
	Decorators  []Expr
	Async       bool
	Conditional bool // below if, try and the like: there may be another
	Line        int
}

// Param is a parameter of a function.
type Param struct {
	Name    string
	Kind    ParamKind
	Default bool
}

// ParamKind says how a parameter is given.
type ParamKind int

// The kinds of parameters, as they come in a def statement.
const (
	PositionalOnly ParamKind = iota
	Ordinary
	Rest // *args
	KeywordOnly
	Keywords // **kwargs
)

// Import is one name that an import statement binds.
type Import struct {
	Module string // dotted, "" in `from . import x`
	Level  int    // leading dots
	Name   string // of what is taken from the module; "" is the module itself, "*" is all
	As     string // the name that it is bound to; "" of a star import
	Line   int
}

// Assignment is a name with what is assigned to it.
type Assignment struct {
	Name        string
	Value       Expr
	Conditional bool
	Line        int

	single bool // NAME = VALUE and no more
}

// Read reads the text of a file. Its error is a *SyntaxError.
func Read(source []byte) (*Module, error) {
	if len(source) > maxSource {
		return nil, TooLarge
	}
	text := normal(source)
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	body, err := statements(tokens)
	if err != nil {
		return nil, err
	}
	m := &Module{source: text, tokens: tokens}
	reader{source: text}.scope(body, &m.Scope, false)
	m.Imported = reader{source: text}.imports(body)
	m.Open = m.open()
	return m, nil
}

// normal is the text with the line ends that Python sees, and without what
// marks its beginning.
func normal(source []byte) string {
	text := strings.TrimPrefix(strings.ToValidUTF8(string(source), "\uFFFD"), "\uFEFF")
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	return text
}

func (m *Module) open() bool {
	if slices.ContainsFunc(m.Functions, func(f *Function) bool { return f.Name == "__getattr__" }) {
		return true
	}
	return slices.ContainsFunc(m.tokens, func(t token) bool {
		return t.kind == name && (t.text == "globals" || t.text == "exec" || t.text == "setattr" || t.text == "vars")
	})
}

// Class is the last class of that name, or nil.
func (s *Scope) Class(name string) *Class {
	for _, class := range slices.Backward(s.Classes) {
		if class.Name == name {
			return class
		}
	}
	return nil
}

// Function is the last function of that name, or nil.
func (s *Scope) Function(name string) *Function {
	for _, function := range slices.Backward(s.Functions) {
		if function.Name == name {
			return function
		}
	}
	return nil
}

// Constant is what a name stands for that is assigned once and
// unconditionally.
func (s *Scope) Constant(name string) (Expr, bool) {
	var found []Assignment
	for _, assignment := range s.Assigned {
		if assignment.Name == name {
			found = append(found, assignment)
		}
	}
	if len(found) != 1 || found[0].Conditional {
		return Expr{}, false
	}
	return found[0].Value, true
}

// Mentions says whether a name stands anywhere in the file, be it inside a
// text.
func (m *Module) Mentions(word string) bool {
	return slices.ContainsFunc(m.tokens, func(t token) bool {
		return t.kind == name && t.text == word || t.kind == text && strings.Contains(t.text, word)
	})
}

// Calls says whether a name is called anywhere, as in NAME(…).
func (m *Module) Calls(word string) bool {
	for i, t := range m.tokens {
		if t.kind == name && t.text == word && i+1 < len(m.tokens) && m.tokens[i+1].is("(") && (i == 0 || !m.tokens[i-1].is("def", "class", ".")) {
			return true
		}
	}
	return false
}

// CalledWith lists the texts that a name, or a dotted one, is called with, as
// in NAME("text"), in source order.
func (m *Module) CalledWith(dotted string) []string {
	var list []string
	parts := strings.Split(dotted, ".")
	for i := range m.tokens {
		rest := m.tokens[i:]
		if i > 0 && m.tokens[i-1].is(".") || !startsWith(rest, parts) {
			continue
		}
		rest = rest[2*len(parts)-1:]
		if len(rest) > 2 && rest[0].is("(") && rest[1].kind == text && rest[1].known && rest[2].is(")", ",") {
			list = append(list, rest[1].value)
		}
	}
	return list
}

func startsWith(tokens []token, parts []string) bool {
	for i, part := range parts {
		if 2*i >= len(tokens) || tokens[2*i].kind != name || tokens[2*i].text != part || i > 0 && !tokens[2*i-1].is(".") {
			return false
		}
	}
	return true
}

// SelfAttributes are the names x of all assignments self.x = … in the file.
func (m *Module) SelfAttributes() []string {
	var list []string
	for i := 0; i+3 < len(m.tokens); i++ {
		t := m.tokens[i : i+4]
		if t[0].text == "self" && t[1].is(".") && t[2].kind == name && t[3].is("=", ",", ":") && !slices.Contains(list, t[2].text) {
			list = append(list, t[2].text)
		}
	}
	return list
}
