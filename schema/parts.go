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

// decodeParts makes blocks of a file part by part, so that of the syntax trees,
// which take many times the memory of the blocks, only those of a part are there
// at once. It is false where anything is wrong with the syntax, or stands
// outside of blocks: the whole file tells what.
func (f *configFile) decodeParts() bool {
	bodies, ok := parts(f.name, f.source, f.cuts)
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
func parts(name string, source []byte, cuts []int) (bodies iter.Seq[*hclsyntax.Body], ok bool) {
	if len(cuts) == 0 || bytes.HasPrefix(source, []byte("\ufeff")) {
		return nil, false
	}
	return func(yield func(*hclsyntax.Body) bool) {
		at := hcl.InitialPos
		for _, end := range append(cuts, len(source)) {
			part := source[at.Byte:end]
			body := parsePart(name, part, at)
			if !yield(body) {
				return
			}
			at = hcl.Pos{Line: at.Line + bytes.Count(part, []byte("\n")), Column: 1, Byte: end}
		}
	}, true
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
