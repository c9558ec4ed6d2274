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

func seal(t *testing.T, value any) []byte {
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
	got := string(seal(t, letter{Format: 1, To: "<you & me>", Numbers: []int{1, 20}, Checksum: "of nothing"}))
	_, rest, _ := strings.Cut(got, "sha256:")
	if diff := cmp.Diff(strings.Replace(want, "CHECKSUM", rest[:64], 1), got); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	text := string(seal(t, letter{Format: 2, To: "you"}))
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
