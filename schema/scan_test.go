package schema

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// FuzzScanner holds the scanner to HCL's own: whatever is in the file, it sees
// at least as much depth and as many operators, wherever HCL sees anything.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{
		`a = "x${f("}", { b = 1 })}y" # no (`, "a = <<-EOT\n  ${x[0]} $${ %%{ %{ if a ~}\n ( %{ endif }\n  EOT\nb = 1\n", "a = 1e-5 - -x--y /* ( */ // [\n",
		`"$$${a}" "\${a}" "\\${a}" "%%%{if}"`, "<<A\r\nA\r\n(", "é--1 →-1 \u00a0-", "1..2...[1.e5]", "{~}~}", "\"\n\\\n\"", "<<A\n$A\nA$\nA\n((", "a ? b : !c && d || e >= f <= g == h != i % j",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if !utf8.ValidString(source) || strings.ContainsRune(source, 0) {
			t.Skip()
		}
		tokens, _ := hclsyntax.LexConfig([]byte(source), "", hcl.InitialPos)
		want := newMeter()
		for _, token := range tokens {
			if token.Type == hclsyntax.TokenComment && strings.HasSuffix(string(token.Bytes), "\n") {
				token.Type = hclsyntax.TokenNewline
			}
			if token.Type == hclsyntax.TokenInvalid { // HCL stops, and so does the comparison
				return
			}
			want.take(token.Type)
		}
		s := &scanner{meter: newMeter(), source: []byte(source)}
		if s.check("").HasErrors() {
			return
		}
		if got := s.meter; weight(got) < weight(want) {
			t.Errorf("%q: %d of depth and operators, HCL has %d", source, weight(got), weight(want))
		}
	})
}

// weight is what is open at the end of a file, and what it nests.
func weight(m *meter) int {
	sum := len(m.levels)
	for _, level := range m.levels {
		sum += max(level.most, level.current)
	}
	return sum
}
