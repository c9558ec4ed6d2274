package runner

import (
	"io"
	"path/filepath"
)

// MaxPrinted bounds what a process may print for an output, in bytes.
const MaxPrinted = 1 << 20

// Stdout is the file in the job's scratch folder that has what the process
// printed, where an output is taken from that: its first MaxPrinted bytes, and
// one more where there was more.
func (j *Job) Stdout() string { return filepath.Join(j.Scratch, "stdout") }

// Printed writes the part of what a process prints that Stdout keeps. The rest
// is taken and dropped.
func Printed(to io.Writer) io.Writer { return &printed{to: to, left: MaxPrinted + 1} }

type printed struct {
	to   io.Writer
	left int
}

func (p *printed) Write(text []byte) (int, error) {
	kept := text[:min(len(text), p.left)]
	p.left -= len(kept)
	if len(kept) > 0 {
		if n, err := p.to.Write(kept); err != nil {
			return n, err
		}
	}
	return len(text), nil
}
