package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
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

func newCompleteBashCommand() *cobra.Command {
	return &cobra.Command{
		Use: completeBash + " LINE", Hidden: true, DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, arguments []string) error {
			writeBashCompletions(os.Stdout, arguments[0])
			return nil
		},
	}
}

// writeBashCompletions writes what may stand in place of a line's last word, as
// readline wants it, and :OPTION for what else it should do.
func writeBashCompletions(w io.Writer, text string) {
	words, last := splitLine(text)
	if len(words) < 1 {
		return
	}
	root := newRootCommand()
	var out bytes.Buffer
	line := append(words[1:], last.text)
	arguments := normalize(root, line)
	finish := completeFor(root, line, arguments, &out)
	root.SetErr(io.Discard)
	root.SetArgs(append([]string{cobra.ShellCompRequestCmd}, arguments...))
	if root.Execute() != nil {
		return
	}
	finish()
	candidates := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	number, err := strconv.Atoi(strings.TrimPrefix(candidates[len(candidates)-1], ":"))
	if err != nil {
		return
	}
	directive := cobra.ShellCompDirective(number)
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
	for _, candidate := range candidates[:len(candidates)-1] {
		text, _, _ := strings.Cut(candidate, "\t")
		fmt.Fprintln(w, last.in(text))
	}
}

// typed is a word that is being typed: raw as it stands there, behind its quote
// if one is open.
type typed struct {
	raw, text string
	quote     rune // ' or ", 0 without
}

// splitLine splits a line into words as a shell does, and expands nothing. The
// last word is the one that is being typed.
func splitLine(line string) (words []string, last typed) {
	var word strings.Builder
	start, inWord, escaped := 0, false, false
	for i, r := range line {
		switch {
		case escaped:
			escaped = false
			word.WriteRune(r)
		case r == '\\' && last.quote != '\'':
			escaped, inWord = true, true
		case last.quote != 0 && r == last.quote:
			last.quote = 0
		case last.quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			last.quote, inWord, start = r, true, i+1
		case r == ' ' || r == '\t':
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord, start = false, i+1
		default:
			inWord = true
			word.WriteRune(r)
		}
	}
	last.raw, last.text = line[start:], word.String()
	return words, last
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
