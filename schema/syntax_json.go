package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// plainJSON is what is wrong with the syntax of a JSON file: the first of HCL's
// messages, since its parser finds its way no more, in our words.
func plainJSON(diags hcl.Diagnostics, source []byte) hcl.Diagnostics {
	problem := firstOf(diags)[0]
	if len(bytes.TrimSpace(source)) == 0 {
		subject := hcl.Range{Filename: problem.Subject.Filename, Start: hcl.InitialPos, End: hcl.InitialPos}
		return hcl.Diagnostics{syntaxProblem(subject, "Empty file", "A file in JSON has at least an object. Write {} for one without blocks.")}
	}
	found := problem.Subject.Filename
	if isHCL.Match(source) {
		subject := hcl.Range{Filename: found, Start: hcl.InitialPos, End: hcl.InitialPos}
		return hcl.Diagnostics{syntaxProblem(subject, "Not JSON", fmt.Sprintf("This looks like HCL. Rename the file to %s, or write all of it as JSON.", strings.TrimSuffix(found, ".json")))}
	}
	if wrong, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(source, new(json.RawMessage))); ok && lostByHCL[problem.Summary] {
		problem.Subject = at(found, source, int(wrong.Offset)-1)
	}
	before := len(bytes.TrimRight(source[:min(problem.Subject.Start.Byte, len(source))], " \t\r\n"))
	if PlainSyntax(problem, source); problem.Summary == commaMissing {
		problem.Subject = at(found, source, before)
	}
	return hcl.Diagnostics{problem}
}

// isHCL says whether a file begins with a block or an argument of HCL's native form.
var isHCL = regexp.MustCompile(`^(?:\s|(?:#|//)[^\n]*\n)*[A-Za-z_][\w-]*[ \t]*(?:=|\{|"[^"\n]*"[^\n]*\{)`)

// lostByHCL are the messages that HCL's parser tells where it has found its way
// again.
var lostByHCL = map[string]bool{noJSONComma: true, "Invalid array value": true, "Mismatched braces": true, "Mismatched brackets": true}

const (
	commaMissing = "Comma missing"
	noJSONComma  = "Missing attribute seperator comma" // as HCL writes it
	noJSONTwice  = "Duplicate attribute definition"
	noJSONObject = "Incorrect JSON value type"
)

// inJSON says how JSON writes the blocks of a file that have another shape there,
// once for each place. source is what was read.
func (f *configFile) inJSON(diags hcl.Diagnostics, source []byte) hcl.Diagnostics {
	if !strings.HasSuffix(f.name, ".json") {
		return diags
	}
	slices.SortStableFunc(diags, func(a, b *hcl.Diagnostic) int { return a.Subject.Start.Byte - b.Subject.Start.Byte })
	var wrong [][]string // where something is told
	return slices.DeleteFunc(diags, func(problem *hcl.Diagnostic) bool {
		_, labels := problem.Extra.(labelProblem)
		if problem.Summary != noJSONObject && problem.Summary != unknownKind && !labels {
			return false
		}
		path := jsonPath(source, problem.Subject.Start.Byte)
		name, example := jsonBlock(path)
		if slices.ContainsFunc(wrong, func(other []string) bool { return explains(other, path, len(path)-1 > name) }) {
			return true
		}
		wrong = append(wrong, path)
		if problem.Summary != unknownKind && example != "" {
			problem.Summary = "Wrong shape"
			problem.Detail = fmt.Sprintf("%s %s block is written like this in JSON: %q: %s.", capital(article(path[name])), path[name], path[name], example)
		}
		return false
	})
}

// explains says whether what is wrong at a path is what is wrong at an earlier
// one: around it, or beside it where names of blocks should be.
func explains(earlier, path []string, isName bool) bool {
	n := len(earlier)
	return n <= len(path) && slices.Equal(earlier, path[:n]) || isName && n == len(path) && slices.Equal(earlier[:n-1], path[:n-1])
}

