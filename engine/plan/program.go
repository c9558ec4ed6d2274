package plan

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// programs are the files of the project that a flow runs as programs, or gives to what
// runs such.
func programs(flow *Flow) (list []need) {
	isLocal := func(name string) bool { return filepath.IsLocal(filepath.FromSlash(name)) }
	if name := wordOf(flow, 0); strings.Contains(name, "/") && isLocal(name) {
		list = append(list, need{kind: neededProgram, text: name, subject: wordPlace(flow, 0)})
	}
	interpreter, name := wordOf(flow, 0), wordOf(flow, 1)
	isShell := slices.Contains([]string{"sh", "bash", "dash", "zsh"}, interpreter)
	switch {
	case !isShell && !interpreters.MatchString(interpreter), path.Ext(name) == "", strings.HasPrefix(name, "-"), !isLocal(name):
		return list // it is something else
	case flow.Resolved.Arguments["workdir"].Real != cty.NilVal:
		return list
	}
	elsewhere := isShell && !strings.Contains(name, "/") // a shell looks on the PATH too
	return append(list, need{kind: neededScript, text: name, subject: wordPlace(flow, 1), elsewhere: elsewhere})
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

// wordOf is an element of argv; "" where there is none, or it is not known, or argv is
// a line for the shell.
func wordOf(flow *Flow, i int) string {
	words := words(flow)
	if len(words) <= i || !words[i].IsKnown() || words[i].IsNull() || words[i].Type() != cty.String {
		return ""
	}
	return words[i].AsString()
}

// wordPlace is where it is written.
func wordPlace(flow *Flow, i int) hcl.Range {
	return elementPlaces(flow.Instance.Flow.Argument("argv"), len(words(flow)))(i)
}

func words(flow *Flow) []cty.Value {
	value, ok := flow.Resolved.Arguments["argv"]
	real := value.Unmarked()
	if !ok || !real.IsKnown() || flow.Resolved.Arguments["shell"].True() {
		return nil
	}
	return real.AsValueSlice()
}
