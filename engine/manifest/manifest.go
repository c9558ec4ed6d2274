// Package manifest is the readable list of everything that decides what a
// flow computes. Its text is what is hashed, what is stored and what explain
// compares: there is no second source of truth.
//
// A manifest is made of facts; which facts there are is decided by
// engine/plan and the runners. The package imports the standard library
// alone.
package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// header is the first line of every text: the format and its number. A change
// of how values are written is a new number, since it changes every hash.
const header = "flowrider manifest 1\n"

// Fact is one line: a labelled value.
type Fact struct {
	Path  Path
	Value string // canonical JSON: a number, text, boolean, null, {} or []

	// Unknown says that the value is not known before something else has run.
	// All that is below Path is unknown then, and Value is empty.
	Unknown bool
	// Changes says of an unknown fact that its value will not be one that any
	// record has: each run of what it comes from counts as new.
	Changes bool
}

// Manifest is a list of facts, one for each leaf, sorted by path.
type Manifest struct{ facts []Fact }

// New sorts facts into a manifest. Two facts with one path are a mistake of
// the program.
func New(facts []Fact) Manifest {
	sorted := slices.Clone(facts)
	slices.SortFunc(sorted, func(a, b Fact) int { return a.Path.Compare(b.Path) })
	for i := 1; i < len(sorted); i++ {
		if sorted[i].Path.Compare(sorted[i-1].Path) == 0 {
			panic("manifest: two facts for " + sorted[i].Path.String())
		}
	}
	return Manifest{facts: sorted}
}

// Facts lists the facts by path.
func (m Manifest) Facts() []Fact { return slices.Clone(m.facts) }

// Known says whether every fact is known.
func (m Manifest) Known() bool {
	return !slices.ContainsFunc(m.facts, func(f Fact) bool { return f.Unknown })
}

// Text writes one labelled fact a line. It panics while a fact is unknown, so
// that nothing unknown is ever hashed.
func (m Manifest) Text() string {
	for _, fact := range m.facts {
		if fact.Unknown {
			panic("manifest: " + fact.Path.String() + " is not known")
		}
	}
	return m.Draft()
}

// notKnown is what a draft has for the value of a fact that is not known. No
// JSON begins so.
const notKnown = "(known after apply)"

// Draft is the text with those facts marked that are not known yet: what is
// kept of a decision that has yet to be carried out. It is never hashed.
func (m Manifest) Draft() string {
	var text strings.Builder
	text.WriteString(header)
	for _, fact := range m.facts {
		value := fact.Value
		if fact.Unknown {
			value = notKnown
		}
		fmt.Fprintf(&text, "%s = %s\n", fact.Path, value)
	}
	return text.String()
}

// Hash is the config hash: "h1:" and the SHA-256 of the text in hexadecimal.
func (m Manifest) Hash() string { return Digest(m.Text()) }

// Digest is the digest of any text, written as config hashes are.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "h1:" + hex.EncodeToString(sum[:])
}

// Components is the digest of each label's lines, for labels whose facts are
// all known: what a record keeps, so that another machine can name the
// component that changed without the text.
func (m Manifest) Components() map[string]string {
	lines, unknown := map[string]string{}, map[string]bool{}
	for _, fact := range m.facts {
		label := fact.Path.Label()
		if fact.Unknown {
			unknown[label] = true
			continue
		}
		lines[label] += fact.Path.String() + " = " + fact.Value + "\n"
	}
	digests := map[string]string{}
	for label, text := range lines {
		if !unknown[label] {
			digests[label] = Digest(text)
		}
	}
	return digests
}
