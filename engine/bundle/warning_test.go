package bundle

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWarnings(t *testing.T) {
	spread := &Listing{}
	for i := range manyFiles {
		spread.Entries = append(spread.Entries, Entry{Path: fmt.Sprintf("cache/%d/%d", i%100, i), Size: 10})
	}
	spread.Entries = append(spread.Entries, Entry{Path: "a.py"}, Entry{Path: "b.py"})
	for _, c := range []struct {
		name string
		l    *Listing
		want []string
	}{
		{"small", &Listing{Entries: []Entry{{Path: "a", Size: manyBytes}}}, nil},
		{"empty", &Listing{}, nil},
		{"linked", &Listing{Entries: []Entry{{Path: "a", Size: manyBytes * 9, Type: Link}}}, nil},
		{"large", &Listing{Entries: []Entry{
			{Path: "a.py", Size: 1000},
			{Path: "data/raw/${x}/1.csv", Size: 700e6}, {Path: "data/raw/${x}/2.csv", Size: 600e6}, {Path: "data/small", Size: 1e6},
			{Path: "model.bin", Size: 300e6}, {Path: "x.bin", Size: 1e6},
		}}, []string{`each run copies 1.6 GB; the largest parts are data/raw/${x} (1.3 GB), model.bin (300.0 MB). ` +
			`What the flow does not read: exclude = ["data/raw/$\\{x\\}/**", "model.bin"]. ` +
			`What it reads, used in place: bundle { link = ["data/raw/$\\{x\\}/**", "model.bin"] }`}},
		{"many", spread, []string{`each run copies 20,002 files; most are in cache (20,000 files). ` +
			`What the flow does not read: exclude = ["cache/**"]`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.l.Warnings()); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
	even := &Listing{}
	for i := range 100 {
		even.Entries = append(even.Entries, Entry{Path: fmt.Sprintf("f%02d", i), Size: 3e6})
	}
	if got := even.Warnings(); len(got) != 1 {
		t.Errorf("warnings: %q", got)
	}
}
