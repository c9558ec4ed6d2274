package schema

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// itemLevels is how many levels are open in an object or a list that is an argument
// of a block.
const itemLevels = 3

// endsItem says whether the line that has just ended was the last of an item: in an
// object each is, in a list one that ends with a comma.
func (s *scanner) endsItem() bool {
	switch s.levels[len(s.levels)-1].open {
	case hclsyntax.TokenOBrace:
		return true
	case hclsyntax.TokenOBrack:
		return s.lineEnd == hclsyntax.TokenComma
	}
	return false
}

// parseByItems parses a part of a file, and of its large objects and lists some items
// at a time. It is nil if anything is wrong in it.
func parseByItems(name string, source []byte, begin hcl.Pos, end int, lists [][]int) *hclsyntax.Body {
	lists = slices.DeleteFunc(lists, func(seams []int) bool { return len(seams) == 1 })
	if len(lists) > 0 {
		if body := parsePart(name, hollow(source, begin.Byte, end, lists), begin); body != nil && refill(body, name, source, begin, lists) {
			return body
		}
	}
	return parsePart(name, source[begin.Byte:end], begin)
}

// hollow is a part with blank lines where the items between the seams are.
func hollow(source []byte, begin, end int, lists [][]int) []byte {
	part := slices.Clone(source[begin:end])
	for _, seams := range lists {
		items := part[seams[0]-begin : seams[len(seams)-1]-begin]
		for i, b := range items {
			if b != '\n' {
				items[i] = ' '
			}
		}
	}
	return part
}

// refill puts the items back. It is false where they are no items of an argument that is an
// object or a list, as in { for … } or in a nested block, or if anything is wrong in
// them.
func refill(body *hclsyntax.Body, name string, source []byte, begin hcl.Pos, lists [][]int) bool {
	arguments := argumentsOf(body)
	for _, seams := range lists {
		var ok bool
		begin = forward(begin, source, seams[0])
		for len(arguments) > 0 && arguments[0].Range().End.Byte <= begin.Byte {
			arguments = arguments[1:]
		}
		if len(arguments) == 0 || !arguments[0].Range().ContainsPos(begin) {
			return false
		}
		switch whole := arguments[0].(type) {
		case *hclsyntax.ObjectConsExpr:
			begins := func(item hclsyntax.ObjectConsItem) hcl.Range { return item.KeyExpr.Range() }
			items := func(piece *hclsyntax.ObjectConsExpr) []hclsyntax.ObjectConsItem { return piece.Items }
			whole.Items, ok = splice(whole.Items, begins, parsePieces(name, source, begin, seams, "{", "}"), items)
		case *hclsyntax.TupleConsExpr:
			begins := func(item hclsyntax.Expression) hcl.Range { return item.Range() }
			items := func(piece *hclsyntax.TupleConsExpr) []hclsyntax.Expression { return piece.Exprs }
			whole.Exprs, ok = splice(whole.Exprs, begins, parsePieces(name, source, begin, seams, "[", "]"), items)
		}
		if !ok {
			return false
		}
	}
	return true
}

// argumentsOf are the arguments of blocks, in the order in which they stand there.
func argumentsOf(body *hclsyntax.Body) (list []hclsyntax.Expression) {
	for _, block := range body.Blocks {
		for _, attribute := range block.Body.Attributes {
			list = append(list, attribute.Expr)
		}
	}
	slices.SortFunc(list, func(a, b hclsyntax.Expression) int { return a.Range().Start.Byte - b.Range().Start.Byte })
	return list
}

// parsePieces parses the items between one seam and the next, in brackets of their own. It
// is nil if anything is wrong in them.
func parsePieces(name string, source []byte, begin hcl.Pos, seams []int, open, closing string) (pieces []hclsyntax.Expression) {
	for _, end := range seams[1:] {
		text := slices.Concat([]byte(open), source[begin.Byte:end], []byte(closing))
		piece, diags := hclsyntax.ParseExpression(text, name, hcl.Pos{Line: begin.Line, Column: begin.Column - 1, Byte: begin.Byte - 1})
		if len(diags) > 0 {
			return nil
		}
		pieces, begin = append(pieces, piece), forward(begin, source, end)
	}
	return pieces
}

// splice puts the items of the pieces where they stand among those of the whole. It is
// false if the pieces are something else.
func splice[Piece hclsyntax.Expression, Item any](whole []Item, begins func(Item) hcl.Range, pieces []hclsyntax.Expression, items func(Piece) []Item) ([]Item, bool) {
	if len(pieces) == 0 {
		return nil, false
	}
	first := pieces[0].Range().Start.Byte
	before := slices.IndexFunc(whole, func(item Item) bool { return begins(item).Start.Byte > first })
	if before < 0 {
		before = len(whole)
	}
	all := slices.Clone(whole[:before])
	for _, piece := range pieces {
		of, ok := piece.(Piece)
		if !ok {
			return nil, false
		}
		all = append(all, items(of)...)
	}
	return append(all, whole[before:]...), true
}
