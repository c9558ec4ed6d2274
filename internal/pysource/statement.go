package pysource

import "slices"

// statement is a logical line, without the colon at its end, and the block
// below it.
type statement struct {
	tokens []token
	body   []*statement
}

func (s *statement) first() token { return s.tokens[0] }

// compound are the words that a statement with a block begins with. There are
// match and case too, which are names elsewhere; one that has its block on the
// same line is taken for a simple statement.
var compound = []string{"class", "def", "async", "if", "elif", "else", "for", "while", "try", "except", "finally", "with"}

// statements arranges tokens by lines and blocks.
func statements(tokens []token) ([]*statement, error) {
	p := &arranger{tokens: tokens}
	return p.block()
}

type arranger struct {
	tokens []token
	at     int
}

// block reads statements up to the end of their block.
func (p *arranger) block() ([]*statement, error) {
	var list []*statement
	for p.at < len(p.tokens) {
		switch t := p.tokens[p.at]; t.kind {
		case dedent:
			p.at++
			return list, nil
		case indent:
			return nil, &SyntaxError{t.line, "the line is indented, and no block begins there"}
		}
		line, err := p.line()
		if err != nil {
			return nil, err
		}
		list = append(list, line...)
	}
	return list, nil
}

// line reads one logical line, of which there may be several statements, with
// the block below it.
func (p *arranger) line() ([]*statement, error) {
	start := p.at
	for p.tokens[p.at].kind != newline {
		p.at++
	}
	tokens := p.tokens[start:p.at]
	p.at++
	if p.at < len(p.tokens) && p.tokens[p.at].kind == indent {
		last := len(tokens) - 1
		if last == 0 || !tokens[last].is(":") {
			return nil, &SyntaxError{p.tokens[p.at].line, "the line is indented, and no block begins there"}
		}
		p.at++
		body, err := p.block()
		return []*statement{{tokens: tokens[:last], body: body}}, err
	}
	if tokens[0].kind == name && slices.Contains(compound, tokens[0].text) {
		colon := find(tokens, ":")
		if colon <= 0 {
			return nil, &SyntaxError{tokens[0].line, tokens[0].text + " has no colon"}
		}
		if colon == len(tokens)-1 {
			return nil, &SyntaxError{tokens[0].line, tokens[0].text + " has no block below it"}
		}
		return []*statement{{tokens: tokens[:colon], body: simple(tokens[colon+1:])}}, nil
	}
	return simple(tokens), nil
}

// simple are the statements of a line that semicolons part.
func simple(tokens []token) []*statement {
	var list []*statement
	for _, part := range split(tokens, ";") {
		if len(part) > 0 {
			list = append(list, &statement{tokens: part})
		}
	}
	return list
}

// find is the place of an operator outside of brackets, or -1. The commas and
// the colon of a lambda are its own.
func find(tokens []token, op string) int {
	depth, lambdas := 0, 0
	for i, t := range tokens {
		switch {
		case t.kind == name && t.text == "lambda" && depth == 0:
			lambdas++
			continue
		case t.kind != operator:
			continue
		}
		switch t.text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
		}
		if depth == 0 && lambdas > 0 {
			if t.text == ":" {
				lambdas--
			}
			continue
		}
		if depth == 0 && t.text == op {
			return i
		}
	}
	return -1
}

// split parts tokens at an operator outside of brackets.
func split(tokens []token, op string) [][]token {
	var parts [][]token
	for {
		at := find(tokens, op)
		if at < 0 {
			return append(parts, tokens)
		}
		parts = append(parts, tokens[:at])
		tokens = tokens[at+1:]
	}
}
