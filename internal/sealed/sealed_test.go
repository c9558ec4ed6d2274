package sealed

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var letters = Kind{Noun: "letter", Member: "letter", Format: 2}

type letter struct {
	Format   int      `json:"letter"`
	To       string   `json:"to"`
	Numbers  []int    `json:"numbers"`
	Checksum string   `json:"checksum"`
	Empty    []string `json:"empty"`
}

func mustSeal(t *testing.T, value any) []byte {
	t.Helper()
	text, err := Encode(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestEncodeIsCanonical(t *testing.T) {
	want := `{
  "checksum": "sha256:CHECKSUM",
  "empty": null,
  "letter": 1,
  "numbers": [
    1,
    20
  ],
  "to": "<you & me>"
}
`
	got := string(mustSeal(t, letter{Format: 1, To: "<you & me>", Numbers: []int{1, 20}, Checksum: "of nothing"}))
	_, rest, _ := strings.Cut(got, "sha256:")
	if diff := cmp.Diff(strings.Replace(want, "CHECKSUM", rest[:64], 1), got); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	body := strings.Replace(want, "  \"checksum\": \"sha256:CHECKSUM\",\n", "", 1)
	if sum := Checksum([]byte(body)); sum != "sha256:"+rest[:64] {
		t.Errorf("the checksum is sha256:%s, and that of the rest is %s", rest[:64], sum)
	}
}

// A member of the same name within another, or a text that looks like one, is
// none of the text's own.
func TestChecksumsWithinAreLeftAlone(t *testing.T) {
	within := map[string]any{"checksum": noChecksum, "z": 1}
	text := mustSeal(t, map[string]any{"a": within, "b": checksumBegins + noChecksum + "\",\n", "letter": 1, "z": []any{within}})
	if n := strings.Count(string(text), noChecksum); n != 3 {
		t.Errorf("%d checksums within are left, want 3:\n%s", n, text)
	}
	if normal, problem := letters.Open(text); problem != nil || !bytes.Equal(normal, text) {
		t.Errorf("%v; it was read as (-want +got):\n%s", problem, cmp.Diff(string(text), string(normal)))
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	text := string(mustSeal(t, letter{Format: 2, To: "you"}))
	for _, c := range []struct{ name, text, want string }{
		{"whole", text, ""},
		{"laid out anew", strings.ReplaceAll(text, "\n", "\r\n"), ""},
		{"empty", "", "is cut short"},
		{"cut", text[:len(text)/2], "is cut short"},
		{"no JSON", "{\n\n}}", "has text after its end"},
		{"not even that", "{\n,", "is not JSON (line 2: invalid character ',' looking for beginning of object key string)"},
		{"two", text + text, "has text after its end"},
		{"a list", "[1]", "is not a letter: not an object"},
		{"no format", `{"to": "you"}`, "has no format number"},
		{"newer", `{"letter": 3}`, "was written by a newer flowrider (letter format 3, this one knows 2); use that one"},
		{"no checksum", `{"letter": 2}`, "has no checksum"},
		{"edited", strings.Replace(text, "you", "me", 1), "was edited: its checksum does not fit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			normal, problem := letters.Open([]byte(c.text))
			got := ""
			if problem != nil {
				got = problem.Reason
			} else if !bytes.Equal(normal, []byte(text)) {
				t.Errorf("it was read as (-want +got):\n%s", cmp.Diff(text, string(normal)))
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
