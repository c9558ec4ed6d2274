package metaflow

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMatchArtifacts(t *testing.T) {
	text := pickledTextSHA
	stored := map[string]string{
		"n": "sha of 3", "learning_rate": "sha of 0.5", "up": text("1795303798651234"), "left": text("same"), "right": text("same"), "CONSTANT": "sha of 7",
		"_graph_info": text("hidden"), "name": text("MyFlow"),
	}
	for _, test := range []struct {
		name string
		give given
		want string
	}{
		{"by name", given{name: "n", sha: text("1795303798651234")}, "n"},
		{"by the attribute's spelling", given{name: "learning-rate"}, "learning_rate"},
		{"by what is stored", given{name: "upstream", sha: text("1795303798651234")}, "up"},
		{"two hold it", given{name: "side", sha: text("same")}, ""},
		{"not a text", given{name: "seven"}, ""},
		{"a hidden artifact", given{name: "x", sha: text("hidden")}, ""},
		{"the flow's own name", given{name: "x", sha: text("MyFlow")}, ""},
	} {
		if diff := cmp.Diff([]string{test.want}, matchArtifacts(stored, []given{test.give})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestPickledText has digests that Python 3.11 gave for
// hashlib.sha1(pickle.dumps(text, 4)).
func TestPickledText(t *testing.T) {
	for text, want := range map[string]string{
		"x":                      "5bcaa5d42d34c356e927d133173e09b7a46d1ed5",
		"":                       "e6a761fb0ba175292b4b2cdfe6e6ce261e144aad",
		strings.Repeat("ü", 200): "f27a3bea3496a2babbb296ca9d270493f1b9d870",
	} {
		if got := pickledTextSHA(text); got != want {
			t.Errorf("pickledTextSHA(%.10q) = %s, want %s", text, got, want)
		}
	}
	if got := pickledTextSHA(strings.Repeat("x", maxText+1)); got != "" {
		t.Errorf("a very long text has digest %s", got)
	}
}
