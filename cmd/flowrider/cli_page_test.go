package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/flowrider/flowrider/internal/testenv"
	"github.com/flowrider/flowrider/schema"
)

// shownCommands are the commands that help names, each before those below it.
func shownCommands() []*cobra.Command {
	var list []*cobra.Command
	var visit func(*cobra.Command)
	visit = func(command *cobra.Command) {
		if command.Hidden {
			return
		}
		list = append(list, command)
		for _, child := range command.Commands() {
			visit(child)
		}
	}
	visit(newRootCommand())
	return list
}

func TestEachCommandHasHelpAndExamples(t *testing.T) {
	for _, command := range shownCommands() {
		if command.Short == "" || command.Example == "" || !strings.Contains(command.Long, "xit code") {
			t.Errorf("%s has no short help, no examples, or no help with exit codes", command.CommandPath())
		}
		for line := range strings.Lines(command.Long + "\n" + command.Example) {
			if width := len([]rune(strings.TrimRight(line, "\n"))); width > 90 {
				t.Errorf("%s has a line of help of %d characters: %s", command.CommandPath(), width, line)
			}
		}
	}
}

// docs/cli.md is the help of all commands.
func TestCLIPage(t *testing.T) {
	var page strings.Builder
	page.WriteString("# Commands\n\nThis page is the help of all commands, which `flowrider COMMAND --help` shows: `go test ./cmd/flowrider -run Page -update` writes it. " +
		"The same stands in [man/](man) for `man`.\n\n" + proseOf(exitCodes) + "\n")
	for _, command := range shownCommands() {
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n```\n%s\n```\n", command.CommandPath(), proseOf(strings.TrimSuffix(command.Long, exitCodes)), command.UseLine())
		if flags := flagsOf(command); flags != "" {
			fmt.Fprintf(&page, "\n```\n%s```\n", flags)
		}
		fmt.Fprintf(&page, "\n```sh\n%s\n```\n", unindented(command.Example))
	}
	testenv.Page(t, filepath.Join(repository, "docs", "cli.md"), page.String(), *update, "go test ./cmd/flowrider -run Page -update")
}

// docs/man has a page for each command, for packages to install.
func TestManPages(t *testing.T) {
	folder := filepath.Join(repository, "docs", "man")
	var names []string
	for _, command := range shownCommands() {
		name := strings.ReplaceAll(command.CommandPath(), " ", "-") + ".1"
		names = append(names, name)
		testenv.Page(t, filepath.Join(folder, name), manPage(command), *update, "go test ./cmd/flowrider -run Page -update")
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !slices.Contains(names, entry.Name()) {
			t.Errorf("docs/man/%s is the page of no command", entry.Name())
		}
	}
}

// proseOf is help as it stands in Markdown: of its signs, those that mean
// something there are escaped.
func proseOf(help string) string {
	return strings.NewReplacer("*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`).Replace(strings.TrimSpace(help))
}

func unindented(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimPrefix(strings.TrimRight(line, "\n"), "  "))
	}
	return strings.Join(lines, "\n")
}

func flagsOf(command *cobra.Command) string {
	if command.RunE == nil {
		return ""
	}
	return command.LocalFlags().FlagUsages()
}

// manPage is a command's help in roff.
func manPage(command *cobra.Command) string {
	var page bytes.Buffer
	name := strings.ReplaceAll(command.CommandPath(), " ", "-")
	fmt.Fprintf(&page, ".TH %s 1 \"\" \"flowrider %s\" \"flowrider\"\n.SH NAME\n%s \\- %s\n", roff(strings.ToUpper(name)), schema.Version, roff(name), roff(command.Short))
	fmt.Fprintf(&page, ".SH SYNOPSIS\n.nf\n%s\n.fi\n.SH DESCRIPTION\n", roff(command.UseLine()))
	paragraphs := strings.Split(strings.TrimSpace(strings.TrimSuffix(command.Long, exitCodes)), "\n\n")
	fmt.Fprintf(&page, "%s\n", strings.Join(roffAll(paragraphs), "\n.PP\n"))
	if flagsOf(command) != "" {
		page.WriteString(".SH OPTIONS\n")
		command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			value, usage := pflag.UnquoteUsage(flag)
			term := "--" + flag.Name
			if flag.Shorthand != "" {
				term = "-" + flag.Shorthand + ", " + term
			}
			fmt.Fprintf(&page, ".TP\n%s\n%s\n", roff(strings.TrimSpace(term+" "+value)), roff(strings.ReplaceAll(usage, "\n", " ")))
		})
	}
	codes := strings.TrimPrefix(strings.ReplaceAll(exitCodes, "\n", " "), "Exit codes: ")
	fmt.Fprintf(&page, ".SH EXAMPLES\n.nf\n%s\n.fi\n.SH EXIT STATUS\n%s\n", roff(unindented(command.Example)), roff(codes))
	var others []string
	if command.HasParent() {
		others = append(others, command.Parent().CommandPath())
	}
	for _, child := range command.Commands() {
		if !child.Hidden {
			others = append(others, child.CommandPath())
		}
	}
	for i, other := range others {
		others[i] = ".BR " + roff(strings.ReplaceAll(other, " ", "-")) + " (1)"
	}
	if len(others) > 0 {
		fmt.Fprintf(&page, ".SH SEE ALSO\n%s\n", strings.Join(others, ",\n"))
	}
	return page.String()
}

func roffAll(texts []string) []string {
	for i, text := range texts {
		texts[i] = roff(text)
	}
	return texts
}

var control = regexp.MustCompile(`(?m)^([.'])`)

// roff writes text so that roff shows it as it is.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "·", `\(bu`).Replace(text)
	return control.ReplaceAllString(text, `\&$1`)
}
