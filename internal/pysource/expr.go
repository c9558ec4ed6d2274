package pysource

import "strings"

// ExprKind says what an expression is.
type ExprKind int

// The kinds of expressions that can be made out.
const (
	Opaque ExprKind = iota // anything else
	None
	Bool   // Text is True or False
	Number // Text as it is written, perhaps with a sign
	String // Text is its value
	Name   // Text is dotted
	List
	Tuple
	Dict // Keys and Items
	Call // Text is the dotted name of what is called; Items and Keywords
)

// Expr is an expression.
type Expr struct {
	Kind     ExprKind
	Text     string
	Items    []Expr
	Keys     []Expr
	Keywords []Keyword
	Source   string // as it is written, on one line
	Line     int
}

// Keyword is an argument with a name; of **x the name is "".
type Keyword struct {
	Name  string
	Value Expr
}

// Keyword is the argument of that name.
func (e Expr) Keyword(name string) (Expr, bool) {
	for _, keyword := range e.Keywords {
		if keyword.Name == name {
			return keyword.Value, true
		}
	}
	return Expr{}, false
}

// Spread says whether arguments are passed on as *x or **x, so that nobody
// sees what they are.
func (e Expr) Spread() bool {
	for _, item := range e.Items {
		if strings.HasPrefix(item.Source, "*") {
			return true
		}
	}
	_, spread := e.Keyword("")
	return spread
}

// Whole says whether a number is an int.
func (e Expr) Whole() bool {
	text := strings.ToLower(e.Text)
	return e.Kind == Number && (strings.HasPrefix(strings.TrimPrefix(text, "-"), "0x") || !strings.ContainsAny(text, ".ej"))
}

// reader makes the module out of statements.
type reader struct{ source string }

// expr reads an expression.
func (r reader) expr(tokens []token) Expr {
	if len(tokens) == 0 {
		return Expr{}
	}
	e := r.made(tokens)
	e.Line = tokens[0].line
	e.Source = strings.Join(strings.Fields(r.source[tokens[0].start:tokens[len(tokens)-1].end]), " ")
	return e
}

func (r reader) made(tokens []token) Expr {
	first, last := tokens[0], len(tokens)-1
	switch {
	case first.kind == text:
		return joined(tokens)
	case first.kind == number && last == 0:
		return Expr{Kind: Number, Text: first.text}
	case first.is("-", "+") && last == 1 && tokens[1].kind == number:
		return Expr{Kind: Number, Text: strings.TrimPrefix(first.text, "+") + tokens[1].text}
	case first.is("(", "[", "{") && closes(tokens) == last:
		return r.display(first.text, tokens[1:last])
	case first.kind != name:
		return Expr{}
	}
	length := dottedLength(tokens)
	dotted := dottedName(tokens[:length])
	switch {
	case length == len(tokens):
		return named(dotted)
	case tokens[length].is("(") && length+closes(tokens[length:]) == last:
		call := Expr{Kind: Call, Text: dotted}
		call.Items, call.Keywords = r.arguments(tokens[length+1 : last])
		return call
	}
	return Expr{}
}

// joined is a text in one piece or several.
func joined(tokens []token) Expr {
	var value strings.Builder
	for _, t := range tokens {
		if t.kind != text || !t.known {
			return Expr{}
		}
		value.WriteString(t.value)
	}
	return Expr{Kind: String, Text: value.String()}
}

func named(dotted string) Expr {
	switch dotted {
	case "None":
		return Expr{Kind: None}
	case "True", "False":
		return Expr{Kind: Bool, Text: dotted}
	case "lambda", "not", "await", "yield":
		return Expr{}
	}
	return Expr{Kind: Name, Text: dotted}
}

// display reads what stands between brackets.
func (r reader) display(bracket string, inside []token) Expr {
	parts := split(inside, ",")
	if last := len(parts) - 1; len(parts[last]) == 0 { // after a comma at the end
		parts = parts[:last]
	}
	if bracket == "(" && len(parts) == 1 && find(inside, ",") < 0 {
		if find(inside, ":=") >= 0 || comprehends(inside) {
			return Expr{}
		}
		return r.expr(inside)
	}
	e := Expr{Kind: map[string]ExprKind{"(": Tuple, "[": List, "{": Dict}[bracket]}
	for _, part := range parts {
		if len(part) == 0 || part[0].is("*", "**") || comprehends(part) {
			return Expr{}
		}
		if bracket == "{" {
			colon := find(part, ":")
			if colon <= 0 {
				return Expr{} // a set
			}
			e.Keys = append(e.Keys, r.expr(part[:colon]))
			part = part[colon+1:]
		}
		e.Items = append(e.Items, r.expr(part))
	}
	return e
}

func comprehends(tokens []token) bool {
	depth := 0
	for _, t := range tokens {
		switch {
		case t.is("(", "[", "{"):
			depth++
		case t.is(")", "]", "}"):
			depth--
		case t.is("for") && depth == 0:
			return true
		}
	}
	return false
}

// arguments reads what stands between the brackets of a call or a class.
func (r reader) arguments(inside []token) (items []Expr, keywords []Keyword) {
	for _, part := range split(inside, ",") {
		switch {
		case len(part) == 0:
		case part[0].is("**"):
			keywords = append(keywords, Keyword{Value: r.expr(part[1:])})
		case len(part) > 2 && part[0].kind == name && part[1].is("="):
			keywords = append(keywords, Keyword{part[0].text, r.expr(part[2:])})
		default:
			items = append(items, r.expr(part))
		}
	}
	return items, keywords
}

// closes is the place of the bracket that closes the first one, or -1.
func closes(tokens []token) int {
	depth := 0
	for i, t := range tokens {
		switch {
		case t.kind != operator:
		case t.is("(", "[", "{"):
			depth++
		case t.is(")", "]", "}"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// dottedLength is how many of the tokens make a name a.b.c.
func dottedLength(tokens []token) int {
	length := 1
	for length+1 < len(tokens) && tokens[length].is(".") && tokens[length+1].kind == name {
		length += 2
	}
	return length
}

func dottedName(tokens []token) string {
	var dotted strings.Builder
	for _, t := range tokens {
		dotted.WriteString(t.text)
	}
	return dotted.String()
}
