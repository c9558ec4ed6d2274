package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/internal/testenv"
)

// hideSlowly is what hiding means: each byte that belongs to an occurrence of
// a pattern is hidden, and a mark stands for each stretch of them.
func hideSlowly(text string, patterns []string) string {
	hidden := make([]bool, len(text))
	for _, pattern := range patterns {
		for at := range len(text) {
			if strings.HasPrefix(text[at:], pattern) {
				for i := range len(pattern) {
					hidden[at+i] = true
				}
			}
		}
	}
	var out strings.Builder
	for i := range len(text) {
		switch {
		case !hidden[i]:
			out.WriteByte(text[i])
		case i == 0 || !hidden[i-1]:
			out.WriteString(redact.Mark)
		}
	}
	return out.String()
}

// inPieces hides the patterns in a text that comes in pieces of these sizes,
// again and again, and fails where more is held back than may be: it is a part
// of a pattern, and less than all of one.
func inPieces(t *testing.T, text string, patterns []string, sizes []int) string {
	t.Helper()
	var out bytes.Buffer
	w := redact.SecretsOf(patterns).Writer(&out)
	for i, rest := 0, []byte(text); len(rest) > 0; i++ {
		n := min(len(rest), max(1, sizes[i%len(sizes)]))
		if wrote, err := w.Write(rest[:n]); wrote != n || err != nil {
			t.Fatalf("Write gave %d, %v for %d bytes", wrote, err, n)
		}
		rest = rest[n:]
		held := w.Held()
		if held != "" && !slices.ContainsFunc(patterns, func(p string) bool { return len(held) < len(p) && strings.Contains(p, held) }) {
			t.Fatalf("%q is held back", held)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Whatever the patterns, the text and the pieces that it comes in, what is
// passed on is what a slow and simple search hides.
func TestStreamsAreHiddenAsASimpleSearchDoes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(testenv.Seed(t), 1))
	word := func(letters, size int) string {
		text := make([]byte, size)
		for i := range text {
			text[i] = byte('a' + random.IntN(letters))
		}
		return string(text)
	}
	tries, hid := 3_000, 0
	if testenv.Tier == "full" {
		tries = 300_000
	}
	for range tries {
		letters := 1 + random.IntN(4)
		var patterns []string
		for range 1 + random.IntN(5) {
			patterns = append(patterns, word(letters, 3+random.IntN(20)))
		}
		var text strings.Builder
		for text.Len() < 300 {
			if random.IntN(3) == 0 {
				pattern := patterns[random.IntN(len(patterns))]
				text.WriteString(pattern[:1+random.IntN(len(pattern))])
			} else {
				text.WriteString(word(letters, random.IntN(30)))
			}
		}
		sizes := []int{1 + random.IntN(5), 1 + random.IntN(40), 1 + random.IntN(400)}
		want := hideSlowly(text.String(), patterns)
		if diff := cmp.Diff(want, inPieces(t, text.String(), patterns, sizes)); diff != "" {
			t.Fatalf("patterns %q, pieces %v, text %q (-want +got):\n%s", patterns, sizes, text.String(), diff)
		}
		if strings.Contains(want, redact.Mark) {
			hid++
		}
	}
	if hid < tries/2 {
		t.Fatalf("only in %d of %d texts was anything hidden", hid, tries)
	}
}

func FuzzHiding(f *testing.F) {
	f.Add("secret", "a secret secretsecret", []byte{3, 1, 9})
	f.Add("aaa\xffaaab", "aaaaaa\xffaaabaaa", []byte{1})
	f.Fuzz(func(t *testing.T, patterns, text string, pieces []byte) {
		var list []string
		for pattern := range strings.SplitSeq(patterns, "\x00") {
			if len(pattern) >= 3 && len(pattern) < 500 && len(list) < 50 {
				list = append(list, pattern)
			}
		}
		sizes := []int{1 << 20}
		for _, size := range pieces {
			sizes = append(sizes, int(size))
		}
		text = text[:min(len(text), 10_000)]
		if diff := cmp.Diff(hideSlowly(text, list), inPieces(t, text, list, sizes)); diff != "" {
			t.Fatalf("patterns %q (-want +got):\n%s", list, diff)
		}
	})
}

// canaries are values as they come: tokens, passwords with all kinds of
// characters, and keys of several lines.
var canaries = []string{
	"hunter22", "AKIAIOSFODNN7EXAMPLE", "p@ss w/ord&x=1+2%", `it's "quoted" \ $HOME` + "`ls`", "größe-密碼-🔑🔑", "postgres://user:s3cr3t/word@db:5432/x?a=b#c",
	"tab\there", "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEA\nAoIBAQC7VJTUt9Us8cKj/+MzEfYyjiWA4R4\n-----END KEY-----\n",
}

// A value is hidden in every form in which it is usually seen.
func TestTheFormsOfAValueAreHidden(t *testing.T) {
	t.Parallel()
	for _, value := range canaries {
		s := &redact.Secrets{}
		if err := s.Add(value); err != nil {
			t.Fatal(err)
		}
		encoded, _ := json.Marshal(value)
		twice, _ := json.Marshal(string(encoded))
		shown := map[string]string{
			"itself": value, "hex": hex.EncodeToString([]byte(value)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(value))),
			"query": url.QueryEscape(value), "path": url.PathEscape(value), "userinfo": strings.ToLower(url.PathEscape(value)),
			"json": string(encoded), "json in json": string(twice), "go": fmt.Sprintf("%q", value),
		}
		for _, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			for before := range 3 {
				for after := range 3 {
					shown[fmt.Sprintf("base64 %d %d %t", before, after, alphabet == base64.StdEncoding)] =
						alphabet.EncodeToString([]byte("user:x"[:before] + value + ":pw"[:after]))
				}
			}
		}
		for name, text := range shown {
			if name == "userinfo" && strings.ToLower(value) != value {
				continue
			}
			hidden := s.Text("<" + text + ">")
			// Of base64, the digits at both ends are half of the neighbours.
			rest := strings.TrimRight(strings.NewReplacer(redact.Mark, "", `"`, "", `\`, "", "<", "", ">", "").Replace(hidden), "=")
			if !strings.Contains(hidden, redact.Mark) || len(rest) > 7 {
				t.Errorf("%s of %q: %q is shown as %q", name, value, text, hidden)
			}
		}
	}
}

// What real programs make of a value is hidden too: of each line nothing is
// left but quotes and the word before the colon.
func TestFormsThatProgramsMakeAreHidden(t *testing.T) {
	t.Parallel()
	programs := map[string][]string{
		"bash": {"-c", `printf 'q:%q\n' "$V"; echo "Q:${V@Q}"; echo "b:$(printf %s "$V" | base64 -w0)"; echo "n:$(echo "$V" | base64 -w0)"; LC_ALL=C; printf 'c:%q\n' "$V"`},
		"python3": {"-c", "import os,json,shlex,urllib.parse as u;v=os.environ['V'];b=v.encode()\n" +
			"for f in (repr,json.dumps,lambda v:json.dumps(json.dumps(v)),ascii,shlex.quote,u.quote,u.quote_plus,lambda v:u.quote(v,safe=''),lambda v:b.hex(),lambda v:repr(b)):print('p:'+f(v))"},
	}
	for name, args := range programs {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Logf("there is no %s here", name)
			continue
		}
		for _, value := range canaries {
			cmd := exec.Command(path, args...)
			cmd.Env = []string{"V=" + value, "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v: %s", name, err, out)
			}
			s := &redact.Secrets{}
			s.Add(value)
			for line := range strings.Lines(s.Text(string(out))) {
				_, left, _ := strings.Cut(line, ":")
				if left = strings.Trim(strings.ReplaceAll(left, redact.Mark, ""), "'\"\\$b=n\n"); len(left) > 3 || !strings.Contains(line, redact.Mark) {
					t.Errorf("%s shows of %q: %q", name, value, line)
				}
			}
		}
	}
}

func TestShortValuesAreRefusedAndEmptyOnesHideNothing(t *testing.T) {
	s := &redact.Secrets{}
	if err := s.Add("12345"); err == nil {
		t.Error("a value of 5 characters was taken")
	}
	if err := s.Add("ßßßßß"); err == nil {
		t.Error("a value of 5 characters in 10 bytes was taken")
	}
	if err := s.Add(""); err != nil {
		t.Error(err)
	}
	if got := s.Text("12345"); got != "12345" {
		t.Error(got)
	}
	if got := (*redact.Secrets)(nil).Text("12345"); got != "12345" {
		t.Error(got)
	}
}

// What becomes known while a stream flows is hidden from then on, also where
// its beginning has come before.
func TestValuesThatBecomeKnownMeanwhile(t *testing.T) {
	s := &redact.Secrets{}
	s.Add("swordfish-1")
	var out bytes.Buffer
	w := s.Writer(&out)
	w.Write([]byte("one swordfish-1 then sword"))
	s.Add("swordfish-22")
	w.Write([]byte("fish-22 end swordfi"))
	w.Close()
	if diff := cmp.Diff("one "+redact.Mark+" then "+redact.Mark+" end swordfi", out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !w.Found() {
		t.Error("Found is false")
	}
}

// A line that a person waits for comes at once, unless it ends as a value
// begins.
func TestNothingIsHeldBackThatNeedNotBe(t *testing.T) {
	s := &redact.Secrets{}
	s.Add("swordfish")
	var out bytes.Buffer
	w := s.Writer(&out)
	for _, step := range []struct{ write, shown string }{
		{"Continue? ", "Continue? "}, {"yes", "Continue? ye"}, {" sword", "Continue? yes "}, {"s", "Continue? yes sword"},
		{"wordfish", "Continue? yes sword" + redact.Mark}, {"swordfish", "Continue? yes sword" + redact.Mark}, {"!", "Continue? yes sword" + redact.Mark + "!"},
	} {
		w.Write([]byte(step.write))
		if diff := cmp.Diff(step.shown, out.String()); diff != "" {
			t.Fatalf("after %q (-want +got):\n%s", step.write, diff)
		}
	}
}
