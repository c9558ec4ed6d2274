package durable_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/internal/durable"
)

var format = durable.Format{Name: "FRT", Version: 1}

// sampleLog is a log with n entries, and the offset of each, with the end as
// the last.
func sampleLog(n int) (data []byte, offsets []int) {
	data = []byte("FRT1\n")
	for i := range n {
		offsets = append(offsets, len(data))
		data = durable.AppendFrame(data, fmt.Appendf(nil, `{"entry": %d, "text": %q}`, i, strings.Repeat("x", i)))
	}
	return data, append(offsets, len(data))
}

func payloads(c durable.Contents) []string {
	var texts []string
	for _, p := range c.Entries {
		texts = append(texts, string(p))
	}
	return texts
}

func TestLogIsAppendedTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history", "3f.log")
	log := durable.With(durable.OS()).OpenLog(path, format)
	for _, payload := range []string{`{"a":1}`, `{}`, `{"b":"ü"}`} {
		if err := log.Append([]byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The CRC-32C of each payload, as any other program computes it.
	want := "FRT1\n" +
		"00000007 " + crc(`{"a":1}`) + " {\"a\":1}\n" +
		"00000002 " + crc(`{}`) + " {}\n" +
		"0000000a " + crc(`{"b":"ü"}`) + " {\"b\":\"ü\"}\n"
	equal(t, want, string(data))
	c := durable.ParseLog(data, format)
	equal(t, []string{`{"a":1}`, `{}`, `{"b":"ü"}`}, payloads(c))
	equal(t, len(data), c.End)
}

// crc is the CRC-32C computed bit by bit, without the library.
func crc(text string) string {
	sum := ^uint32(0)
	for _, b := range []byte(text) {
		sum ^= uint32(b)
		for range 8 {
			sum = sum>>1 ^ 0x82f63b78*(sum&1)
		}
	}
	return fmt.Sprintf("%08x", ^sum)
}

// A log that ends anywhere is what a crash leaves: all whole entries are read,
// in silence, and the next append goes on after them.
func TestLogTornAnywhere(t *testing.T) {
	data, offsets := sampleLog(4)
	all := payloads(durable.ParseLog(data, format))
	path := filepath.Join(t.TempDir(), "log")
	for cut := range data {
		whole := 0
		for whole < 4 && offsets[whole+1] <= cut {
			whole++
		}
		c := durable.ParseLog(data[:cut], format)
		if len(c.Damage) > 0 || !slices.Equal(payloads(c), all[:whole]) {
			t.Fatalf("cut at %d: %q, damage %v", cut, payloads(c), c.Damage)
		}
		if err := os.WriteFile(path, data[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		if err := durable.With(durable.OS()).OpenLog(path, format).Append([]byte(`"next"`)); err != nil {
			t.Fatal(err)
		}
		mended, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c = durable.ParseLog(mended, format)
		if len(c.Damage) > 0 || !slices.Equal(payloads(c), append(all[:whole:whole], `"next"`)) {
			t.Fatalf("appended after a cut at %d: %q, damage %v", cut, payloads(c), c.Damage)
		}
	}
	equal(t, 1, len(tree(t, filepath.Dir(path))))
}

// Bytes of zero at the end are what some file systems leave.
func TestLogWithZeroTail(t *testing.T) {
	data, _ := sampleLog(2)
	c := durable.ParseLog(append(data, make([]byte, 500)...), format)
	equal(t, 2, len(c.Entries))
	equal(t, nil, c.Damage)
	equal(t, len(data), c.End)
}

// A changed byte, a cut out one or an inserted one costs at most the entry it
// is in and its neighbour. No entry that was not written is ever read, and
// what was lost is named, but for an unfinished line at the very end.
func TestLogMutations(t *testing.T) {
	data, offsets := sampleLog(6)
	all := payloads(durable.ParseLog(data, format))
	random := rand.New(rand.NewPCG(1, 2))
	cases := 0
	for at := range data {
		for kind := range 4 {
			mutant := mutate(data, at, kind, random)
			c := durable.ParseLog(mutant, format)
			cases++
			most := map[int]int{0: 1, 1: 2, 2: 2, 3: 6}[kind] // a flipped bit costs one entry
			if len(c.Entries) < len(all)-most && !c.Newer {
				t.Fatalf("kind %d at %d: only %q", kind, at, payloads(c))
			}
			for _, p := range payloads(c) {
				if !slices.Contains(all, p) {
					t.Fatalf("kind %d at %d: believed %q", kind, at, p)
				}
			}
			if lost := len(c.Entries) < len(all); lost && len(c.Damage) == 0 && !c.Newer && at < offsets[5] && kind != 3 {
				t.Fatalf("kind %d at %d: lost in silence", kind, at)
			}
			for _, d := range c.Damage {
				if d.Offset > at || d.Offset+d.Length < at {
					t.Fatalf("kind %d at %d: named as %v", kind, at, d)
				}
			}
		}
	}
	if cases < 1000 {
		t.Errorf("only %d cases", cases)
	}
}

func mutate(data []byte, at, kind int, random *rand.Rand) []byte {
	m := bytes.Clone(data)
	switch kind {
	case 0:
		m[at] ^= 1 << random.IntN(8)
	case 1:
		m = slices.Delete(m, at, at+1)
	case 2:
		m = slices.Insert(m, at, byte(random.IntN(256)))
	case 3:
		m = m[:at]
	}
	return m
}

// What is taken off the end is kept when it is more than an unfinished line.
func TestLogKeepsACopyOfADamagedEnd(t *testing.T) {
	data, offsets := sampleLog(2)
	data[offsets[1]+25] ^= 1
	dir := t.TempDir()
	path := filepath.Join(dir, "log")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := durable.With(durable.OS()).OpenLog(path, format).Append([]byte(`"next"`)); err != nil {
		t.Fatal(err)
	}
	files := tree(t, dir)
	c := durable.ParseLog([]byte(files["log"]), format)
	equal(t, 2, len(c.Entries))
	equal(t, nil, c.Damage)
	delete(files, "log")
	for name, content := range files {
		if !strings.HasPrefix(name, "log.damaged.") || content != string(data[offsets[1]:]) {
			t.Errorf("%s: %q", name, content)
		}
	}
	equal(t, 1, len(files))
}

func TestNewerLogIsLeftAlone(t *testing.T) {
	data, _ := sampleLog(2)
	data[3] = '2'
	c := durable.ParseLog(data, format)
	if !c.Newer || len(c.Entries) > 0 {
		t.Errorf("%+v", c)
	}
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	err := durable.With(durable.OS()).OpenLog(path, format).Append([]byte("{}"))
	if err == nil || !strings.Contains(err.Error(), "newer flowrider") {
		t.Errorf("err = %v", err)
	}
	equal(t, map[string]string{"log": string(data)}, tree(t, filepath.Dir(path)))
}

// Several writers and readers at once: nobody sees damage, nothing is lost.
func TestLogWithManyWritersAndReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	const writers, each = 4, 25
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for i := range writers {
		writing.Go(func() {
			log := durable.With(durable.OS()).OpenLog(path, format)
			for j := range each {
				if err := log.Append(fmt.Appendf(nil, `"%d.%d %s"`, i, j, strings.Repeat("x", 5000))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	reading.Go(func() {
		for last := 0; ; {
			data, _ := os.ReadFile(path)
			c := durable.ParseLog(data, format)
			if len(c.Damage) > 0 || len(c.Entries) < last {
				t.Errorf("damage %v, %d entries after %d", c.Damage, len(c.Entries), last)
			}
			last = len(c.Entries)
			select {
			case <-done:
				return
			default:
			}
		}
	})
	writing.Wait()
	close(done)
	reading.Wait()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, writers*each, len(durable.ParseLog(data, format).Entries))
}

// An append that is killed or fails anywhere leaves all earlier entries, and
// its own if it had said so; the one after it works.
func TestLogAppendWithFaults(t *testing.T) {
	for _, errno := range []error{nil, syscall.ENOSPC, syscall.EIO} {
		for _, stays := range []bool{false, true} {
			for at := 1; ; at++ {
				path := filepath.Join(t.TempDir(), "log")
				if err := durable.With(durable.OS()).OpenLog(path, format).Append([]byte(`1`)); err != nil {
					t.Fatal(err)
				}
				backend := durable.NewFaulty(durable.OS(), durable.Fault{At: at, Err: errno, Stays: stays})
				err := durable.With(backend).OpenLog(path, format).Append([]byte(`2`))
				data, readErr := os.ReadFile(path)
				if readErr != nil {
					t.Fatal(readErr)
				}
				c := durable.ParseLog(data, format)
				text := strings.Join(payloads(c), " ")
				if len(c.Damage) > 0 || text != "1 2" && (text != "1" || err == nil) {
					t.Errorf("%v at %d: err %v, log %q", errno, at, err, data)
				}
				if !backend.Struck() {
					if err != nil || at < 5 {
						t.Errorf("%d operations, err = %v", at-1, err)
					}
					break
				}
				if err := durable.With(durable.OS()).OpenLog(path, format).Append([]byte(`3`)); err != nil {
					t.Fatal(err)
				}
				data, _ = os.ReadFile(path)
				if got := strings.Join(payloads(durable.ParseLog(data, format)), " "); got != text+" 3" {
					t.Errorf("%v at %d: then %q", errno, at, got)
				}
			}
		}
	}
}

func FuzzParseLog(f *testing.F) {
	data, _ := sampleLog(3)
	f.Add(data)
	f.Add(data[:30])
	f.Add([]byte("FRT1\n00000000 00000000 \n"))
	f.Add([]byte("FRT1\nffffffff 00000000 x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := durable.ParseLog(data, format)
		if c.End > len(data) {
			t.Errorf("end %d of %d", c.End, len(data))
		}
		last := 0
		for _, d := range c.Damage {
			if d.Offset < last || d.Length <= 0 || d.Offset+d.Length > len(data) {
				t.Errorf("damage %v", c.Damage)
			}
			last = d.Offset + d.Length
		}
		// What was read can be written, and is then read without damage.
		again := []byte("FRT1\n")
		for _, p := range c.Entries {
			again = durable.AppendFrame(again, p)
		}
		second := durable.ParseLog(again, format)
		if !slices.Equal(payloads(c), payloads(second)) || len(second.Damage) > 0 {
			t.Errorf("%q became %q, damage %v", payloads(c), payloads(second), second.Damage)
		}
	})
}

// Rewritten with a fault at each operation: the old log or the new one.
func TestLogRewrite(t *testing.T) {
	keep := func(payload []byte) bool { return !bytes.Contains(payload, []byte(`"entry": 1,`)) }
	data, offsets := sampleLog(3)
	want := string(data[:offsets[1]]) + string(data[offsets[2]:])
	for _, errno := range []error{nil, syscall.EIO} {
		for at := 1; ; at++ {
			path := filepath.Join(t.TempDir(), "x.log")
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
			faulty := durable.NewFaulty(durable.OS(), durable.Fault{At: at, Err: errno})
			err := durable.With(faulty).OpenLog(path, format).Rewrite(keep)
			now, readErr := os.ReadFile(path)
			if readErr != nil || string(now) != want && (string(now) != string(data) || err == nil) {
				t.Errorf("%v at %d: %v, %v\n%s", errno, at, err, readErr, now)
			}
			if !faulty.Struck() {
				break
			}
		}
	}
}

func TestLogRewriteOfEverythingAndNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.log")
	log := durable.With(durable.OS()).OpenLog(path, format)
	data, _ := sampleLog(3)
	for _, tail := range []string{"", "0000", "garbage\n"} {
		if err := os.WriteFile(path, append(bytes.Clone(data), tail...), 0o644); err != nil {
			t.Fatal(err)
		}
		err := log.Rewrite(func([]byte) bool { return true })
		now, readErr := os.ReadFile(path)
		if readErr != nil || string(now) != string(data)+tail || (err != nil) != (tail == "garbage\n") {
			t.Errorf("%q: %v, %v\n%s", tail, err, readErr, now)
		}
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := log.Rewrite(func([]byte) bool { return false }); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
}

// A power cut may leave zeros from any byte of what was written together on, also
// where the line break of an entry should be.
func TestHolesFromEachByteOn(t *testing.T) {
	text := []byte("FRT1\n")
	for _, payload := range []string{"first", "second", "third"} {
		text = durable.AppendFrame(text, []byte(payload))
	}
	room := make([]byte, 64)
	for at := len("FRT1\n"); at < len(text); at++ {
		data := append(append(slices.Clone(text[:at]), make([]byte, len(text)-at)...), room...)
		if c := durable.ParseLog(data, format); len(c.Damage) > 0 {
			t.Errorf("zeros from byte %d on: %v is taken for damage", at, c.Damage)
		}
	}
}
