package battery_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layered is a project of plain commands in layers, each of which needs two
// of the layer before. Its flows say in a ledger outside of the project when
// they begin and end, and hold a lock meanwhile: who finds it taken has seen
// two live attempts of one flow.
type layered struct {
	*project
	ledger string
	flows  []string          // addresses
	want   map[string]string // content of each one's output, by address
}

const witness = `exec 9>> "$LEDGER.$NAME"
flock -n 9 || echo "overlap $NAME" >> "$LEDGER"
echo "begin $NAME" >> "$LEDGER"
case $KIND in
stubborn) trap '' INT TERM HUP; setsid sleep 0.3 ;;
*) sleep "$TAKES" ;;
esac
cat $NEEDS /dev/null | sort -u > out.txt
echo "$NAME" >> out.txt
echo "end $NAME" >> "$LEDGER"
`

func newLayered(t testing.TB, layers, width int, random *rand.Rand) *layered {
	t.Helper()
	base := t.TempDir()
	p := &layered{ledger: filepath.Join(base, "ledger"), want: map[string]string{}}
	var config strings.Builder
	for layer := range layers {
		for i := range width {
			name := fmt.Sprintf("f%d_%d", layer, i)
			var needs, paths, lines []string
			kind := "plain"
			if layer > 0 && i%10 == 3 {
				kind = "stubborn" // it ignores signals, and its child has a session of its own
			}
			for range min(2, layer) {
				needs = append(needs, fmt.Sprintf("f%d_%d", layer-1, random.IntN(width)))
			}
			for _, need := range needs {
				paths = append(paths, "flow."+need+".output.n.path")
				lines = append(lines, strings.Fields(p.want["flow."+need])...)
			}
			slices.Sort(lines)
			address := "flow." + name
			p.flows = append(p.flows, address)
			p.want[address] = strings.Join(append(slices.Compact(lines), name), "\n") + "\n"
			fmt.Fprintf(&config, `
flow "command" %q {
  argv     = ["sh", "-c", file("witness")]
  env      = { NAME = %q, NEEDS = join(" ", [%s]), TAKES = ambient("0.%02d"), KIND = ambient(%q) }
  pass_env = ["LEDGER"]
  bundle { include = [] }
  output "n" {
    file    = "out.txt"
    publish = "out/%s.txt"
  }
}
`, name, name, strings.Join(paths, ", "), random.IntN(5), kind, name)
		}
	}
	p.project = newProject(t, filepath.Join(base, "project"), config.String())
	p.env = append(p.env, "LEDGER="+p.ledger)
	p.write("witness", witness)
	return p
}

// lines are those of the ledger so far.
func (p *layered) lines() []string {
	p.t.Helper()
	text, err := os.ReadFile(p.ledger)
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// began counts how often each flow has begun, by address.
func (p *layered) began() map[string]int {
	p.t.Helper()
	counts := map[string]int{}
	for _, line := range p.lines() {
		if name, ok := strings.CutPrefix(line, "begin "); ok {
			counts["flow."+name]++
		} else if strings.HasPrefix(line, "overlap ") {
			p.t.Errorf("two live attempts of one flow: %s", line)
		}
	}
	return counts
}
