package battery_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/testenv"
)

// twenty are the flows of T03.
const twenty = `
	variable "v" { default = "1" }
	variable "count" { default = 20 }
	flow "command" "f" {
		for_each = toset([for n in range(var.count) : format("%02d", n)])
		argv     = ["sh", "-ec", "yes ${each.key}${var.v} | head -c 3000 > out-${each.key}"]
		output "o" { file = "out-${each.key}" }
	}
`

// T03: the power of a real file system is cut under an apply of 20 flows, half
// of which have records from before. After each write to the disk, with any of
// those that were not flushed lost, what was reported is there and whole, plan
// works, and apply goes on from there.
func TestT03PowerCuts(t *testing.T) {
	program(t, "")
	if !testenv.Private(t) {
		return
	}
	c := newCuts(t, 20, 10)
	c.record(program(t, ""), "", append([]string{"apply", "--json", "--parallelism", "4"}, c.variables()...))
	bad := c.cut(powerCuts)
	for _, text := range bad[:min(len(bad), 10)] {
		t.Error(text)
	}
	if c.states < powerCuts || len(bad) > 0 {
		t.Errorf("%d states, of which %d are bad; want %d and none", c.states, len(bad), powerCuts)
	}
	testenv.Figure(t, "T03", "%d states after cuts at %d of %d writes: 0 reported records lost, 0 torn; after %d of them plan was run, and after %d apply, which ran nothing again that was reported",
		c.states, c.cuts, c.writes, c.planned, c.applied)
}

// Without an fsync, the same cuts find what is lost. That of folders is missed by
// accept: in an apply the journal, which is synced too, takes the whole of an
// ext4 along.
func TestT03FindsMissingSteps(t *testing.T) {
	program(t, "flowrider_fault")
	if !testenv.Private(t) {
		return
	}
	accept := []string{"accept", "--json"}
	for n := range 6 {
		accept = append(accept, fmt.Sprintf(`flow.f["%02d"]`, n))
	}
	for _, variant := range []struct {
		name, fault string
		command     []string
	}{
		{"without the folder fsync", "no-folder-sync", accept},
		{"without the file fsync", "no-file-sync", []string{"apply", "--json"}},
	} {
		c := newCuts(t, 6, 6)
		c.onlyRecords = true
		c.record(program(t, "flowrider_fault"), variant.fault, append(variant.command, c.variables()...))
		bad := c.cut(variantCuts)
		t.Logf("%s: %d of %d states are bad, such as: %v", variant.name, len(bad), c.states, bad[:min(len(bad), 1)])
		if len(bad) == 0 {
			t.Errorf("%s: none of %d states is bad", variant.name, c.states)
		}
		testenv.Figure(t, "T03", "%s %d of %d states are bad, as they must be", variant.name, len(bad), c.states)
	}
}

// cuts are those of one apply.
type cuts struct {
	t           *testing.T
	random      *rand.Rand
	flows, old  int // flows, and how many of them have a record from before
	onlyRecords bool

	before map[string]string // the run IDs of those
	base   []byte            // the disk before the apply
	log    []happening       // and what the apply has done to it

	image string // the file with the disk of one state
	bytes []byte // in it
	dir   string // where it is mounted

	writes, cuts, states, planned, applied int
}

func newCuts(t *testing.T, flows, old int) *cuts {
	t.Helper()
	c := &cuts{t: t, flows: flows, old: old, random: rand.New(rand.NewPCG(testenv.Seed(t), 0)), dir: t.TempDir()}
	memory, err := os.MkdirTemp("/dev/shm", "flowrider-battery-")
	if err != nil {
		testenv.Unable(t, err)
	}
	t.Cleanup(func() { os.RemoveAll(memory) })
	c.image = filepath.Join(memory, "image")
	if err := os.WriteFile(c.image, newExt4(t), 0o600); err != nil {
		t.Fatal(err)
	}
	unmount := mountImage(t, c.image, c.dir, "")
	p := newProject(t, c.dir, twenty)
	c.before = reported(p.must("apply", "--json", "--var", fmt.Sprintf("count=%d", old)).out)
	unmount()
	file, err := os.OpenFile(c.image, os.O_RDWR, 0)
	if err == nil {
		c.bytes, err = unix.Mmap(int(file.Fd()), 0, diskSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		file.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(c.bytes) })
	c.base = bytes.Clone(c.bytes)
	return c
}

// variables make what is to be done.
func (c *cuts) variables() []string {
	return []string{"--var", "v=2", "--var", fmt.Sprintf("count=%d", c.flows)}
}

