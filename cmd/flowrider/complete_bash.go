package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// bashScript asks flowrider with the line as it is typed. That of cobra's needs
// another package, and evaluates the line: what is in $( ) would run.
const bashScript = `# bash completion for flowrider
_flowrider() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) compopt -o "${line#:}" 2>/dev/null ;;
      *) COMPREPLY+=("$line") ;;
    esac
  done < <("${COMP_WORDS[0]}" ` + completeBash + ` "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -F _flowrider flowrider
`

// completeBash is the hidden command that the script calls.
const completeBash = "__complete_bash"

// writeBashCompletions writes what may stand in place of a line's last word, as
// readline wants it, and :OPTION for what else it should do.
func writeBashCompletions(w io.Writer, text string) {
	candidates, directive, last := complete(text)
	for _, option := range []struct {
		when bool
		name string
	}{
		{directive&cobra.ShellCompDirectiveNoSpace != 0, "nospace"},
		{directive == cobra.ShellCompDirectiveDefault, "default"},
		{directive&cobra.ShellCompDirectiveFilterDirs != 0, "dirnames"},
	} {
		if option.when {
			fmt.Fprintln(w, ":"+option.name)
		}
	}
	for _, candidate := range candidates {
		text, _, _ := strings.Cut(candidate, "\t")
		fmt.Fprintln(w, last.in(text))
	}
}

// in is a candidate for a word as readline puts it in: quoted as the word is,
// and without what stands before the last of the characters at which readline
// breaks words.
func (t typed) in(candidate string) string {
	switch t.quote {
	case '\'':
		return strings.ReplaceAll(candidate, "'", `'\''`)
	case '"':
		return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(candidate)
	}
	var quoted strings.Builder
	for _, r := range candidate {
		if strings.ContainsRune("\\\"'`$&|;()<>[]{}*?!#~ \t", r) {
			quoted.WriteByte('\\')
		}
		quoted.WriteRune(r)
	}
	whole := quoted.String()
	if cut := strings.LastIndexAny(t.raw, "=:") + 1; strings.HasPrefix(whole, t.raw[:cut]) {
		return whole[cut:]
	}
	return whole
}
