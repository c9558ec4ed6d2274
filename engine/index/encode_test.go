package index

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var own = sha256.Sum256([]byte("/root"))

func example() (clock, map[string]*entry) {
	negative := file(-5)
	negative.Inode, negative.Size = 1<<64-1, 1<<62
	return clock{at(5000), "boot", -3}, map[string]*entry{
		"a":         {status: file(1000), digest: "sha256:0f", settled: true},
		"b\nc\xff/": {status: negative, digest: "", unseen: 200},
	}
}

func TestEncode(t *testing.T) {
	c, entries := example()
	gotClock, got, ok := decode(encode(c, own, entries), own)
	if !ok || gotClock != c {
		t.Fatalf("clock %v, %v", gotClock, ok)
	}
	if diff := cmp.Diff(entries, got, cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if _, _, ok := decode(encode(c, own, entries), sha256.Sum256([]byte("/other"))); ok {
		t.Error("an index of another root is believed")
	}
}

// An index with any byte flipped, cut or inserted is not believed.
func TestTornIndex(t *testing.T) {
	c, entries := example()
	whole := encode(c, own, entries)
	for i := range len(whole) {
		for bit := range 8 {
			flipped := append([]byte{}, whole...)
			flipped[i] ^= 1 << bit
			checkBroken(t, fmt.Sprintf("bit %d of byte %d flipped", bit, i), flipped)
		}
		checkBroken(t, fmt.Sprintf("cut at %d", i), whole[:i])
		checkBroken(t, fmt.Sprintf("without byte %d", i), append(append([]byte{}, whole[:i]...), whole[i+1:]...))
		checkBroken(t, fmt.Sprintf("with one more at %d", i), append(append(append([]byte{}, whole[:i]...), 0), whole[i:]...))
	}
}

func checkBroken(t *testing.T, what string, data []byte) {
	t.Helper()
	if _, _, ok := decode(data, own); ok {
		t.Errorf("%s: believed", what)
	}
}

func FuzzDecode(f *testing.F) {
	c, entries := example()
	f.Add(encode(c, own, entries))
	f.Add(encode(clock{}, own, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := &decoder{rest: string(data)} // the checksum would keep the fuzzer out
		for d.rest != "" && !d.broken {
			d.text()
			d.entry()
		}
		decode(data, own)
	})
}
