package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// completeLine is the hidden command that the scripts for zsh and fish call. Those of
// cobra's evaluate what is typed, so that what is in $( ) would run, and find nothing
// behind an open quote.
const completeLine = "__complete_line"

// newLineCommand is a hidden command that completes a line as it is typed.
func newLineCommand(name string, write func(w io.Writer, line string)) *cobra.Command {
	return &cobra.Command{
		Use: name + " LINE", Hidden: true, DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, arguments []string) error {
			write(os.Stdout, arguments[0])
			return nil
		},
	}
}

// writeCompletions writes what may stand in place of a line's last word, each with a
// description behind a tab, for shells that quote it themselves; and :OPTION for what
// else they should do.
func writeCompletions(w io.Writer, text string) {
	candidates, directive, last := complete(text)
	switch {
	case directive == cobra.ShellCompDirectiveDefault:
		fmt.Fprintln(w, ":files")
	case directive&cobra.ShellCompDirectiveFilterDirs != 0:
		fmt.Fprintln(w, ":folders")
	case directive&cobra.ShellCompDirectiveNoSpace != 0:
		fmt.Fprintln(w, ":nospace")
	}
	flag := ""
	if end := strings.Index(last.text, "="); end > 0 && last.text[0] == '-' {
		flag = last.text[:end+1]
	}
	for _, candidate := range candidates {
		fmt.Fprintln(w, flag+candidate)
	}
}

// complete finds what may stand in place of a line's last word.
func complete(text string) (candidates []string, directive cobra.ShellCompDirective, last typed) {
	directive = cobra.ShellCompDirectiveNoFileComp
	words, last := splitLine(text)
	begin := slices.IndexFunc(words, func(word string) bool { return filepath.Base(word) == "flowrider" }) // behind sudo and the like
	if words = words[max(0, begin):]; len(words) < 1 {
		return nil, directive, last
	}
	root := newRootCommand()
	var out bytes.Buffer
	line := append(words[1:], last.text)
	arguments := normalize(root, line)
	finish := completeFor(root, line, arguments, &out)
	root.SetErr(io.Discard)
	root.SetArgs(append([]string{cobra.ShellCompRequestCmd}, arguments...))
	if root.Execute() != nil {
		return nil, directive, last
	}
	finish()
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	number, err := strconv.Atoi(strings.TrimPrefix(lines[len(lines)-1], ":"))
	if err != nil {
		return nil, directive, last
	}
	return lines[:len(lines)-1], cobra.ShellCompDirective(number), last
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
