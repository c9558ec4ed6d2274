package schema

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/diag"
)

// salvage leaves of a file whose syntax is wrong what can be read all the same,
// and gives the messages in our words.
func (c *Config) salvage(file *hcl.File, name string, diags hcl.Diagnostics) hcl.Diagnostics {
	if file == nil { // nothing of it is known
		c.loosenAll()
		return diags
	}
	body, native := file.Body.(*hclsyntax.Body)
	if !native {
		return c.salvageJSON(file, name, diags)
	}
	diags, rest, sure := plainFile(file, name, diags)
	if rest != nil {
		body = rest.body
		file.Body = body
	}
	starts := itemStarts(name, file.Bytes)
	for i, problem := range diags {
		at := problem.Subject.Start.Byte
		item, _ := slices.BinarySearch(starts, at+1)
		start := starts[max(0, item-1)]
		switch {
		case rest != nil && rest.meant[problem]:
			continue // it is all there
		case rest != nil:
		case i == len(diags)-1 && !sure || start == at && !isLetter(file.Bytes, at):
			c.loosenAll() // the parser has lost its way here
			cutOff(body, start)
			return append(diags[:i+1], c.resume(body, name, file.Bytes, at)...)
		}
		end := len(file.Bytes)
		if item < len(starts) {
			end = starts[item]
		}
		found := c.maim(body, start, end, problem.Subject.Start.Line)
		if kind := blockType.Find(file.Bytes[start:]); !found && rest != nil && kind != nil {
			c.loose[kindOf(string(kind))] = true // all others are known
		} else if !found {
			c.loosenAll()
		}
	}
	return diags
}

// blockStart is a line with which a block begins at the top of a file, as far as
// can be told without what stands before it.
var blockStart = regexp.MustCompile(`(?m)^(` + blockTypes + `)\b[ \t]*("[^"\n]*"[ \t]*)*\{`)

// blockTypes are the types of the blocks of a file, for a pattern.
var blockTypes = func() string {
	var types []string
	for _, block := range fileTable.blocks {
		types = append(types, block.Type)
	}
	return strings.Join(types, "|")
}()

// blockType is the type of a block with which a text begins.
var blockType = regexp.MustCompile(`^(` + blockTypes + `)\b`)

// maxResumed is how many bytes of all files are read on, those of each file as often
// as that is done. Each file has the same share.
const maxResumed = 2 << 20

// resume reads on behind a place where the parser has lost its way, from the next
// line with which a block seems to begin.
func (c *Config) resume(body *hclsyntax.Body, name string, source []byte, lost int) hcl.Diagnostics {
	line := bytes.IndexByte(source[lost:], '\n')
	if c.resumable -= len(source); line < 0 || c.resumable < 0 {
		return nil
	}
	if open := source[lost:]; bytes.HasPrefix(open, []byte("%{")) || bytes.HasPrefix(open, []byte("${")) {
		source = slices.Clone(source)
		copy(source[lost:], "  ") // so that the text around it ends where it should
	}
	at := nextBlock(name, source, lost+line)
	if at < 0 {
		return nil
	}
	rest := blank(source, at)
	if _, diags := newMeter().checkLimits(name, rest); diags.HasErrors() {
		return nil // what stood in a text before is too much for the parser
	}
	file, diags := hclsyntax.ParseConfig(rest, name, hcl.InitialPos)
	if diags.HasErrors() {
		diags = c.salvage(file, name, diags)
	}
	body.Blocks = append(body.Blocks, file.Body.(*hclsyntax.Body).Blocks...)
	return diags
}

// nextBlock is where a block seems to begin at or after a place that ends a line,
// in no comment and in no heredoc; -1 for nowhere.
func nextBlock(name string, source []byte, from int) int {
	within := textAndComments(name, source)
	for _, match := range blockStart.FindAllIndex(source[from:], -1) {
		at := from + match[0]
		for len(within) > 0 && within[0].End.Byte <= at {
			within = within[1:]
		}
		if len(within) == 0 || at < within[0].Start.Byte {
			return at
		}
	}
	return -1
}

// textAndComments are the places of the heredocs and the long comments of a file.
func textAndComments(name string, source []byte) (places []hcl.Range) {
	tokens, _ := hclsyntax.LexConfig(source, name, hcl.InitialPos)
	depth := 0
	for _, token := range tokens {
		switch token.Type {
		case hclsyntax.TokenOHeredoc:
			if depth++; depth == 1 {
				places = append(places, hcl.Range{Start: token.Range.Start, End: hcl.Pos{Byte: len(source)}}) // which it has without an end
			}
		case hclsyntax.TokenCHeredoc:
			if depth--; depth == 0 {
				places[len(places)-1].End = token.Range.End
			}
		case hclsyntax.TokenComment:
			if depth == 0 {
				places = append(places, token.Range)
			}
		}
	}
	return places
}

