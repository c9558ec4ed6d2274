package process

import (
	"strings"
	"testing"
)

// obeyed says whether a runner would take the line for a command of its own,
// as actions/runner (ActionCommand.TryParseV2 and TryParse) and GitLab do it.
func obeyed(line string) bool {
	return strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "section_start:") || strings.Contains(line, "section_end:")
}

func TestInertTextIsNotObeyed(t *testing.T) {
	for _, text := range []string{
		"::error file=a.py,line=1::boom", "  \t::set-output name=a::b", "\u00a0::debug::x", "x\n::stop-commands::y\n", "a ##[error]boom", "##[group]", "###[x]", "##[##[", ":::::",
		"section_start:1560896352:my_section[collapsed=true]\r\x1b[0K", "section_end:1:x", "\n\n ::warning::z", "\r\n::x::", "\v::x", "\u2003::x",
	} {
		inert := Inert(Clean(text))
		for line := range strings.Lines(inert) {
			if obeyed(line) {
				t.Errorf("%q is obeyed as %q", text, line)
			}
		}
		if strings.ReplaceAll(inert, `\`, "") != Clean(text) {
			t.Errorf("%q is altered to %q", text, inert)
		}
	}
	for _, text := range []string{"a::b", "std::string\nc ## [x]", "section_started", ""} {
		if got := Inert(text); got != text {
			t.Errorf("%q is altered to %q", text, got)
		}
	}
}
