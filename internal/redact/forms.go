package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// shortestLine is how many characters a line of a value has at least to be
// hidden by itself.
const shortestLine = 8

// forms are the texts in which a value is hidden.
func forms(value string) []string {
	f := &formed{}
	f.escaped(value)
	f.base64(value)
	f.add(hex.EncodeToString([]byte(value)))
	f.add(strings.ToUpper(hex.EncodeToString([]byte(value))))
	if trimmed := strings.TrimSpace(value); trimmed != value {
		f.escaped(trimmed) // as a shell gives what it reads from a file
	}
	if strings.ContainsAny(value, "\r\n") {
		for line := range strings.Lines(strings.ReplaceAll(value, "\r", "\n")) {
			if line = strings.TrimSpace(line); utf8.RuneCountInString(line) >= shortestLine {
				f.escaped(line)
			}
		}
	}
	return f.list
}

type formed struct{ list []string }

func (f *formed) add(form string) {
	if len(form) >= MinLength {
		f.list = append(f.list, form)
	}
	if seen := seenOf(form); seen != form && len(seen) >= MinLength {
		f.list = append(f.list, seen)
	}
}

// escaped adds the text itself and what it looks like inside of others.
func (f *formed) escaped(text string) {
	f.add(text)
	if strings.Contains(text, "\n") {
		f.add(strings.ReplaceAll(text, "\n", "\r\n")) // as a terminal has it
		f.add(strings.ReplaceAll(text, "\n", "\r"))
	}
	if strings.Contains(text, "\r") {
		f.add(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)) // as it is shown
	}
	for _, form := range []string{url.QueryEscape(text), url.PathEscape(text), percent(text, "/"), percent(text, "")} {
		f.add(form)
		f.add(lowerPercent(form))
	}
	for _, form := range []string{inJSON(text, false), inJSON(text, true), asciiJSON(text)} {
		f.add(form)
		f.add(strings.ReplaceAll(form, "/", `\/`))
		f.add(inJSON(form, false)) // JSON as a text in JSON
	}
	f.add(strings.ReplaceAll(text, `'`, `'\''`))
	f.add(strings.ReplaceAll(text, `'`, `'"'"'`)) // Python's shlex
	f.add(backslashed(text, "\\\"$`"))            // between double quotes
	f.add(backslashed(text, special))             // printf %q
	f.add(quoted.Replace(text))                   // $'…', and Python's repr
	f.add(strings.ReplaceAll(quoted.Replace(text), `\'`, `'`))
	if strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		for _, form := range []string{quoted.Replace(text), strings.ReplaceAll(quoted.Replace(text), `\'`, `'`)} {
			f.add(asciiPython(form))
			f.add(asciiBytes(form, `\x%02x`)) // Python's repr of bytes
			f.add(asciiBytes(form, `\%03o`))  // $'…' where the locale has no UTF-8
		}
	}
}

// base64 adds what the text looks like wherever it lies in what is encoded:
// the digits that are its own at each of the three places in a group, and all
// of them where it is encoded alone.
func (f *formed) base64(text string) {
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			digits := alphabet.EncodeToString(append(make([]byte, before), text...))
			begin := (before*8 + 5) / 6
			end := (before + len(text)) * 8 / 6
			f.add(digits[begin:end])
		}
		digits := alphabet.EncodeToString([]byte(text))
		f.add(digits)
		for _, width := range []int{64, 76} { // as PEM and base64(1) break it
			for from := 0; from < len(digits) && len(digits) > width; from += width {
				f.add(digits[from:min(from+width, len(digits))])
			}
		}
	}
}

// percent is a text as a part of a URL in which no special character but those
// of safe stands for itself.
func percent(text, safe string) string {
	var out strings.Builder
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~"+safe, c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

// lowerPercent writes the digits of percent signs in lower case.
func lowerPercent(text string) string {
	out := []byte(text)
	for i := 0; i+2 < len(out); i++ {
		if out[i] == '%' {
			copy(out[i+1:], bytes.ToLower(out[i+1:i+3]))
			i += 2
		}
	}
	return string(out)
}

func inJSON(text string, html bool) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(html)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a text always encodes
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(out.String(), "\n"), `"`), `"`)
}

// asciiJSON is JSON as Python writes it: with nothing but ASCII.
func asciiJSON(text string) string {
	var out strings.Builder
	for _, r := range inJSON(text, false) {
		switch {
		case r < utf8.RuneSelf:
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

// asciiPython is how Python's ascii() writes what is not ASCII.
func asciiPython(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			out.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&out, `\U%08x`, r)
		case r > 0xff:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			fmt.Fprintf(&out, `\x%02x`, r)
		}
	}
	return out.String()
}

// asciiBytes writes each byte that is not ASCII in this format.
func asciiBytes(text, format string) string {
	var out strings.Builder
	for i := range len(text) {
		if text[i] < utf8.RuneSelf {
			out.WriteByte(text[i])
		} else {
			fmt.Fprintf(&out, format, text[i])
		}
	}
	return out.String()
}

// special are the characters before which printf %q sets a backslash.
const special = "\\'\"`$ \t!*?[](){}<>|&;^,"

func backslashed(text, special string) string {
	var out strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf && strings.ContainsRune(special, r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

var quoted = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`)