// record runs a command on a logged disk.
func (c *cuts) record(program, fault string, arguments []string) {
	t := c.t
	t.Helper()
	disk := mountLogged(t, c.image)
	dir := t.TempDir()
	unmount := mountImage(t, filepath.Join(disk.dir, "disk"), dir, "")
	said, err := os.OpenFile(filepath.Join(disk.dir, "said"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	p := &project{t: t, dir: dir, program: program, env: append(testenv.Environ(t), "FLOWRIDER_FAULT="+fault)}
	command := p.command(arguments...)
	var errors strings.Builder
	command.Stdout, command.Stderr = said, &errors
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", arguments, err, errors.String())
	}
	unmount()
	c.log = disk.happened(t)
	all := ""
	for _, h := range c.log {
		all += h.Said
		if h.Data != nil {
			c.writes++
		}
	}
	if runs := reported(all); len(runs) != c.flows {
		t.Fatalf("reported is %v", runs)
	}
}

// piece is a part of the disk that is written whole or not at all.
type piece struct {
	offset int
	data   []byte
}

// pieceSize is the size of a sector.
const pieceSize = 4096

// cut cuts the power at all writes, or at as many as states are wanted, and
// says what was bad.
func (c *cuts) cut(states int) (bad []string) {
	perCut := max(1, (states+c.writes-1)/c.writes)
	chance := 1.0
	if states < c.writes {
		chance = float64(states) / float64(c.writes)
	}
	flushed, disk := slices.Clone(c.base), slices.Clone(c.base)
	var open []piece // written since the last flush
	said, reports := "", map[string]string{}
	for i, h := range c.log {
		chosen := c.random.Float64() < chance
		switch {
		case h.Flush:
			for _, p := range open {
				copy(flushed[p.offset:], p.data)
			}
			open = nil
			continue
		case h.Data == nil:
			said += h.Said
			before := len(reports)
			reports = reported(said)
			chosen = len(reports) > before // at once, and not only when something else is written
		default:
			for at := 0; at < len(h.Data); at += pieceSize {
				open = append(open, piece{h.Offset + at, h.Data[at:min(at+pieceSize, len(h.Data))]})
			}
		}
		if !chosen {
			continue
		}
		c.cuts++
		for range perCut {
			kept := c.lose(disk, flushed, open)
			if problem := c.check(disk, reports); problem != "" {
				bad = append(bad, fmt.Sprintf("after %d of %d events, with %d of %d pieces that were not flushed: %s", i+1, len(c.log), kept, len(open), problem))
			}
		}
	}
	return bad
}

// lose makes a disk after a power cut: what was flushed, and any part of the
// rest.
func (c *cuts) lose(disk, flushed []byte, open []piece) (kept int) {
	copy(disk, flushed)
	share := []float64{0, 0.1, 0.5, 0.9, 1}[c.random.IntN(5)]
	for _, p := range open {
		if c.random.Float64() < share {
			copy(disk[p.offset:], p.data)
			kept++
		}
	}
	return kept
}

// check says what is wrong with a disk after a power cut, "" for nothing.
func (c *cuts) check(disk []byte, said map[string]string) string {
	c.t.Helper()
	c.states++
	for at := 0; at < len(disk); at += pieceSize { // most of it is the same as before
		if from, to := disk[at:at+pieceSize], c.bytes[at:at+pieceSize]; !bytes.Equal(from, to) {
			copy(to, from)
		}
	}
	unmount := mountImage(c.t, c.image, c.dir, "")
	defer unmount()
	if problem := c.checkRecords(said); problem != "" || c.onlyRecords {
		return problem
	}
	p := &project{t: c.t, dir: c.dir, program: program(c.t, ""), env: testenv.Environ(c.t)}
	arguments := append([]string{"--json"}, c.variables()...)
	if c.states%planEvery == 0 {
		c.planned++
		if ended := p.run(append([]string{"plan"}, arguments...)...); ended.code != 0 {
			return fmt.Sprintf("plan: exit %d\n%s%s", ended.code, ended.out, ended.errors)
		}
	}
	if c.states%applyEvery == 0 {
		c.applied++
		ended := p.run(append([]string{"apply"}, arguments...)...)
		after := reported(ended.out)
		if ended.code != 0 || len(after) != c.flows {
			return fmt.Sprintf("apply: exit %d\n%s%s", ended.code, ended.out, ended.errors)
		}
		for address, run := range said {
			if after[address] != run {
				return fmt.Sprintf("%s was recorded with run %s, and ran again", address, run)
			}
		}
	}
	return ""
}

// checkRecords says which record is not as it was reported, or not whole.
func (c *cuts) checkRecords(said map[string]string) string {
	runs, problems := recorded(c.dir)
	if len(problems) > 0 {
		return fmt.Sprintf("%s %s", problems[0].Path, problems[0].Reason)
	}
	for address, run := range said {
		if runs[address] != run {
			return fmt.Sprintf("%s was reported with run %s, and the record has %q", address, run, runs[address])
		}
	}
	for address := range c.before {
		if runs[address] == "" {
			return fmt.Sprintf("the record of %s from before is gone", address)
		}
	}
	entries, problems := record.Open(c.dir, "runs", durable.Writer{}).Entries()
	if len(problems) > 0 {
		return fmt.Sprintf("%s %s", problems[0].Path, problems[0].Reason)
	}
	known := map[string]bool{}
	for _, entry := range entries {
		known[entry.Flow+" "+runOf(entry)] = true
	}
	for address, run := range said {
		if !known[address+" "+run] {
			return fmt.Sprintf("the history does not have run %s of %s", run, address)
		}
	}
	return ""
}