// blank is a text with nothing but lines before a place, so that all that stands
// behind it stays where it is.
func blank(source []byte, at int) []byte {
	rest := slices.Clone(source)
	for i, b := range rest[:at] {
		if b != '\n' {
			rest[i] = ' '
		}
	}
	return rest
}

// plainFile is plainSyntax of a file, with what its parser has left unsaid, and with
// the rest of the file where that is known.
func plainFile(file *hcl.File, name string, diags hcl.Diagnostics) (plain hcl.Diagnostics, rest *mended, sure bool) {
	if body, native := file.Body.(*hclsyntax.Body); native {
		diags = append(diags, unsaid(body, 0, file.Bytes, diags)...)
	}
	plain, sure = plainSyntax(diags, name, file.Bytes)
	if sure && plain.HasErrors() {
		plain, rest = withBehind(plain, name, file.Bytes)
	}
	return plain, rest, sure
}

// unsaid are the mistakes that HCL's parser does not tell since it has told one
// before: what is no value, and values after which something stands on their
// line. It goes on behind that, as if they were what was meant. begun is the line of
// the block's brace, on which it can have one argument.
func unsaid(body *hclsyntax.Body, begun int, source []byte, said hcl.Diagnostics) (diags hcl.Diagnostics) {
	for _, argument := range body.Attributes {
		at, of := argument.SrcRange.End, noNewline
		if none := noExpression(argument.Expr); none != nil {
			at, of = none.SrcRange.Start, noValue
		}
		rest, _, _ := bytes.Cut(source[at.Byte:], []byte("\n"))
		text := bytes.TrimLeft(rest, " \t\r")
		switch {
		case of == noNewline && bytes.HasPrefix(text, []byte(";")):
			of = invalidCharacter
		case of == noNewline && argument.SrcRange.Start.Line == begun:
			of = oneLine
		case of == noNewline && bytes.HasPrefix(text, []byte(",")):
			of = oneComma
		}
		ended := len(text) == 0 || bytes.ContainsAny(text[:1], "#/}") || source[at.Byte-1] == '\n' // a heredoc ends with its line
		if ended && of != noValue || slices.ContainsFunc(said, func(d *hcl.Diagnostic) bool { return d.Subject.Start.Line == at.Line }) {
			continue
		}
		at.Byte, at.Column = at.Byte+len(rest)-len(text), at.Column+len(rest)-len(text)
		diags = append(diags, syntaxProblem(hcl.Range{Filename: argument.SrcRange.Filename, Start: at, End: at}, of, ""))
	}
	for _, block := range body.Blocks {
		diags = append(diags, unsaid(block.Body, block.OpenBraceRange.Start.Line, source, said)...)
	}
	return diags
}

// noExpression is what the parser has put in place of the first value that is
// none; nil where all are values.
func noExpression(expr hclsyntax.Expression) (found *hclsyntax.LiteralValueExpr) {
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		if literal, ok := node.(*hclsyntax.LiteralValueExpr); ok && found == nil && literal.Val.Type() == cty.DynamicPseudoType && !literal.Val.IsKnown() {
			found = literal
		}
		return nil
	})
	return found
}

// firstOf is the first message of a parser that finds its way no more.
func firstOf(diags hcl.Diagnostics) hcl.Diagnostics {
	return diags[:min(1, len(diags))]
}

func isLetter(source []byte, at int) bool {
	return at < len(source) && (source[at] == '_' || source[at]|0x20 >= 'a' && source[at]|0x20 <= 'z' || source[at] >= 0x80)
}

// itemStarts are the places where a block or an argument of a file begins.
func itemStarts(name string, source []byte) []int {
	tokens, _ := hclsyntax.LexConfig(source, name, hcl.InitialPos)
	starts, depth, begins := []int{}, 0, true
	for i, token := range tokens {
		if begins = begins || firstOfLine(tokens, i); token.Type == hclsyntax.TokenComment {
			continue // an item may begin behind it
		}
		if depth == 0 && begins && token.Type != hclsyntax.TokenNewline {
			starts = append(starts, token.Range.Start.Byte)
		}
		begins = false
		if opening[token.Type] {
			depth++
		} else if closing[token.Type] != nil {
			depth = max(0, depth-1)
		}
	}
	return append(starts, len(source)+1)
}

