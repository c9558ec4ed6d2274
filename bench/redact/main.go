// Command redact measures how fast sensitive values are hidden in a stream,
// beside plain copying of the same bytes and beside one replacing pass for
// each value, in turn.
//
// It measures one process's own functions and judges nothing.
package main

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/flowrider/flowrider/internal/redact"
)

// chunk is as much as is read from a flow at once.
const chunk = 64 << 10

func main() {
	count := flag.Int("secrets", 50, "how many values are hidden")
	size := flag.Int("size", 64, "MB of each kind of text")
	rounds := flag.Int("rounds", 5, "how many rounds")
	flag.Parse()
	random := rand.New(rand.NewPCG(1, 2))
	secrets, values := &redact.Secrets{}, [][]byte{}
	for range *count {
		raw := make([]byte, 12+random.IntN(24))
		for i := range raw {
			raw[i] = byte(random.Uint32())
		}
		value := []byte(base64.RawURLEncoding.EncodeToString(raw))
		values = append(values, value)
		if err := secrets.Add(string(value)); err != nil {
			panic(err)
		}
	}
	fmt.Printf("%d values, MB/s, median of %d rounds\n\n| text | copying | hiding | copying : hiding | a pass for each value |\n|---|---|---|---|---|\n", *count, *rounds)
	for _, kind := range kinds(random, values) {
		text := bytes.Repeat(kind.text, 1+*size<<20/len(kind.text))[:*size<<20]
		to := &sink{}
		var copying, hiding, replacing []float64
		for range *rounds {
			copying = append(copying, measure(text, func(part []byte) { to.Write(part) }))
			w := secrets.Writer(to)
			hiding = append(hiding, measure(text, func(part []byte) { w.Write(part) }))
			replacing = append(replacing, measure(text[:len(text)/8], func(part []byte) {
				for _, value := range values {
					part = bytes.ReplaceAll(part, value, []byte(redact.Mark))
				}
				to.Write(part)
			}))
		}
		fmt.Printf("| %s | %.0f | %.0f | %.0f | %.0f |\n", kind.name, median(copying), median(hiding), median(copying)/median(hiding), median(replacing))
	}
}

// sink keeps the last of what is written, as a pipe's reader would.
type sink struct{ last [chunk]byte }

func (s *sink) Write(data []byte) (int, error) {
	copy(s.last[:], data)
	return len(data), nil
}

type kind struct {
	name string
	text []byte
}

func kinds(random *rand.Rand, values [][]byte) []kind {
	log, colours, letters, raw, close, full := &bytes.Buffer{}, &bytes.Buffer{}, make([]byte, 1<<20), make([]byte, 1<<20), &bytes.Buffer{}, &bytes.Buffer{}
	for i := 0; log.Len() < 1<<20; i++ {
		fmt.Fprintf(log, "2026-05-04 12:%02d:%02d,%03d INFO  [pipeline.train] epoch %d loss=%.6f lr=%.2e wrote /data/run/%d/checkpoint-%06d.pt\n",
			i/60%60, i%60, i%1000, i, random.Float64(), random.Float64()/1000, random.IntN(1000), i)
	}
	for line := range bytes.Lines(log.Bytes()) {
		words := bytes.Split(line, []byte(" "))
		for i, word := range words {
			words[i] = fmt.Appendf(nil, "\x1b[%dm%s\x1b[0m", 31+i%7, word)
		}
		colours.Write(bytes.Join(words, []byte(" ")))
	}
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	for i := range letters {
		letters[i], raw[i] = alphabet[random.IntN(len(alphabet))], byte(random.Uint32())
	}
	for close.Len() < 1<<20 { // all but the last byte of a value, again and again
		value := values[random.IntN(len(values))]
		close.Write(value[:len(value)-1])
		full.Write(value)
	}
	return []kind{{"log", log.Bytes()}, {"log, each word in a colour", colours.Bytes()}, {"base64 of anything", letters}, {"any bytes", raw}, {"beginnings of values", close.Bytes()}, {"values", full.Bytes()}}
}

// measure is how many MB/s go through, in pieces.
func measure(text []byte, pass func([]byte)) float64 {
	begun := time.Now()
	for part := range slices.Chunk(text, chunk) {
		pass(part)
	}
	return float64(len(text)) / 1e6 / time.Since(begun).Seconds()
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
