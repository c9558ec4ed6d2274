package draft

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// body is what stands inside of braces: comments and attributes, aligned as
// flowrider fmt does it.
type body struct{ lines []line }

type line struct {
	comment string
	key     string // "" of a comment
	value   string
	inside  *body // of an object in several lines
}

func (b *body) add(key, value string) { b.lines = append(b.lines, line{key: key, value: value}) }

// object adds an object in several lines, unless it is empty.
func (b *body) object(key string, inside body) {
	if len(inside.lines) > 0 {
		b.lines = append(b.lines, line{key: key, inside: &inside})
	}
}

func (b *body) comment(text string) {
	if text != "" {
		b.lines = append(b.lines, line{comment: text})
	}
}

// text writes the body. Attributes in lines that follow each other are aligned.
func (b *body) text(indent string) string {
	var out strings.Builder
	for i, l := range b.lines {
		switch {
		case l.key == "":
			if i > 0 && b.lines[i-1].key != "" && b.lines[i-1].inside != nil {
				out.WriteByte('\n')
			}
			out.WriteString(comments([]string{l.comment}, indent))
		case l.inside != nil:
			if i > 0 && b.lines[i-1].key != "" {
				out.WriteByte('\n')
			}
			out.WriteString(indent + l.key + " = {\n" + l.inside.text(indent+"  ") + indent + "}\n")
		default:
			if i > 0 && b.lines[i-1].inside != nil {
				out.WriteByte('\n')
			}
			out.WriteString(indent + l.key + strings.Repeat(" ", b.width(i)-utf8.RuneCountInString(l.key)) + " = " + l.value + "\n")
		}
	}
	return out.String()
}

// width is that of the longest key among the attributes around one.
func (b *body) width(i int) int {
	plain := func(at int) bool {
		return at >= 0 && at < len(b.lines) && b.lines[at].key != "" && b.lines[at].inside == nil
	}
	from, to := i, i
	for plain(from - 1) {
		from--
	}
	for plain(to + 1) {
		to++
	}
	longest := 0
	for _, l := range b.lines[from : to+1] {
		longest = max(longest, utf8.RuneCountInString(l.key))
	}
	return longest
}

// comments writes lines as comments.
func comments(lines []string, indent string) string {
	var out strings.Builder
	for _, l := range lines {
		l = strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) {
				return r
			}
			return ' '
		}, l)
		out.WriteString(strings.TrimRight(indent+"# "+l, " ") + "\n")
	}
	return out.String()
}
