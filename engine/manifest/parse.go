package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Parse reads a text that Text wrote. Whoever stores texts by digest has
// verified it; Parse still refuses what Text would not have written.
func Parse(text string) (Manifest, error) {
	m, err := ParseDraft(text)
	if err == nil && !m.Known() {
		return Manifest{}, errors.New("the manifest has facts that were not known")
	}
	return m, err
}

// ParseDraft reads a text that Draft wrote. Which of the unknown facts were
// certain to change is not in it.
func ParseDraft(text string) (Manifest, error) {
	body, ok := strings.CutPrefix(text, header)
	if !ok {
		return Manifest{}, errors.New("this is no manifest of a format that this flowrider knows")
	}
	var facts []Fact
	for line := range strings.Lines(body) {
		fact, err := parseFact(line)
		if err != nil {
			return Manifest{}, err
		}
		if n := len(facts); n > 0 && facts[n-1].Path.Compare(fact.Path) >= 0 {
			return Manifest{}, fmt.Errorf("the facts of the manifest are not in order at %s", fact.Path)
		}
		facts = append(facts, fact)
	}
	m := Manifest{facts: facts}
	if m.Draft() != text {
		return Manifest{}, errors.New("the manifest is not written as flowrider writes it")
	}
	return m, nil
}

func parseFact(line string) (Fact, error) {
	path, rest, err := parsePath(line)
	if err != nil {
		return Fact{}, fmt.Errorf("the manifest has a line that cannot be read: %w", err)
	}
	value, ok := strings.CutPrefix(rest, " = ")
	value = strings.TrimSuffix(value, "\n")
	if ok && value == notKnown {
		return Fact{Path: path, Unknown: true}, nil
	}
	if !ok || !json.Valid([]byte(value)) {
		return Fact{}, fmt.Errorf("the manifest has no value for %s", path)
	}
	return Fact{Path: path, Value: value}, nil
}
