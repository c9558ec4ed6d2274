package schema

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/json"

	"github.com/flowrider/flowrider/internal/diag"
)

// salvageJSON tells what is wrong with the syntax of a JSON file. Behind a mistake its
// parser finds its way no more; where it is plain what is meant, that is read in its
// place, and all else stays where it is. Of a file with another mistake nothing is
// left.
func (c *Config) salvageJSON(file *hcl.File, name string, diags hcl.Diagnostics) (told hcl.Diagnostics) {
	source := slices.Clone(file.Bytes)
	for {
		problem := plainJSON(diags, source)[0]
		again := func(d *hcl.Diagnostic) bool {
			return d.Summary == problem.Summary && d.Subject.Start.Line == problem.Subject.Start.Line
		}
		if !slices.ContainsFunc(told, again) {
			told = append(told, problem)
		}
		if c.resumable -= len(source); len(told) > diag.Most || c.resumable < 0 || !c.mend(source, problem) {
			break
		}
		if _, diags := newMeter().checkLimits(name, source); diags.HasErrors() {
			break // what stood in a comment before is too much for the parser
		}
		mended, moreDiags := json.Parse(source, name)
		if diags = moreDiags; mended != nil && !diags.HasErrors() {
			*file = *mended
			return told
		}
	}
	c.loosenAll()
	file.Body = hcl.EmptyBody()
	return told
}

var (
	jsonWord = regexp.MustCompile(`^[\w.+-]+`)
	jsonName = regexp.MustCompile(`^([\w-]+)[ \t]*:[ \t]`)
	jsonText = regexp.MustCompile(`^'[^'"\\\n]*'`)
	jsonNote = regexp.MustCompile(`^(?:(?://|#)[^\n]*|/\*(?s:.*?)\*/)`)
)

// jsonMeant is what other languages' values are in JSON.
var jsonMeant = map[string]string{"True": "true", "False": "false", "None": "null", "NULL": "null", "undefined": "null"}

// mend puts what is meant in place of what a message is about, without moving
// anything else; false where that is not known, or there is no room for it.
func (c *Config) mend(source []byte, problem *hcl.Diagnostic) bool {
	at := problem.Subject.Start.Byte
	rest := source[min(at, len(source)):]
	put := func(from int, text []byte) { copy(source[at+from:], text) }
	switch problem.Summary {
	case "Comma":
		put(0, []byte(" "))
	case commaMissing:
		between := rest[:len(rest)-len(bytes.TrimLeft(rest, " \t\r\n"))]
		room := bytes.IndexAny(between, " \t\r")
		if room < 0 {
			return false
		}
		put(room, []byte(","))
	case "Comment":
		note := jsonNote.Find(rest)
		put(0, blank(note, len(note)))
		return note != nil
	case "Single quotes":
		text := jsonText.Find(rest)
		put(0, bytes.ReplaceAll(text, []byte("'"), []byte(`"`)))
		return text != nil
	case "Colon missing":
		if !bytes.HasPrefix(rest, []byte("=")) {
			return false
		}
		put(0, []byte(":"))
	case "Quotes missing":
		name := jsonName.FindSubmatch(rest)
		if name == nil || at == 0 || source[at-1] != ' ' && source[at-1] != '\t' {
			return false
		}
		put(0, blank(name[0], len(name[0])))
		put(-1, append(append([]byte(`"`), name[1]...), `":`...))
	case "Invalid value", "Invalid number":
		word := jsonWord.Find(rest)
		value := jsonMeant[string(word)]
		if value == "" && len(word) < len("null") {
			value = "0"
		} else if value == "" {
			value = "null" // which is not evaluated, since a mistake is there
		}
		put(0, blank(word, len(word)))
		put(0, []byte(value))
		return word != nil
	case "Closed twice":
		c.loosenAll() // what stands behind it is not known
		put(0, blank(rest, len(rest)))
	default:
		return false
	}
	return true
}

// besides leaves out what is said of what a message on the syntax is about.
func besides(syntax, diags hcl.Diagnostics) hcl.Diagnostics {
	return slices.DeleteFunc(diags, func(problem *hcl.Diagnostic) bool {
		return slices.ContainsFunc(syntax, func(wrong *hcl.Diagnostic) bool {
			distance := problem.Subject.Start.Byte - wrong.Subject.Start.Byte
			return -1 <= distance && distance <= 1
		})
	})
}
