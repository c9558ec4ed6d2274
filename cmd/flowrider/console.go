package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/spf13/cobra"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/term"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

func newConsoleCommand() *cobra.Command {
	flags := common{looking: true, git: true}
	var hooks bool
	command := &cobra.Command{
		Use:   "console [EXPRESSION]",
		Short: "evaluate expressions",
		Long: "Reads expressions, one a line, or more while brackets are open, and writes what they\nare worth with the loaded configuration: variables, local values, functions, and flows\nas plan knows them. " +
			"Runs nothing and writes nothing, and calls no hook but with --hooks.\nSensitive values are not shown. Ctrl-D ends it. With an EXPRESSION only that one. With\n--json each value is one object on a line.\n\n" + exitCodes,
		Example: "  flowrider console\n  flowrider console 'flow.clean.run_id'\n  echo 'setproduct([1, 2], [\"uk\", \"fr\"])' | flowrider console --json",
		RunE: func(command *cobra.Command, expressions []string) error {
			lines := newLineReader(os.Stdin)
			if len(expressions) > 0 {
				lines = &lineReader{pipe: bufio.NewReader(strings.NewReader(expressions[0]))}
			}
			return runConsole(contextOr(command.Context()), &flags, hooks, lines)
		},
	}
	flags.register(command.Flags())
	flags.registerCache(command.Flags())
	flags.registerRefresh(command.Flags())
	registerHooks(command.Flags(), &hooks)
	return command
}

func runConsole(ctx context.Context, flags *common, hooks bool, lines *lineReader) error {
	project, err := flags.load()
	if err != nil {
		return err
	}
	session, diags := project.Session(plan.Options{Offline: !hooks, NoHooks: !hooks, NoRefresh: !flags.refresh})
	if err := flags.report(project, diags); err != nil {
		return err
	}
	c := console{flags: flags, project: project, session: session, lines: lines}
	c.uncalled = !hooks && len(project.Config.Hooks) > 0
	if _, diags := session.Plan(ctx); diags.HasErrors() { // what it does not know is unknown
		c.failed = flags.report(project, diags) != nil
	}
	return c.run()
}

// console evaluates one expression after the other.
type console struct {
	flags   *common
	project *engine.Project
	session *plan.Session
	lines   *lineReader
	failed  bool

	uncalled bool // there are hooks that were not called, and it was not said
}

func (c *console) run() error {
	for {
		text, line, err := c.lines.expression()
		switch trimmed := strings.TrimSpace(text); {
		case trimmed == "exit" || trimmed == "quit":
			err = io.EOF
		case trimmed == "help":
			fmt.Fprintln(os.Stderr, consoleHelp)
		case trimmed != "":
			c.evaluate(text, line)
		}
		if errors.Is(err, io.EOF) && c.failed && !c.lines.typed() {
			return exit(exitError)
		} else if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

const consoleHelp = `Write an expression, such as var.NAME, flow.NAME.run_id or upper("a"); it may have
several lines while brackets are open. flowrider functions lists the functions;
exit or Ctrl-D ends.`

// consoleName is what messages call the place of an expression.
const consoleName = "console"

// evaluate shows what an expression is worth that begins on a line.
func (c *console) evaluate(text string, line int) {
	if onlyComments(text) {
		return
	}
	if !strings.Contains(text, "<<") { // a heredoc needs the end of its last line
		text = strings.TrimRight(text, "\r\n")
	}
	expr, source, diags := schema.ParseExpression(consoleName, text, line) // so that places are those of the input
	if !diags.HasErrors() {
		var value eval.Value
		if value, diags = c.session.Evaluate(expr); !diags.HasErrors() {
			c.show(value.Real)
			c.sayUncalled(value.Real)
		}
	}
	c.report(diags, source)
}

// sayUncalled says once why a value may be unknown that plan knows.
func (c *console) sayUncalled(value cty.Value) {
	if plain, _ := value.UnmarkDeep(); c.uncalled && !plain.IsWhollyKnown() {
		c.uncalled = false
		fmt.Fprintln(os.Stderr, "note: no hook was called; flowrider console --hooks calls them")
	}
}

// report tells mistakes, of the expression and of the local values behind it.
func (c *console) report(diags hcl.Diagnostics, source []byte) {
	if len(diags) == 0 {
		return
	}
	c.failed = c.failed || diags.HasErrors()
	sources := map[string]*hcl.File{consoleName: {Bytes: source}}
	for name, file := range c.project.Config.Sources {
		sources[name] = file
	}
	problems := hidden(diag.Problems(diags, sources))
	if c.flags.json {
		writeJSON(os.Stdout, validation{Valid: !diags.HasErrors(), Diagnostics: problems})
		return
	}
	for _, problem := range problems {
		folder := c.flags.chdir
		if problem.Range != nil && problem.Range.Filename == consoleName {
			folder = ""
		}
		diag.WriteText(os.Stderr, []diag.Problem{problem}, folder)
	}
}

// lineReader reads expressions from a terminal, with a prompt, or from a pipe.
type lineReader struct {
	terminal *term.Terminal // nil for a pipe
	pipe     *bufio.Reader
	file     *os.File
	line     int // that was read last
}

func newLineReader(file *os.File) *lineReader {
	r := &lineReader{file: file, pipe: bufio.NewReader(file)}
	if term.IsTerminal(int(file.Fd())) {
		r.terminal = term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{file, os.Stderr}, "> ") // what is shown of the line is no data
	}
	return r
}

func (r *lineReader) typed() bool { return r.terminal != nil }

// expression reads lines until no bracket is open, and gives the number of the
// first one. What stands before the end of the input comes with io.EOF.
func (r *lineReader) expression() (text string, first int, err error) {
	first = r.line + 1
	for {
		line, err := r.read(text != "")
		text += line
		if err != nil || !isOpen(text) {
			return text, first, err
		}
	}
}

func (r *lineReader) read(more bool) (string, error) {
	r.line++
	if r.terminal == nil {
		return r.pipe.ReadString('\n')
	}
	r.terminal.SetPrompt("> ")
	if more {
		r.terminal.SetPrompt("… ")
	}
	before, err := term.MakeRaw(int(r.file.Fd())) // only while a line is typed: what is shown needs none of it
	if err != nil {
		return "", fmt.Errorf("the terminal cannot be read: %w", err)
	}
	line, err := r.terminal.ReadLine()
	if restoreErr := term.Restore(int(r.file.Fd()), before); err == nil {
		err = restoreErr
	}
	if errors.Is(err, term.ErrPasteIndicator) {
		err = nil
	}
	if errors.Is(err, io.EOF) {
		fmt.Fprintln(os.Stderr)
		return "", err
	}
	return line + "\n", err
}

// onlyComments says whether nothing is in a text that could be worth something.
func onlyComments(text string) bool {
	tokens, _ := hclsyntax.LexExpression([]byte(text), consoleName, hcl.InitialPos)
	for _, token := range tokens {
		if token.Type != hclsyntax.TokenComment && token.Type != hclsyntax.TokenNewline && token.Type != hclsyntax.TokenEOF {
			return false
		}
	}
	return true
}

// isOpen says whether brackets, or a text of several lines, are not closed yet.
func isOpen(text string) bool {
	tokens, _ := hclsyntax.LexExpression([]byte(text), consoleName, hcl.InitialPos)
	depth := 0
	for _, token := range tokens {
		switch token.Type {
		case hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenOBrace, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
		case hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCBrace, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			depth--
		}
	}
	return depth > 0
}
