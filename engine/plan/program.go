package plan

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
)

// programs are the files of the project that a flow runs as programs, or gives to what
// runs such.
func programs(flow *Flow) (list []need) {
	words := append(flow.Words(), "", "")
	interpreter, name := words[0], words[1]
	isLocal := func(name string) bool { return filepath.IsLocal(filepath.FromSlash(name)) }
	if strings.Contains(interpreter, "/") && isLocal(interpreter) {
		list = append(list, need{kind: neededProgram, text: interpreter, subject: flow.WordPlace(0)})
	}
	isShell := slices.Contains([]string{"sh", "bash", "dash", "zsh"}, interpreter)
	switch {
	case !isShell && !interpreters.MatchString(interpreter), path.Ext(name) == "", strings.HasPrefix(name, "-"), !isLocal(name):
		return list // it is something else
	case flow.Resolved.Arguments["workdir"].Real != cty.NilVal:
		return list
	}
	elsewhere := isShell && !strings.Contains(name, "/") // a shell looks on the PATH too
	return append(list, need{kind: neededScript, text: name, subject: flow.WordPlace(1), elsewhere: elsewhere})
}

// interpreters are programs whose first argument is the file that they run, if it is
// no option. Node is none: it looks for more than the name that it is given.
var interpreters = regexp.MustCompile(`^(python[0-9.]*|Rscript|julia|perl|ruby)$`)

// interpreterOf is what commonly runs a file.
func interpreterOf(file string) string {
	if path.Ext(file) == ".py" {
		return "python3"
	}
	return "sh"
}

// Words are the elements of a flow's argv, "" for each that is no known text; none where
// it has no argv, that is not known, or a line for the shell.
func (f *Flow) Words() []string {
	value, ok := f.Resolved.Arguments["argv"]
	real := value.Unmarked()
	if !ok || !real.IsKnown() || f.Resolved.Arguments["shell"].True() {
		return nil
	}
	words := make([]string, real.LengthInt())
	for i, element := range real.AsValueSlice() {
		words[i], _ = eval.Plain(element).Text()
	}
	return words
}

// WordPlace is where one of them is written.
func (f *Flow) WordPlace(i int) hcl.Range {
	return elementPlaces(f.Instance.Flow.Argument("argv"), len(f.Words()))(i)
}
