package process

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// However a text is cut into pieces, it is shown as if it had come at once.
func TestShownInPieces(t *testing.T) {
	t.Parallel()
	text := "größe \x1b[31mred\x1b[0m\r\n::error::x\n" + strings.Repeat("long ", 20_000) + "\n ##[group]y\rz \xff\n::last"
	for _, ci := range []bool{false, true} {
		want := Clean(text)
		if ci {
			want = Inert(want)
		}
		for _, size := range []int{1, 2, 3, 7, 100, 4096, len(text)} {
			var out bytes.Buffer
			s := &Shown{To: &out, CI: ci}
			for rest := text; rest != ""; rest = rest[min(size, len(rest)):] {
				s.Write([]byte(rest[:min(size, len(rest))]))
			}
			s.Close()
			if diff := cmp.Diff(want, out.String()); diff != "" {
				t.Errorf("CI %t, pieces of %d bytes (-want +got):\n%s", ci, size, diff[:min(len(diff), 2000)])
			}
		}
	}
}
