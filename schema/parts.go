package schema

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// partBytes is how many bytes a part of a file has at least. HCL's parser makes
// all tokens of what it is given before it looks at the first, so that parts
// take less memory than the whole, and less time.
const partBytes = 4 << 10

// cut notes where a file can be parted: between its blocks.
func (s *scanner) cut() {
	if s.previous == hclsyntax.TokenNewline && len(s.frames) == 1 && len(s.levels) == 1 && s.at-s.last() >= partBytes {
		s.cuts = append(s.cuts, s.at)
	}
}

func (s *scanner) last() int {
	if len(s.cuts) == 0 {
		return 0
	}
	return s.cuts[len(s.cuts)-1]
}

// parseParts parses a file in parts. It is nil where anything is wrong, or stands
// outside of blocks: the whole file tells what.
func parseParts(name string, source []byte, cuts []int) *hcl.File {
	if len(cuts) == 0 || bytes.HasPrefix(source, []byte("\ufeff")) {
		return nil
	}
	whole := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}}
	at := hcl.InitialPos
	for _, end := range append(cuts, len(source)) {
		part := source[at.Byte:end]
		file, diags := hclsyntax.ParseConfig(part, name, at)
		if len(diags) > 0 {
			return nil
		}
		body := file.Body.(*hclsyntax.Body)
		if len(body.Attributes) > 0 {
			return nil
		}
		if at == hcl.InitialPos {
			whole.SrcRange = body.SrcRange
		}
		whole.Blocks = append(whole.Blocks, body.Blocks...)
		whole.SrcRange.End, whole.EndRange = body.SrcRange.End, body.EndRange
		at = hcl.Pos{Line: at.Line + bytes.Count(part, []byte("\n")), Column: 1, Byte: end}
	}
	return &hcl.File{Body: whole, Bytes: source}
}