// jsonBlock is where in a path the name of the innermost block stands, and how
// such a block is written.
func jsonBlock(path []string) (name int, example string) {
	if len(path) == 0 {
		return 0, ""
	}
	for _, header := range fileTable.blocks {
		if nested := 1 + len(header.LabelNames); header.Type == path[0] && len(path) > nested && jsonNested[path[nested]] != "" {
			return nested, jsonNested[path[nested]]
		}
	}
	return 0, jsonBlocks[path[0]]
}

// jsonBlocks show how the blocks of a file are written in JSON, and jsonNested
// those inside of them.
var jsonBlocks = map[string]string{
	"flowrider":   `{"required_version": ">= 0.1"}`,
	"variable":    `{"NAME": {"default": 1}}`,
	"locals":      `{"NAME": "value"}`,
	"project":     `{"NAME": {"root": "folder"}}`,
	"environment": `{"pip": {"NAME": {"packages": {"pandas": ">=2"}}}}`,
	"hook":        `{"python": {"NAME": {"function": "package.module:function"}}}`,
	"profile":     `{"NAME": {"env": {"A": "1"}}}`,
	"flow":        `{"command": {"NAME": {"argv": ["program"]}}}`,
	"pool":        `{"NAME": {"size": 1}}`,
	"output":      `{"NAME": {"value": "${flow.a.run_id}"}}`,
	"moved":       `{"from": "flow.a", "to": "flow.b"}`,
	"import":      `{"to": "flow.a", "run_id": "1712345678901234"}`,
}

var jsonNested = map[string]string{
	"output":     `{"NAME": {"file": "table.csv"}}`,
	"bundle":     `{"include": ["*.py"]}`,
	"pin":        `{"run_id": "1712345678901234"}`,
	"stop":       `{"interrupt": "5m"}`,
	"validation": `{"condition": "${var.n > 0}", "error_message": "…"}`,
	"retry":      `{"attempts": 3}`,
	"resources":  `{"memory": "8GiB"}`,
}

// adviceInJSON is advice in which arguments, and blocks without labels, are
// written as they are in HCL's native form, with what JSON has for them.
func adviceInJSON(advice string) string {
	for _, form := range jsonForms {
		advice = form.native.ReplaceAllString(advice, form.json)
	}
	return advice
}

var jsonForms = []struct {
	native *regexp.Regexp
	json   string
}{
	{regexp.MustCompile(`toset\(\["a", "b"\]\)`), `"$${toset([\"a\", \"b\"])}"`},
	{regexp.MustCompile(`\[((?:flow|profile)\.\w+)\]`), `["$1"]`},
	{regexp.MustCompile(`= (environment\.\w+)`), `= "$${$1}"`},
	{regexp.MustCompile(`(\w+) = (\[[^\]]*\]|"[^"]*"|true|false|\d+)`), `"$1": $2`},
	{regexp.MustCompile(`(\w+)(?: =)? \{ ([^}]*) \}`), `"$1": {$2}`},
}

// As is one of two texts: how something is written in a place of a file in
// HCL's native form, or in JSON.
func As(in hcl.Range, native, inJSON string) string {
	if strings.HasSuffix(in.Filename, ".json") {
		return inJSON
	}
	return native
}

// jsonPath are the names of the properties that lead to what begins at an offset
// of a JSON file.
func jsonPath(source []byte, offset int) []string {
	type level struct {
		object, named bool
		name          string
	}
	var levels []level
	decoder := json.NewDecoder(bytes.NewReader(source))
	for {
		start := int(decoder.InputOffset())
		start += len(source[start:]) - len(bytes.TrimLeft(source[start:], " \t\r\n,:"))
		token, err := decoder.Token()
		top := &level{}
		if len(levels) > 0 {
			top = &levels[len(levels)-1]
		}
		name, isText := token.(string)
		isName := isText && top.object && !top.named
		if isName {
			top.name = name
		}
		if err != nil || start >= offset {
			var path []string
			for _, l := range levels {
				if l.object {
					path = append(path, l.name)
				}
			}
			return path
		}
		if top.named = isName; token == json.Delim('{') || token == json.Delim('[') {
			levels = append(levels, level{object: token == json.Delim('{')})
		} else if token == json.Delim('}') || token == json.Delim(']') {
			levels = levels[:len(levels)-1]
		}
	}
}
