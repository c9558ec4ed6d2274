package pip

import (
	"strings"
	"testing"
)

func TestPythonRangeAllows(t *testing.T) {
	cases := []struct {
		text     string
		allowed  string
		excluded string
		floor    string // "" is no lower end
	}{
		{"", "3.8.0 3.14.2", "", ""},
		{">=3.10", "3.10.0 3.14.1", "3.9.18", "3.10"},
		{">= 3.10, < 3.13", "3.10.2 3.12.9", "3.13.0 3.9.1", "3.10"},
		{">=3.10.5", "3.10.5 3.11.0", "3.10.4", "3.10.5"},
		{">3.10", "3.10.1 3.11.0", "3.10.0", "3.10.1"},
		{"3.11", "3.11.0 3.11.9", "3.10.0 3.12.0", "3.11"},
		{"==3.11", "3.11.0 3.11.9", "3.10.0 3.12.0", "3.11"},
		{"==3.11.*", "3.11.0 3.11.9", "3.12.0", "3.11"},
		{"3.11.4", "3.11.4", "3.11.5", "3.11.4"},
		{"~=3.10", "3.10.0 3.14.0", "3.9.9", "3.10"},
		{"~=3.10.2", "3.10.2 3.10.9", "3.10.1 3.11.0", "3.10.2"},
		{"!=3.11.*", "3.10.1 3.12.0", "3.11.4", ""},
		{"<3.12", "3.8.1 3.11.9", "3.12.0", ""},
		{"<=3.12.1", "3.12.1", "3.12.2", ""},
		{">=3.6", "3.8.0", "", "3.8"},
		{"3", "3.8.0 3.14.0", "", "3.8"},
	}
	for _, c := range cases {
		r, err := parsePythonRange(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		for _, v := range strings.Fields(c.allowed) {
			if !r.allows(mustVersion(t, v)) || !r.allowsMinor(mustVersion(t, v).minor()) {
				t.Errorf("%q does not allow %s", c.text, v)
			}
		}
		for _, v := range strings.Fields(c.excluded) {
			if r.allows(mustVersion(t, v)) {
				t.Errorf("%q allows %s", c.text, v)
			}
		}
		floor := ""
		if v, ok := r.floor(); ok {
			floor = v.short()
		}
		if floor != c.floor {
			t.Errorf("%q has the lower end %q, want %q", c.text, floor, c.floor)
		}
	}
}

func TestPythonRangeMistakes(t *testing.T) {
	for _, text := range []string{"python3", ">=3.x", "2.7", "==2.7", ">=3.10.*", "~=3", "3.10.1.2", ">=3.-1", ">=3.12,<3.10", "<3", ">=99999999999999999999"} {
		if _, err := parsePythonRange(text); err == nil || !strings.Contains(err.Error(), `">=3.10"`) {
			t.Errorf("%q: error %v, want one that shows how to write it", text, err)
		}
	}
}

func mustVersion(t *testing.T, text string) version {
	t.Helper()
	v, err := parseMinor(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
