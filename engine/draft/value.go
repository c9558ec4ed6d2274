package draft

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/flowrider/flowrider/engine/runner/metaflow"
	"github.com/flowrider/flowrider/internal/pysource"
)

// quote writes a text as HCL does.
func quote(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for i, r := range text {
		switch {
		case r == '"' || r == '\\':
			out.WriteString(`\` + string(r))
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\t':
			out.WriteString(`\t`)
		case (r == '$' || r == '%') && strings.HasPrefix(text[i+1:], "{"):
			out.WriteString(string(r) + string(r))
		case !unicode.IsPrint(r) && r > 0xFFFF:
			fmt.Fprintf(&out, `\U%08x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// key writes the name of an attribute.
func key(name string) string {
	switch name {
	case "for", "if", "in", "null", "true", "false":
		return quote(name)
	}
	if !plainKey.MatchString(name) {
		return quote(name)
	}
	return name
}

// literal writes an expression of Python as HCL; ok is false for one whose
// value is not known.
func literal(e pysource.Expr) (text string, ok bool) {
	switch e.Kind {
	case pysource.Bool:
		return strings.ToLower(e.Text), true
	case pysource.None:
		return "null", true
	case pysource.String:
		return quote(e.Text), true
	case pysource.Number:
		return decimal(e)
	case pysource.List, pysource.Tuple:
		var items []string
		for _, item := range e.Items {
			text, ok := literal(item)
			if !ok {
				return "", false
			}
			items = append(items, text)
		}
		return "[" + strings.Join(items, ", ") + "]", true
	case pysource.Dict:
		var items []string
		for i, item := range e.Items {
			text, ok := literal(item)
			if !ok || e.Keys[i].Kind != pysource.String {
				return "", false
			}
			items = append(items, key(e.Keys[i].Text)+" = "+text)
		}
		if len(items) == 0 {
			return "{}", true
		}
		return "{ " + strings.Join(items, ", ") + " }", true
	}
	return "", false
}

// decimal writes a number; those of other bases and of huge size are not
// written.
func decimal(e pysource.Expr) (string, bool) {
	text := strings.ReplaceAll(e.Text, "_", "")
	if e.Whole() {
		whole, err := strconv.ParseInt(text, 0, 64)
		return strconv.FormatInt(whole, 10), err == nil
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || value != 0 && (value < 1e-30 && value > -1e-30 || value > 1e30 || value < -1e30) {
		return "", false
	}
	return strconv.FormatFloat(value, 'g', -1, 64), true
}

// defaultOf is what a parameter is worth when nobody gives it, as flowrider
// would pass it.
func defaultOf(p metaflow.Parameter) (text string, ok bool) {
	e := p.Default
	switch {
	case !p.Defaults || p.Separator:
		return "", false
	case p.Type == "JSONType" && e.Kind == pysource.String:
		if list, ok := listOf(e.Text); ok {
			return list, true
		}
		return "jsondecode(" + quote(e.Text) + ")", json.Valid([]byte(e.Text))
	case p.Type == "JSONType" || e.Kind == pysource.Dict:
		return literal(e)
	case e.Kind == pysource.String || e.Kind == pysource.Number || e.Kind == pysource.Bool:
		return literal(e)
	}
	return "", false
}

// plainNumber is one that JSON and HCL write alike.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9]\d{0,14})(\.\d{1,14})?$`)

// listOf is a JSON array of texts, numbers and truths as HCL writes it.
func listOf(text string) (list string, ok bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var elements []any
	if err := decoder.Decode(&elements); err != nil || elements == nil || !json.Valid([]byte(text)) {
		return "", false
	}
	written := make([]string, len(elements))
	for i, element := range elements {
		switch element := element.(type) {
		case string:
			written[i] = quote(element)
		case bool:
			written[i] = strconv.FormatBool(element)
		case json.Number:
			if written[i] = element.String(); !plainNumber.MatchString(written[i]) {
				return "", false
			}
		default:
			return "", false
		}
	}
	return "[" + strings.Join(written, ", ") + "]", true
}

// someValue is some value of a parameter's type, or the file that a default has in it.
func someValue(p metaflow.Parameter) string {
	if p.Kind == "IncludeFile" {
		return quote(cmp.Or(someText(p.Default), "FILE"))
	}
	switch p.Type {
	case "int", "float":
		return "0"
	case "bool":
		return "false"
	case "JSONType":
		return "{}"
	}
	return `""`
}

// someText is the text that an expression is, or the last one that it calls something
// with, as in script_path("movies.csv"); "" where there is none.
func someText(e pysource.Expr) (text string) {
	if e.Kind == pysource.String {
		return e.Text
	}
	for _, item := range e.Items {
		if item.Kind == pysource.String {
			text = item.Text
		}
	}
	return text
}
