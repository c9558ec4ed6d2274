package bundle

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// PatternError is a glob of a selection that cannot be used.
type PatternError struct {
	Argument string // include, exclude or link
	Pattern  string // as written
	Reason   string // "names no file of the project; …"
}

func (e *PatternError) Error() string {
	return fmt.Sprintf("%s names %s, which %s", e.Argument, hclString(e.Pattern), e.Reason)
}

// FileError is a file of the project that cannot be bundled.
type FileError struct {
	Path   string // slash path from the project's root, as bytes
	Reason string // "is a socket, which cannot be bundled"
	Advice string // what to do; never empty
	Err    error  // what the system said, if that is the reason
}

func (e *FileError) Error() string {
	return fmt.Sprintf("%s %s; %s", quote(e.Path), e.Reason, e.Advice)
}

func (e *FileError) Unwrap() error { return e.Err }

// maxShown is how many refused files one message names.
const maxShown = 5

// joinErrors makes one error of all of them, in an order that depends on
// nothing but their texts, and of no more than can be read. It returns nil
// for none.
func joinErrors(list []error) error {
	if len(list) == 0 {
		return nil
	}
	list, left := apart(list)
	list = slices.SortedFunc(slices.Values(list), func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	if left += max(0, len(list)-maxShown); left > 0 {
		list = append(list[:min(len(list), maxShown):maxShown], others(left))
	}
	return errors.Join(list...)
}

// others is how many refused files a message does not name.
type others int

func (n others) Error() string { return fmt.Sprintf("and %s more like these", count(int(n))) }

// apart takes errors that were joined apart; left is how many they do not name.
func apart(list []error) (all []error, left int) {
	for _, err := range list {
		switch err := err.(type) {
		case interface{ Unwrap() []error }:
			more, n := apart(err.Unwrap())
			all, left = append(all, more...), left+n
		case others:
			left += int(err)
		default:
			all = append(all, err)
		}
	}
	return all, left
}

// excludeAdvice is the line that takes a path out of the bundle.
func excludeAdvice(name string) string {
	return "exclude it: " + argumentLine("exclude", globFor(name))
}

// argumentLine writes an argument as the author of a configuration would.
func argumentLine(argument string, globs ...string) string {
	quoted := make([]string, len(globs))
	for i, glob := range globs {
		quoted[i] = hclString(glob)
	}
	return fmt.Sprintf("%s = [%s]", argument, strings.Join(quoted, ", "))
}

// globFor is a glob, writable in a configuration, that matches the path. What
// a configuration cannot hold is matched by "?".
func globFor(name string) string {
	var b strings.Builder
	for name != "" {
		r, size := utf8.DecodeRuneInString(name)
		if r == utf8.RuneError && size == 1 || r < ' ' || hidden(r) {
			b.WriteByte('?')
		} else {
			b.WriteString(escapeGlob(name[:size]))
		}
		name = name[size:]
	}
	return b.String()
}

// hclString writes s as a string literal of the configuration language.
func hclString(s string) string {
	return `"` + hclEscapes.Replace(strings.ToValidUTF8(s, "\uFFFD")) + `"`
}

var hclEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{")

// count writes a number with commas between its thousands.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size writes a number of bytes in decimal units, as disks are sold.
func size(n int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if n >= unit.bytes {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(unit.bytes), unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
