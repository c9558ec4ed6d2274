package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

// formatting is one call of fmt.
type formatting struct {
	chdir       string
	check, diff bool

	out     io.Writer
	changed bool // a file is not formatted, or was not
	failed  bool // a file cannot be formatted
}

func newFmtCommand() *cobra.Command {
	f := formatting{out: os.Stdout}
	command := &cobra.Command{
		Use:   "fmt [FILE...]",
		Short: "format the configuration",
		Long: "Writes flowrider.hcl, *.flow.hcl and *.vars.hcl of the root folder, or each FILE, in\nthe one form that all configurations have, and lists those that it has changed.\n" +
			"A folder stands for such files in it, and - for standard input, which is formatted to\nstandard output. A file that cannot be parsed stays as it is, and the others are\nformatted. Files in JSON are left alone.\n\n" + exitCodes,
		Example: "  flowrider fmt\n  flowrider fmt --check --diff   # for CI: exit 2 if a file is not formatted\n  flowrider fmt - < flowrider.hcl",
		RunE:    func(_ *cobra.Command, files []string) error { return f.run(files) },
	}
	command.Flags().StringVar(&f.chdir, "chdir", ".", "the root `folder`, the one with flowrider.hcl")
	command.Flags().BoolVar(&f.check, "check", false, "write nothing; list the files that are not formatted, and exit 2 if there are any")
	command.Flags().BoolVar(&f.diff, "diff", false, "show what is changed")
	return command
}

func (f *formatting) run(files []string) error {
	if len(files) == 0 {
		files = []string{f.chdir}
	}
	for _, name := range files {
		names, err := named(name)
		f.say(err)
		for _, each := range names {
			f.say(f.format(each))
		}
	}
	switch {
	case f.failed:
		return exit(exitError)
	case f.check && f.changed:
		return exit(exitPending)
	}
	return nil
}

// say says what is wrong with one file: the others are formatted.
func (f *formatting) say(err error) {
	if err == nil {
		return
	}
	f.failed = true
	if !silent(err) {
		fmt.Fprintf(os.Stderr, "flowrider: %s\n", secrets.Text(err.Error()))
	}
}

// stdin stands for standard input.
const stdin = "-"

// named are the files that an argument names.
func named(name string) ([]string, error) {
	if name == stdin {
		return []string{stdin}, nil
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w", name, errors.Unwrap(err))
	case info.IsDir():
		return below(name)
	case strings.HasSuffix(name, ".json"):
		return nil, fmt.Errorf("%s is JSON, which fmt leaves alone", name)
	case !info.Mode().IsRegular() || !strings.HasSuffix(name, ".hcl"):
		return nil, fmt.Errorf("%s is no file in HCL: its name does not end in .hcl", name)
	}
	return []string{name}, nil
}

// below are the files of a folder that are formatted.
func below(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if schema.IsFormatted(entry.Name()) && !entry.IsDir() {
			names = append(names, filepath.Join(folder, entry.Name()))
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no %s in %s, and nothing else to format; go to the folder that has one, or name it with --chdir", schema.FileName, folder)
	}
	return names, nil
}

// format formats one file.
func (f *formatting) format(name string) error {
	source, shown, err := readSource(name)
	if err != nil {
		return err
	}
	text, file, diags := schema.Format(shown, source)
	if diags.HasErrors() {
		diag.WriteText(os.Stderr, hidden(diag.Problems(diags, map[string]*hcl.File{shown: file})), "")
		return exit(exitError)
	}
	same := bytes.Equal(source, text)
	f.changed = f.changed || !same
	switch {
	case name == stdin && !f.check && !f.diff:
		_, err := f.out.Write(text)
		return err
	case same:
		return nil
	}
	if name != stdin && !f.check {
		if err := replaceFile(name, source, text); err != nil {
			return err
		}
	}
	if name != stdin {
		fmt.Fprintln(f.out, name)
	}
	if f.diff {
		f.out.Write(diff.Diff("old/"+shown, source, "new/"+shown, text))
	}
	return nil
}

// readSource is a file's text, and how the file is called in messages.
func readSource(name string) (source []byte, shown string, err error) {
	if name == stdin {
		source, err = io.ReadAll(os.Stdin)
		return source, "<stdin>", err
	}
	source, err = os.ReadFile(name)
	return source, filepath.ToSlash(name), err
}

// replaceFile writes a file anew, with the mode that it has and where a link
// leads to, unless somebody else has written it meanwhile.
func replaceFile(name string, was, text []byte) error {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o200 == 0 {
		return fmt.Errorf("%s is not formatted, and read-only", name)
	}
	dir, err := durable.OpenDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	unchanged := func() error {
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, was) {
			return fmt.Errorf("%s has changed while it was formatted, and stays as it is", name)
		}
		return nil
	}
	return dir.WriteWith(filepath.Base(path), text, durable.Options{Mode: info.Mode().Perm(), Check: unchanged})
}
