package plan

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/flowrider/flowrider/internal/diag"
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
	typed, up := strings.CutPrefix(text, "+")
	typed, down := strings.CutSuffix(typed, "+")
	rest := typed
	if name, _, _ := strings.Cut(rest, "["); name != "" && !strings.Contains(name, ".") {
		rest = "flow." + rest // as in flowrider apply clean
	}
	t := Target{Upstream: up, Downstream: down, text: rest}
	var err error
	t.address, err = schema.ParseAddress(rest)
	switch {
	case strings.ContainsAny(rest, "*?"):
	case err != nil:
		return t, fmt.Errorf("%q is not an address; %s", typed, meantTarget(rest))
	default:
		return t, nil
	}
	pattern := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(rest))
	t.glob = regexp.MustCompile(`(?s)^(?:` + pattern + `)$`)
	return t, nil
}

var (
	bareKey   = regexp.MustCompile(`^(flow\.[\w-]+)\[["']?([^\]["'{}*?]+)["']?\]$`)
	kindTyped = regexp.MustCompile(`^flow\.(command|metaflow)\.([\w-]+)$`)
	longer    = regexp.MustCompile(`^(flow\.[\w-]+)\.(run_id|pathspec|name|parameters|output)\b`)
	dotted    = regexp.MustCompile(`^(flow\.[\w-]+)\.([\w-]+)$`)
	assigned  = regexp.MustCompile(`^flow\.([A-Za-z_][\w-]*=.*)$`)
)

// meantTarget says what to type in place of what is no address.
func meantTarget(text string) string {
	key := func(match []string) string {
		return diag.ShellQuote(fmt.Sprintf("%s[%q]", match[1], match[2]))
	}
	if match := bareKey.FindStringSubmatch(text); match != nil {
		return fmt.Sprintf("a key stands in quotes, which the shell takes away: write %s", key(match))
	}
	if strings.ContainsAny(text, "[{") {
		return "the only wildcards are * for any text and ? for one character, and in brackets stands a key, as in 'flow.train[\"forest\"]' or 'flow.train[*]'"
	}
	if match := kindTyped.FindStringSubmatch(text); match != nil {
		return fmt.Sprintf("it has no kind in it: write flow.%s", match[2])
	}
	if match := longer.FindStringSubmatch(text); match != nil {
		return fmt.Sprintf("it names a whole flow: write %s", match[1])
	}
	if match := dotted.FindStringSubmatch(text); match != nil {
		return fmt.Sprintf("write %s for an instance of %s", key(match), match[1])
	}
	if match := assigned.FindStringSubmatch(text); match != nil {
		return fmt.Sprintf("write --var %s for the value of a variable", diag.ShellQuote(match[1]))
	}
	if text == "flow.=" {
		return "a value is given without blanks, as in --var NAME=VALUE"
	}
	if strings.HasPrefix(text, ".") || strings.ContainsAny(text, "/") {
		return "a folder is named with --chdir"
	}
	return `write it as in flow.clean, flow.train["forest"] or 'flow.train*'`
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
