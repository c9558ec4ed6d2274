package process

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/redact"
)

func TestClean(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", longestLine)
	for _, test := range []struct{ name, text, want string }{
		{"plain", "one\ttwo\nthree ü 漢\n", "one\ttwo\nthree ü 漢\n"},
		{"colour", "\x1b[31mred\x1b[0m \x1b[1;38;5;200mpink\x1b[m", "red pink"},
		{"cursor and screen", "a\x1b[2J\x1b[10;20Hb\x1b[?25lc\x1b[ qd", "abcd"},
		{"title ended by BEL", "a\x1b]0;title\x07b", "ab"},
		{"title ended by ST", "a\x1b]0;title\x1b\\b", "ab"},
		{"title never ended", "a\x1b]0;title\nb", "a\nb"},
		{"device control", "a\x1bPq#0\x1b\\b", "ab"},
		{"short escapes", "a\x1b(Bb\x1bMc\x1b", "abc"},
		{"C1 sequence", "a\u009b31mb\u0085c", "abc"},
		{"broken sequence", "a\x1b[31\nb", "a\nb"},
		{"control characters", "a\x00b\x07c\x08d\x7fe\x0bf", "abcdef"},
		{"progress bar", "10%\r20%\r\nend\r\n", "10%\n20%\nend\n"},
		{"invalid UTF-8", "a\xffb\xc3", "a\ufffdb\ufffd"},
		{"long line", long + "y\nz", long + " …\nz"},
		{"longest line", long + "\nz", long + "\nz"},
		{"long line of long letters", long[1:] + "üz\nz", long[1:] + " …\nz"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Clean(test.text)); diff != "" {
				t.Errorf("clean text (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, text := range []string{"", "\x1b", "\x1b[", "\x1b]", "\x1b[31mred", "\x1b]0;t\x07", "\r\n", "\xff\u009b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clean := Clean(text)
		if !utf8.ValidString(clean) {
			t.Errorf("Clean(%q) = %q is not UTF-8", text, clean)
		}
		for _, r := range clean {
			if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
				t.Errorf("Clean(%q) = %q has %q", text, clean, r)
			}
		}
		if again := Clean(clean); again != clean && len(text) < longestLine {
			t.Errorf("cleaned twice: %q, then %q", clean, again)
		}
	})
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	secrets := &redact.Secrets{}
	secrets.Add("swordfish")
	long := strings.Repeat("ü", longestShown)
	for text, want := range map[string]string{
		"one\ntwo": "one\ntwo", "": "", "\n\n": "\n\n", long + "\n" + long + "x\nlast": long + "\n" + long + " …\nlast",
		"a sword\x1b[0mfish\n": "a " + redact.Mark + "\n", long[:2*495] + "swordfish": long[:2*495] + redact.Mark[:5] + " …",
	} {
		if diff := cmp.Diff(want, Excerpt(text, secrets)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
