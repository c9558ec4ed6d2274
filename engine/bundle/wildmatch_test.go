package bundle

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestIgnoreLines(t *testing.T) {
	for _, c := range []struct {
		line    string
		matches []string // a slash at the end makes a folder
		differs []string
	}{
		{"foo", []string{"foo", "a/foo", "foo/"}, []string{"food", "foo/bar"}},
		{"\ufefffoo", []string{"foo"}, []string{"\ufefffoo"}},
		{"/foo", []string{"foo"}, []string{"a/foo"}},
		{"a/b", []string{"a/b"}, []string{"x/a/b"}},
		{"foo/", []string{"foo/", "a/foo/"}, []string{"foo"}},
		{"*.py", []string{"x.py", "a/b/x.py", ".py"}, []string{"x.pyc"}},
		{"a/*", []string{"a/b"}, []string{"a/b/c", "a"}},
		{"a/**", []string{"a/b", "a/b/c"}, []string{"a/"}},
		{"**/a", []string{"a", "x/a", "x/y/a"}, []string{"ba"}},
		{"a/**/b", []string{"a/b", "a/x/b", "a/x/y/b"}, []string{"ab", "a/xb"}},
		{"[!a]x", []string{"bx"}, []string{"ax", "x"}},
		{`\!a`, []string{"!a"}, []string{"a"}},
		{`\#a`, []string{"#a"}, []string{"a"}},
		{`a\ `, []string{"a "}, []string{"a", `a\`}},
		{"a  ", []string{"a"}, []string{"a  "}},
		{`a\*b`, []string{"a*b"}, []string{"axb"}},
		{"[a", nil, []string{"[a", "a"}},
		{"?", []string{"a", "\xff"}, []string{"é", "ab"}},
		{"*a*b*c*", []string{"abc", "xaxbxc"}, []string{"acb"}},
	} {
		lines := parseIgnore([]byte(c.line))
		if len(lines) != 1 {
			t.Fatalf("%q: %d lines", c.line, len(lines))
		}
		for want, names := range map[bool][]string{true: c.matches, false: c.differs} {
			for _, name := range names {
				plain, folder := strings.CutSuffix(name, "/")
				if got := lines[0].matches(plain, folder); got != want {
					t.Errorf("%q matches %q: %v, want %v", c.line, name, got, want)
				}
			}
		}
	}
}

// slowMatch says by trying everything what a list of tokens matches.
func slowMatch(tokens []token, name string) bool {
	if len(tokens) == 0 {
		return name == ""
	}
	rest := tokens[1:]
	switch tokens[0].kind {
	case tokenStar, tokenStars:
		for i := 0; ; i++ {
			if slowMatch(rest, name[i:]) {
				return true
			}
			if i == len(name) || tokens[0].kind == tokenStar && name[i] == '/' {
				return false
			}
		}
	case tokenFolders:
		for i := 0; ; i++ {
			if (i == 0 || name[i-1] == '/') && slowMatch(rest, name[i:]) {
				return true
			}
			if i == len(name) {
				return false
			}
		}
	}
	return name != "" && tokens[0].matches(name[0]) && slowMatch(rest, name[1:])
}

func TestMatchTriesEnough(t *testing.T) {
	pattern := rapid.StringMatching(`(a|b|/|\*|\*\*|/\*\*/|\?|\[ab\]){0,9}`)
	name := rapid.StringMatching(`[ab]{1,4}(/[ab]{1,3}){0,4}`)
	matched := 0
	rapid.Check(t, func(t *rapid.T) {
		p, n := pattern.Draw(t, "pattern"), name.Draw(t, "name")
		g := compileGlob(p)
		got, want := g.match(n), strings.HasPrefix(n, g.prefix) && slowMatch(g.rest, n[min(len(n), len(g.prefix)):])
		if got != want {
			t.Fatalf("%q matches %q: %v, want %v", p, n, got, want)
		}
		if got {
			matched++
		}
	})
	if matched == 0 {
		t.Error("nothing ever matched")
	}
}

// A pattern of many stars takes no more than quadratic time: with a name of
// 4,000 bytes anything worse would not end.
func TestStarsEnd(t *testing.T) {
	name := strings.Repeat("a", 4000)
	for _, p := range []string{strings.Repeat("*a", 30) + "b", strings.Repeat("**/", 30) + "b", strings.Repeat("*a*", 30) + "/**/b"} {
		g := compileGlob(p)
		if g.match(name) {
			t.Errorf("%q matches", p)
		}
	}
}

func FuzzIgnore(f *testing.F) {
	for _, s := range []string{"a\n!b/\n", "**/[a-z]*\\", "\ufeff#\n/a/**/b \\ \r\n", "[[:alpha:]", "***a**/", "a**/b"} {
		f.Add([]byte(s), "a/b/c", true)
	}
	f.Fuzz(func(t *testing.T, data []byte, name string, folder bool) {
		for _, line := range parseIgnore(data) {
			got := line.matches(name, folder)
			if len(line.glob.rest) > 8 || len(name) > 20 {
				continue // more than slowMatch can do
			}
			if line.anywhere {
				name = name[strings.LastIndexByte(name, '/')+1:]
			}
			after, ok := strings.CutPrefix(name, line.glob.prefix)
			want := ok && slowMatch(line.glob.rest, after) && (folder || !line.folders)
			if got != want && name != "" {
				t.Fatalf("%q matches %q: %v, want %v", line.text, name, got, want)
			}
		}
	})
}
