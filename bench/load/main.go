// Command load measures how long it takes to load and to evaluate a
// configuration, beside HCL's own parser on the same files with as many
// goroutines, in turn, and how that grows with the keys of a for_each.
//
// Loading has room on the heap, as every command that loads gives itself
// (internal/heap). The parser is measured without, as in any Go program, and
// with the same room.
//
// It measures one process's own functions and judges nothing.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/internal/heap"
	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/schema"
)

func main() {
	blocks := flag.Int("blocks", 10_000, "how many flow blocks")
	files := flag.Int("files", 10, "in how many files")
	rounds := flag.Int("rounds", 11, "how many rounds")
	only := flag.Bool("only-load", false, "load once, and say how much memory that took")
	flag.Parse()
	dir, err := os.MkdirTemp("", "flowrider-load-")
	must(err)
	defer os.RemoveAll(dir)
	names := writeBlocks(dir, *blocks, *files)
	if *only {
		begun := time.Now()
		load(dir, *blocks)
		fmt.Printf("%d blocks: %v, at most %d MiB of memory\n", *blocks, time.Since(begun).Round(time.Millisecond), peakMiB())
		return
	}
	fmt.Printf("%d blocks in %d files, %d goroutines, medians of %d rounds:\n", *blocks, *files, runtime.GOMAXPROCS(0), *rounds)
	compare("parsing alone", func() { parse(dir, names) }, *rounds, func() { load(dir, *blocks) })
	compare("parsing alone with room", func() { heap.Roomy(); parse(dir, names) }, *rounds, func() { load(dir, *blocks) })
	growth(*rounds)
}

// compare measures loading beside something else, in turn.
func compare(what string, other func(), rounds int, load func()) {
	var others, loads, wall, cpu []float64
	for range rounds + 2 { // of which the first two warm up
		o, l := measure(other), measure(load)
		others, loads = append(others, o.wall), append(loads, l.wall)
		wall, cpu = append(wall, l.wall/o.wall), append(cpu, l.cpu/o.cpu)
	}
	fmt.Printf("  %s %.0f ms, loading and evaluating %.0f ms: ratio %.2f of time, %.2f of the processor's\n",
		what, 1000*median(others[2:]), 1000*median(loads[2:]), median(wall[2:]), median(cpu[2:]))
}

// growth measures a for_each over 1,000 and over 10,000 keys.
func growth(rounds int) {
	for _, what := range []string{"an object", "a map", "a set"} {
		var few, many []float64
		dirs := map[int]string{}
		for _, keys := range []int{1000, 10_000} {
			dir, err := os.MkdirTemp("", "flowrider-load-")
			must(err)
			defer os.RemoveAll(dir)
			writeForEach(dir, what, keys)
			dirs[keys] = dir
		}
		of := func(keys int) float64 { return measure(func() { load(dirs[keys], keys) }).cpu }
		for range rounds {
			few, many = append(few, of(1000)), append(many, of(10_000))
		}
		fmt.Printf("for_each over %s of 1,000 keys %.1f ms, of 10,000 keys %.1f ms of the processor: exponent %.2f\n", what, 1000*median(few), 1000*median(many), math.Log10(median(many)/median(few)))
	}
}

// writeForEach writes one flow with a for_each over so many keys.
func writeForEach(dir, what string, keys int) {
	var list strings.Builder
	values, forEach, n, name := "locals {\n  all = {\n%s}\n}\n", "local.all", "each.value.n", "each.value.name"
	switch what {
	case "a map":
		values, forEach = "variable \"all\" {\n  type = map(object({ n = number, name = string, tag = optional(string, \"v1\") }))\n  default = {\n%s}\n}\n", "var.all"
	case "a set":
		values, forEach, n, name = "variable \"all\" {\n  type = list(string)\n  default = [\n%s]\n}\n", "toset(var.all)", "each.key", "each.key"
	}
	for i := range keys {
		if what == "a set" {
			fmt.Fprintf(&list, "    \"key%05d\",\n", i)
		} else {
			fmt.Fprintf(&list, "    key%05d = { n = %d, name = \"n%d\" }\n", i, i, i)
		}
	}
	write(dir, schema.FileName, fmt.Sprintf(values, list.String())+"flow \"command\" \"a\" {\n  for_each = "+forEach+"\n  argv = [\"run\", each.key, \"${"+n+"}\"]\n  env = { NAME = "+name+" }\n}\n")
}

// writeBlocks writes flows of about 260 bytes, each with a reference to another
// one.
func writeBlocks(dir string, blocks, files int) (names []string) {
	texts := make([]strings.Builder, files)
	write(dir, schema.FileName, "variable \"n_gram\" {\n  type    = number\n  default = 3\n}\n\nlocals {\n  tag = \"v1\"\n}\n")
	for i := range blocks {
		before := ""
		if i > 0 {
			before = fmt.Sprintf(", after = flow.flow%d.run_id", i-1-i%7)
		}
		if i < 7 {
			before = ""
		}
		fmt.Fprintf(&texts[i*files/blocks], "flow \"command\" \"flow%d\" {\n  description = \"step %d of the pipeline\"\n  argv = [\"python\", \"-m\", \"pipeline.step\", \"--n\", \"%d\"]\n  parameters = { n_gram = var.n_gram, name = \"step-%d\"%s }\n  env = { LEVEL = \"${local.tag}-%d\" }\n  salt = \"s%d\"\n}\n\n", i, i, i, i, before, i%5, i)
	}
	for i := range texts {
		name := fmt.Sprintf("f%03d.flow.hcl", i)
		write(dir, name, texts[i].String())
		names = append(names, name)
	}
	return append(names, schema.FileName)
}

func write(dir, name, text string) { must(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)) }

// parse is the limit: HCL's parser alone.
func parse(dir string, names []string) {
	next := make(chan string)
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for name := range next {
				source, err := os.ReadFile(filepath.Join(dir, name))
				must(err)
				if _, diags := hclsyntax.ParseConfig(source, name, hcl.InitialPos); diags.HasErrors() {
					panic(diags)
				}
			}
		})
	}
	for _, name := range names {
		next <- name
	}
	close(next)
	all.Wait()
}

// load loads a configuration and evaluates all arguments of all flows, as
// validate does, without a look at any project's files.
func load(dir string, flows int) {
	heap.Roomy()
	config, diags := schema.Load(dir)
	diags = append(diags, eval.Check(config)...)
	values, moreDiags := eval.Variables(config, nil)
	if diags = append(diags, moreDiags...); diags.HasErrors() {
		panic(diags)
	}
	evaluator := eval.New(config, eval.Given{Variables: values, Secrets: &redact.Secrets{}})
	instances, diags := evaluator.Instances()
	for _, instance := range instances {
		flow, moreDiags := evaluator.Flow(instance)
		if diags = append(diags, moreDiags...); diags.HasErrors() {
			panic(diags)
		}
		evaluator.SetFlow(instance, eval.Result{Parameters: flow.Parameters})
	}
	if len(instances) != flows {
		panic(fmt.Sprintf("%d flows, want %d", len(instances), flows))
	}
}

type taken struct{ wall, cpu float64 }

func measure(work func()) taken {
	runtime.GC()
	begun, before := time.Now(), processor()
	work()
	took := taken{time.Since(begun).Seconds(), processor() - before}
	heap.Usual() // which begins to collect
	return took
}

func processor() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func peakMiB() int64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	if runtime.GOOS == "darwin" {
		return usage.Maxrss >> 20
	}
	return usage.Maxrss >> 10
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
