package plan

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/flowrider/flowrider/schema"
)

// Target names flows: by an address, or by a glob such as flow.train*, in
// which * stands for any text and ? for one character.
type Target struct {
	Upstream   bool // +x: with what it needs
	Downstream bool // x+: with what needs it

	text    string
	address schema.Address // zero of what is no address
	glob    *regexp.Regexp // nil of what has neither * nor ?
}

// At is the flow or instance of an address as a target.
func At(address schema.Address) Target { return Target{text: address.String(), address: address} }

// ParseTarget reads a target as a person types it. A name without a block is a
// flow's.
func ParseTarget(text string) (Target, error) {
	rest, up := strings.CutPrefix(text, "+")
	rest, down := strings.CutSuffix(rest, "+")
	if name, _, _ := strings.Cut(rest, "["); name != "" && !strings.Contains(name, ".") {
		rest = "flow." + rest // as in flowrider apply clean
	}
	t := Target{Upstream: up, Downstream: down, text: rest}
	var err error
	t.address, err = schema.ParseAddress(rest)
	switch {
	case strings.ContainsAny(rest, "*?"):
	case err != nil && strings.ContainsAny(rest, "[{"):
		return t, fmt.Errorf("%q is not an address; the only wildcards are * for any text and ? for one character, and in brackets stands a key, as in 'flow.train[\"forest\"]' or 'flow.train[*]'", rest)
	case err != nil:
		return t, fmt.Errorf("%q is not an address; write it as in flow.clean, flow.train[\"forest\"] or 'flow.train*'", rest)
	default:
		return t, nil
	}
	pattern := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(rest))
	t.glob = regexp.MustCompile(`(?s)^(?:` + pattern + `)$`)
	return t, nil
}

// String is the target without what stands around it.
func (t Target) String() string { return t.text }

// is says whether the target is the flow or instance of an address.
func (t Target) is(address schema.Address) bool { return t.address == address }

// isLike is is by the target's glob, which may leave the quotes of a key away.
func (t Target) isLike(address schema.Address) bool {
	if t.glob == nil {
		return false
	}
	return t.glob.MatchString(address.String()) ||
		address.Keyed && t.glob.MatchString(address.Whole().String()+"["+address.Key+"]")
}
