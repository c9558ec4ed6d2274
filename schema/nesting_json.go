package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// maxJSONText is how many bytes a text has: each is read as a template more than
// once.
const maxJSONText = 1 << 20

// checkJSON scans the bytes for depth, size and numbers, then holds the
// templates in the texts to the limits too.
func (m *meter) checkJSON(name string, source []byte) hcl.Diagnostics {
	depth, inText, escaped, begun := 0, false, false, 0
	for i := 0; i < len(source); i++ {
		b := source[i]
		switch {
		case b == '\n':
			inText, escaped = false, false // a text ends with its line in any case
		case escaped:
			escaped = false
		case inText:
			if escaped, inText = b == '\\', b != '"'; i-begun > maxJSONText {
				m.problem = &excess{"Text too long", fmt.Sprintf("%%s has a text of more than %d MiB here. Let flows read it from a file.", maxJSONText>>20)}
			}
		case b == '"':
			inText, begun = true, i
			m.tokens++
		case b == '[' || b == '{':
			depth++
			m.tokens++
		case b == ']' || b == '}':
			depth = max(0, depth-1)
		case b >= '0' && b <= '9':
			length := numberLength(source[i:])
			if !sensible(source[i : i+length]) {
				m.problem = badNumber()
			}
			i += length - 1
			m.tokens++
		case b != ' ' && b != '\t' && b != '\r':
			m.tokens++
		}
		switch {
		case depth > maxDepth:
			m.problem = &excess{"Nested too deeply", fmt.Sprintf("%%s nests brackets more than %d deep here.", maxDepth)}
		case m.tokens > maxTokens:
			m.problem = tooManyTokens()
		}
		if m.problem != nil {
			return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: m.problem.summary, Detail: strings.ReplaceAll(m.problem.detail, "%s", name), Subject: at(name, source, i)}}
		}
	}
	if !bytes.ContainsAny(source, "$%") && !bytes.Contains(source, []byte(`\u`)) {
		return nil
	}
	return m.checkJSONTexts(name, source)
}

func (m *meter) checkJSONTexts(name string, source []byte) hcl.Diagnostics {
	decoder := json.NewDecoder(bytes.NewReader(source))
	decoder.UseNumber()
	line, counted := 1, 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil // the end, or what the parser will tell
		}
		offset := int(decoder.InputOffset())
		line, counted = line+bytes.Count(source[counted:offset], []byte("\n")), offset
		text, ok := token.(string)
		if !ok {
			continue
		}
		s := templateScanner(newMeter(), text)
		s.tokens = m.tokens
		diags := s.check(name)
		if m.tokens = s.tokens; diags.HasErrors() {
			at := hcl.Pos{Line: line, Column: 1}
			diags[0].Subject = &hcl.Range{Filename: name, Start: at, End: at}
			return diags
		}
	}
}
