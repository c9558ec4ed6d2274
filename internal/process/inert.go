package process

import (
	"regexp"
	"strings"
)

// Inert takes from a text what GitHub Actions and GitLab CI would obey in their
// logs: workflow commands such as ::error:: and ##[group], and the marks of
// sections. A backslash makes each of them plain text.
func Inert(text string) string {
	text = strings.ReplaceAll(text, "##[", `#\#[`)
	text = workflowCommand.ReplaceAllString(text, `$1\::`)
	return sectionMark.ReplaceAllString(text, `section\_$1:`)
}

var (
	workflowCommand = regexp.MustCompile(`(?m)^([\pZ\s]*)::`) // GitHub looks past blanks
	sectionMark     = regexp.MustCompile(`section_(start|end):`)
)
