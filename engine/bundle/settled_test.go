package bundle

import (
	"fmt"
	"os"
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// When all has settled, listing reads no contents, and linked files are not read
// for a copy or after a run either.
func TestSettledFilesAreNotRead(t *testing.T) {
	p := newIndexed(t, memory(t))
	check(t, os.Mkdir(p.path("data"), 0o755))
	for i := range 20 {
		check(t, os.WriteFile(p.path(fmt.Sprint("f", i)), []byte("x"), 0o644))
		check(t, os.WriteFile(p.path(fmt.Sprint("data/", i)), []byte("x"), 0o644))
	}
	p.sel.Link = []string{"data"}
	opened, linked := testenv.Opened(t, p.root), testenv.Opened(t, p.path("data"))
	p.list()
	if opened() == 0 || linked() == 0 {
		t.Fatal("nothing seems to be read at first")
	}
	p.settle()
	opened()
	linked()
	p.list()
	cache := p.open(false)
	l, err := Copy(noContext, Selection{Root: p.root, HasInclude: true, Link: []string{"data"}}, t.TempDir(), cache.Of(p.root))
	check(t, err)
	check(t, CheckLinks(l, p.root, cache.Of(p.root)))
	if n, m := opened(), linked(); n != 0 || m != 0 {
		t.Errorf("%d files and %d linked ones were opened or read", n, m)
	}
	check(t, os.WriteFile(p.path("data/3"), []byte("y"), 0o644))
	linked()
	if CheckLinks(l, p.root, cache.Of(p.root)) == nil {
		t.Error("a linked file that has changed is not found")
	}
	if linked() == 0 {
		t.Error("it was not read")
	}
}