// cutOff takes away what begins at or after a place, or goes on beyond it.
func cutOff(body *hclsyntax.Body, at int) {
	body.Blocks = slices.DeleteFunc(body.Blocks, func(b *hclsyntax.Block) bool {
		return b.TypeRange.Start.Byte >= at || b.CloseBraceRange.End.Byte > at
	})
	maps.DeleteFunc(body.Attributes, func(_ string, a *hclsyntax.Attribute) bool { return a.SrcRange.End.Byte > at })
}

// maim takes what is on a line out of the block or argument that begins at
// start, since it is not what it was meant to be. found says whether there is one.
func (c *Config) maim(body *hclsyntax.Body, start, end, line int) (found bool) {
	for _, block := range body.Blocks {
		if block.TypeRange.Start.Byte != start {
			continue
		}
		found = true
		extent := block.Range()
		extent.End.Byte = end
		c.maimed = append(c.maimed, extent)
		takeOut(block.Body, line)
		block.Body.SrcRange.End.Byte = max(block.Body.SrcRange.End.Byte, end) // the mistake is in it

		if block.OpenBraceRange == block.TypeRange { // it has no braces
			block.Body.SrcRange = extent
			dropArguments(body, start)
		}
		if block.Type == "locals" {
			c.loose["local"] = true
		}
	}
	maps.DeleteFunc(body.Attributes, func(_ string, a *hclsyntax.Attribute) bool { return a.SrcRange.Start.Byte == start })
	return found
}

// dropArguments takes those of a block without braces away, which stand after it: up
// to the next block.
func dropArguments(body *hclsyntax.Body, start int) {
	end := body.SrcRange.End.Byte
	for _, block := range body.Blocks {
		if at := block.TypeRange.Start.Byte; at > start {
			end = min(end, at)
		}
	}
	maps.DeleteFunc(body.Attributes, func(_ string, a *hclsyntax.Attribute) bool {
		return start < a.SrcRange.Start.Byte && a.SrcRange.Start.Byte < end
	})
}

// takeOut removes the argument that is on a line, wherever it is nested.
func takeOut(body *hclsyntax.Body, line int) {
	on := func(r hcl.Range) bool { return r.Start.Line <= line && line <= r.End.Line }
	maps.DeleteFunc(body.Attributes, func(_ string, a *hclsyntax.Attribute) bool { return on(a.SrcRange) })
	body.Blocks = slices.DeleteFunc(body.Blocks, func(b *hclsyntax.Block) bool { return b.TypeRange.Start.Line == line })
	for _, block := range body.Blocks {
		takeOut(block.Body, line)
	}
}

// withoutFollowing leaves out that arguments or labels are missing in blocks of
// which a part could not be read, and that others stand in them.
func (c *Config) withoutFollowing(diags hcl.Diagnostics) hcl.Diagnostics {
	return slices.DeleteFunc(diags, func(problem *hcl.Diagnostic) bool {
		_, labels := problem.Extra.(labelProblem)
		_, outer := problem.Extra.(outerBlock)
		return (labels || outer || problem.Summary == missingArgument) && c.isMaimed(*problem.Subject)
	})
}

// isMaimed says whether what begins at a place stands in a block of which a part
// could not be read.
func (c *Config) isMaimed(at hcl.Range) bool {
	return slices.ContainsFunc(c.maimed, func(r hcl.Range) bool {
		return at.Filename == r.Filename && r.Start.Byte <= at.Start.Byte && at.Start.Byte <= r.End.Byte
	})
}

// loosen notes which kinds of blocks may have names that are not known, since
// blocks were taken for others or have the wrong labels.
func (c *Config) loosen(diags hcl.Diagnostics) {
	for _, block := range mistaken(diags) {
		c.loose[kindOf(block)] = true
	}
}

// loosenOuter does the same for blocks that stand in others.
func (c *Config) loosenOuter(diags hcl.Diagnostics) {
	for _, problem := range diags {
		if block, ok := problem.Extra.(outerBlock); ok {
			c.loose[kindOf(string(block))] = true
		}
	}
}

// mistaken are the types of the blocks that were taken for others, or that have the
// wrong labels, and the arguments that were.
func mistaken(diags hcl.Diagnostics) (names []string) {
	for _, problem := range diags {
		switch extra := problem.Extra.(type) {
		case diag.Suggestion:
			names = append(names, string(extra))
		case labelProblem:
			names = append(names, string(extra))
		}
	}
	return names
}

func (c *Config) loosenAll() {
	for _, block := range fileTable.blocks {
		c.loose[kindOf(block.Type)] = true
	}
}

// kindOf is how addresses name a type of block.
func kindOf(block string) string {
	switch block {
	case "variable":
		return "var"
	case "locals":
		return "local"
	}
	return block
}
