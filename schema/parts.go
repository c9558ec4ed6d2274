package schema

import (
	"bytes"
	"iter"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// partBytes is how many bytes a part of a file has at least. HCL's parser makes
// all tokens of what it is given before it looks at the first, so that parts
// take less memory than the whole, and less time.
const partBytes = 4 << 10

// seams are where a file can be parted: offsets where a line begins.
type seams struct {
	blocks []int   // between blocks
	items  [][]int // between the items of an object or a list in a block
}

// seam notes where a file can be parted.
func (s *scanner) seam() {
	if s.partBytes == 0 { // only files are
		return
	}
	if len(s.levels) < itemLevels {
		s.inItems = false
	}
	if s.at-s.part < s.partBytes || len(s.frames) > 1 || s.source[s.at-1] != '\n' {
		return
	}
	switch {
	case len(s.levels) == 1:
		s.seams.blocks = append(s.seams.blocks, s.at)
		s.part, s.piece = s.at, s.at
	case len(s.levels) == itemLevels && s.at-s.piece >= s.partBytes && s.endsItem():
		if !s.inItems {
			s.inItems, s.seams.items = true, append(s.seams.items, nil)
		}
		list := &s.seams.items[len(s.seams.items)-1]
		*list = append(*list, s.at)
		s.piece = s.at
	}
}

// decodeParts makes blocks of a file part by part, so that of the syntax trees,
// which take many times the memory of the blocks, only those of a part are there
// at once. It is false where anything is wrong with the syntax, or stands
// outside of blocks: the whole file tells what.
func (f *configFile) decodeParts() bool {
	bodies, ok := parts(f.name, f.source, f.seams)
	if !ok {
		return false
	}
	for body := range bodies {
		if body == nil {
			f.part, f.diags = newPart(), nil
			return false
		}
		part := newPart()
		f.decodeBody(part, body, nil)
		part.dropTrees(f.source)
		f.part.add(part)
	}
	return true
}

// parts parses one part of a file after the other: nil in place of one that is
// wrong. ok is false for a file that has no parts.
func parts(name string, source []byte, seams seams) (bodies iter.Seq[*hclsyntax.Body], ok bool) {
	if len(seams.blocks)+len(seams.items) == 0 || bytes.HasPrefix(source, []byte("\ufeff")) {
		return nil, false
	}
	return func(yield func(*hclsyntax.Body) bool) {
		at, items := hcl.InitialPos, seams.items
		for _, end := range append(seams.blocks, len(source)) {
			lists := items[:0:0]
			for len(items) > 0 && items[0][0] < end {
				lists, items = append(lists, items[0]), items[1:]
			}
			if !yield(parseByItems(name, source, at, end, lists)) {
				return
			}
			at = forward(at, source, end)
		}
	}, true
}

// forward is the place of an offset where a line begins, further on in a source.
func forward(from hcl.Pos, source []byte, to int) hcl.Pos {
	return hcl.Pos{Line: from.Line + bytes.Count(source[from.Byte:to], []byte("\n")), Column: 1, Byte: to}
}

// parsePart parses a part that begins somewhere in its file. It is nil if anything is
// wrong in it.
func parsePart(name string, source []byte, begin hcl.Pos) *hclsyntax.Body {
	file, diags := hclsyntax.ParseConfig(source, name, begin)
	if len(diags) > 0 {
		return nil
	}
	body := file.Body.(*hclsyntax.Body)
	if len(body.Attributes) > 0 {
		return nil
	}
	return body
}
