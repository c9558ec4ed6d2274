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
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/internal/testenv"
)

// notSeen is what is not seen of a text where it is shown.
var notSeen = regexp.MustCompile(`^(?:(?:\x1b\[|\x{9b})[ -?]*[@-~]?` +
	`|\x1b[\]PX^_](?:[^\x07\x1b\r\n]*(?:\x07|\x1b\\)?)|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}])`)

// hideSlowly is what hiding means: each byte that belongs to an occurrence of
// a pattern is hidden, in the text or in what is seen of it, and a mark stands
// for each stretch of them.
func hideSlowly(text string, patterns []string) string {
	hidden := make([]bool, len(text))
	places, seen := make([]int, len(text)), []byte{} // of all bytes, and of those that are seen
	for i := range places {
		places[i] = i
	}
	hideIn(hidden, text, places, patterns)
	places = places[:0]
	for at := 0; at < len(text); {
		if c := text[at]; c < ' ' || c > '~' {
			if gone := len(notSeen.FindString(text[at:])); gone > 0 {
				at += gone
				continue
			}
		}
		places, seen = append(places, at), append(seen, text[at])
		at++
	}
	if string(seen) != text {
		hideIn(hidden, string(seen), places, patterns)
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

func hideIn(hidden []bool, text string, places []int, patterns []string) {
	for _, pattern := range patterns {
		for at := range len(text) {
			if strings.HasPrefix(text[at:], pattern) {
				for i := places[at]; i <= places[at+len(pattern)-1]; i++ {
					hidden[i] = true
				}
			}
		}
	}
}

// inPieces hides the patterns in a text that comes in pieces of these sizes,
// again and again, and fails where more is held back than may be: it is a part
// of a pattern, and less than all of one.
func inPieces(t *testing.T, text string, patterns []string, sizes []int) string {
	t.Helper()
	var out bytes.Buffer
	w, controls := redact.SecretsOf(patterns).Writer(&out), hasControls(text) // they are held back as well
	for i, rest := 0, []byte(text); len(rest) > 0; i++ {
		n := min(len(rest), max(1, sizes[i%len(sizes)]))
		if wrote, err := w.Write(rest[:n]); wrote != n || err != nil {
			t.Fatalf("Write gave %d, %v for %d bytes", wrote, err, n)
		}
		rest = rest[n:]
		held := w.Held()
		if held != "" && !controls && !slices.ContainsFunc(patterns, func(p string) bool { return len(held) < len(p) && strings.Contains(p, held) }) {
			t.Fatalf("%q is held back", held)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func hasControls(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return notSeen.MatchString(string(r)) || r == 0xfffd })
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

// Nor do control sequences help, wherever they stand: whole, broken, or within
// each other.
func TestControlSequencesHideNothing(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(testenv.Seed(t), 2))
	pieces := []string{"\x1b[1m", "\x1b[0;31m", "\x1b[", "\x1b]0;ab", "\x07", "\x1b\\", "\x1b", "\x00", "\x7f", "\u009b1m", "\u0085", "\xc2", "\x1b(B", "\n", "\r", "\x1bPab\x1b\\", "m", "[", "\xc2\xa3"}
	hid, split := 0, 0
	for range 3_000 {
		letters := 1 + random.IntN(3)
		alphabet := []string{"a", "b", "c", pieces[random.IntN(len(pieces))], pieces[random.IntN(len(pieces))]}
		var patterns []string
		for range 1 + random.IntN(4) {
			pattern := ""
			for size := 3 + random.IntN(10); len(pattern) < size; {
				if random.IntN(20) == 0 {
					pattern += pieces[random.IntN(len(pieces))]
				}
				pattern += alphabet[random.IntN(letters)]
			}
			patterns = append(patterns, pattern)
		}
		text := ""
		for often := 1 + random.IntN(30); len(text) < 200; {
			for _, letter := range []byte(patterns[random.IntN(len(patterns))]) {
				if random.IntN(often) == 0 {
					text += pieces[random.IntN(len(pieces))]
				}
				text += string([]byte{letter})
			}
			text += alphabet[random.IntN(len(alphabet))]
		}
		sizes := []int{1 + random.IntN(3), 1 + random.IntN(40), 1 + random.IntN(400)}
		want := hideSlowly(text, patterns)
		if diff := cmp.Diff(want, inPieces(t, text, patterns, sizes)); diff != "" {
			t.Fatalf("patterns %q, pieces %v, text %q (-want +got):\n%s", patterns, sizes, text, diff)
		}
		if strings.Contains(want, redact.Mark) {
			hid++
		}
		whole := make([]bool, len(text))
		hideIn(whole, text, slices.Collect(func(yield func(int) bool) {
			for i := range len(text) {
				yield(i)
			}
		}), patterns)
		if !slices.Contains(whole, true) && strings.Contains(want, redact.Mark) {
			split++
		}
	}
	if hid < 1_500 || split < 30 {
		t.Fatalf("only in %d of 3000 texts was anything hidden, and in %d only what was split", hid, split)
	}
}

// Bytes that are no text are searched in the same way, also where much comes at
// once: values in them, and values with control characters within them.
func TestAnyBytesAreHiddenAsASimpleSearchDoes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(testenv.Seed(t), 3))
	noise := func(size int) string {
		text := make([]byte, size)
		for i := range text {
			text[i] = byte(random.Uint32())
		}
		return string(text)
	}
	unseen, hid, split := []string{"\x00", "\x7f", "\x1b[1m", "\x1b(B", "\u0085", "\x1b]0;x\x07"}, 0, 0
	for range 3 {
		var patterns []string
		for range 1 + random.IntN(10) {
			patterns = append(patterns, base64.StdEncoding.EncodeToString([]byte(noise(5+random.IntN(40)))), noise(6+random.IntN(20)))
		}
		var text strings.Builder
		for text.Len() < 200<<10 {
			text.WriteString(noise(random.IntN(3000)))
			pattern := patterns[random.IntN(len(patterns))]
			at := random.IntN(len(pattern))
			if random.IntN(2) == 0 { // not next to what may begin one in the noise
				text.WriteString("-\n" + pattern[:at] + unseen[random.IntN(len(unseen))] + pattern[at:])
				split++
			} else {
				text.WriteString(pattern)
			}
		}
		want := hideSlowly(text.String(), patterns)
		for _, sizes := range [][]int{{1 << 20}, {64 << 10}, {1 + random.IntN(5000), 1 + random.IntN(100)}} {
			got := inPieces(t, text.String(), patterns, sizes)
			if want != got {
				same := 0
				for same < min(len(want), len(got)) && want[same] == got[same] {
					same++
				}
				t.Fatalf("patterns %q, pieces %v: from byte %d on it is %q, want %q", patterns, sizes, same, got[same:][:min(100, len(got)-same)], want[same:][:min(100, len(want)-same)])
			}
			hid += strings.Count(want, redact.Mark)
		}
	}
	if hid < 500 || split < 100 {
		t.Fatalf("only %d stretches were hidden, and %d values were split", hid, split)
	}
}

// Of a value with very much within it, the end is hidden, and no more than that
// is held back.
func TestWhatSplitsAValueIsNotHeldBackForEver(t *testing.T) {
	var out bytes.Buffer
	w := redact.SecretsOf([]string{"swordfish"}).Writer(&out)
	w.Write([]byte("sword\x1b]0;"))
	for range 1000 {
		w.Write(bytes.Repeat([]byte("x"), 1000))
		if held := len(w.Held()); held > 65<<10 {
			t.Fatalf("%d bytes are held back", held)
		}
	}
	w.Write([]byte("\x07fish."))
	w.Close()
	if !strings.HasPrefix(out.String(), "sword\x1b]0;xxx") || !strings.HasSuffix(out.String(), "x"+redact.Mark+".") {
		t.Errorf("%q … %q", out.String()[:20], out.String()[out.Len()-30:])
	}
}

// What has control characters itself is hidden also where it comes without them.
func TestValuesWithControlCharacters(t *testing.T) {
	s := &redact.Secrets{}
	s.Add("abc\x00def\x1b[1mghi")
	s.Add("1234\n5678")
	s.Add("aBcD\r\neFgH")
	for text, want := range map[string]string{
		"<abc\x00def\x1b[1mghi>": "<" + redact.Mark + ">", "<abcdefghi>": "<" + redact.Mark + ">", "<a\x7fbcdefghi>": "<" + redact.Mark + ">",
		"<1234\r5678>": "<" + redact.Mark + ">", "<aBcD\neFgH>": "<" + redact.Mark + ">",
	} {
		if got := s.Text(text); got != want || !s.In(text) {
			t.Errorf("%q is shown as %q; In is %t", text, got, s.In(text))
		}
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
