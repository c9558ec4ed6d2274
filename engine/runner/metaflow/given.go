package metaflow

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/runner"
)

// given is a parameter or config that the job passed to its flow.
type given struct {
	name   string // on the command line
	hashed string // its hashed form, as JSON
	sha    string // of the passed text as Metaflow stores texts; "" for other types
}

// givenTo lists what the job passed, by name.
func givenTo(job *runner.Job) ([]given, error) {
	var list []given
	for _, argument := range []string{argParameters, argConfigValues} {
		passed, _ := givenMembers(job.Args[argument])
		hashed, _ := membersOf(job.Hashed[argument])
		forms := map[string]cty.Value{}
		for _, m := range hashed {
			forms[m.name] = m.value
		}
		for _, m := range passed {
			form, ok := forms[m.name]
			if !ok || !form.IsWhollyKnown() {
				return nil, fmt.Errorf("%s.%s has no hashed form", argument, m.name)
			}
			text, err := jsonText(form)
			if err != nil {
				return nil, err
			}
			g := given{name: m.name, hashed: text}
			if argument == argParameters && m.value.Type() == cty.String {
				g.sha = pickledTextSHA(m.value.AsString())
			}
			list = append(list, g)
		}
	}
	return list, nil
}

// parameterLines is a line for each parameter, config and constant of the
// flow: what the job passed by its hashed form, so that a run ID counts as the
// data version it stands for; an included file by its content; anything else
// by its SHA-1.
func (r run) parameterLines(stored *attempt, passed []given) ([]string, error) {
	artifacts := matchArtifacts(stored.Objects, passed)
	holds := map[string]bool{}
	var lines []string
	for i, g := range passed {
		artifact := artifacts[i]
		holds[artifact] = true
		if artifact != "" && stored.Info[artifact].Type == includedFile {
			holds[artifact] = false // its content counts, not the path
			continue
		}
		lines = append(lines, fmt.Sprintf("parameter %q %s", g.name, g.hashed))
	}
	for name := range stored.Objects {
		if !counts(name) || holds[name] {
			continue
		}
		content, err := r.contentOf(stored, name)
		if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("stored %q %s", name, content))
	}
	return lines, nil
}

// matchArtifacts finds for each given value the artifact that holds it, or
// "". A flow may give a Parameter another name than the attribute it is
// assigned to, and nothing on disk says which is which. So a value is looked
// for by its name, then by that name as an attribute would spell it, and then,
// if it is a text, by what is stored.
func matchArtifacts(stored map[string]string, passed []given) []string {
	artifacts := make([]string, len(passed))
	taken := map[string]bool{}
	match := func(named func(g given) string) {
		for i, g := range passed {
			name := named(g)
			if _, ok := stored[name]; ok && artifacts[i] == "" && !taken[name] {
				artifacts[i], taken[name] = name, true
			}
		}
	}
	match(func(g given) string { return g.name })
	match(func(g given) string { return strings.ReplaceAll(g.name, "-", "_") })
	match(func(g given) string { return only(stored, taken, g.sha) })
	return artifacts
}

// only is the one artifact with that SHA-1 that is not taken. Of several,
// none: what is in doubt counts as it is stored.
func only(stored map[string]string, taken map[string]bool, sha string) string {
	found := ""
	for name, s := range stored {
		if s != sha || taken[name] || !counts(name) {
			continue
		}
		if found != "" {
			return ""
		}
		found = name
	}
	return found
}

// maxText is the length of texts below which pickle writes a single frame.
const maxText = 60_000

// pickledTextSHA is the SHA-1 under which Metaflow stores a text: that of its
// pickle, protocol 4. It is "" for a text that is too long to matter.
func pickledTextSHA(text string) string {
	if len(text) > maxText {
		return ""
	}
	var body []byte
	if len(text) < 256 {
		body = append(body, 0x8c, byte(len(text))) // SHORT_BINUNICODE
	} else {
		body = binary.LittleEndian.AppendUint32(append(body, 'X'), uint32(len(text))) // BINUNICODE
	}
	body = append(append(body, text...), 0x94, '.') // MEMOIZE, STOP
	pickle := binary.LittleEndian.AppendUint64([]byte{0x80, 4, 0x95}, uint64(len(body)))
	sum := sha1.Sum(append(pickle, body...))
	return hex.EncodeToString(sum[:])
}
