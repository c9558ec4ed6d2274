package eval

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Function is one function of the language. docs/functions.md is written from
// these, and a test evaluates each example.
type Function struct {
	Name      string `json:"name"`
	Signature string `json:"signature"` // "env(name, [default])"; what is in brackets may be left out, what has dots repeats
	Help      string `json:"help"`
	Example   string `json:"example"`
	Result    string `json:"result"` // what the example gives, as it would be written

	pure function.Function               // of one that depends on its arguments alone
	make func(library) function.Function // of any other
}

// FunctionGroup is what functions have in common.
type FunctionGroup struct {
	Title     string
	Functions []Function
}

var groups []FunctionGroup

func init() { // templates call functions, which a declaration could not say
	groups = []FunctionGroup{
		{"Numbers", numberFunctions}, {"Texts", textFunctions}, {"Lists, sets, maps and objects", collectionFunctions},
		{"Encoding", encodeFunctions}, {"Hashes", hashFunctions}, {"Time", timeFunctions}, {"Files", fileFunctions},
		{"Types and mistakes", typeFunctions}, {"What counts, and what is shown", markFunctions},
	}
}

// FunctionGroups are all functions, each group sorted by name.
func FunctionGroups() []FunctionGroup { return groups }

// Functions are all functions, sorted by name.
func Functions() []Function { return slices.Clone(tables().sorted) }

// FunctionNames lists the functions of the language, sorted.
func FunctionNames() []string {
	var names []string
	for _, f := range tables().sorted {
		names = append(names, f.Name)
	}
	return names
}

// functionNamed is the function of a name, or nil.
func functionNamed(name string) *Function { return tables().named[name] }

type functionTables struct {
	sorted []Function
	named  map[string]*Function
	pure   map[string]function.Function
}

var tables = sync.OnceValue(func() functionTables {
	t := functionTables{named: map[string]*Function{}, pure: map[string]function.Function{}}
	for _, group := range groups {
		t.sorted = append(t.sorted, group.Functions...)
	}
	slices.SortFunc(t.sorted, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	for i := range t.sorted {
		f := &t.sorted[i]
		if t.named[f.Name] = f; f.make == nil {
			t.pure[f.Name] = f.pure
		}
	}
	return t
})

// parameters are the names of what a function takes, as its signature has
// them, and how many it takes: most is -1 where there is no end.
func (f Function) parameters() (names []string, least, most int) {
	_, list, _ := strings.Cut(strings.TrimSuffix(f.Signature, ")"), "(")
	for name := range strings.SplitSeq(list, ", ") {
		plain := strings.Trim(name, "[]")
		switch names = append(names, strings.TrimSuffix(plain, "...")); {
		case strings.HasSuffix(plain, "..."):
			return names, least, -1
		case plain == name:
			least++
		}
		most++
	}
	return names, least, most
}

// library makes the functions for one of the two evaluations.
type library struct {
	root   string            // the folder that file functions read below
	hashed bool              // for stand-ins, not for real values
	read   func(name string) // is told each file that is read; may be nil
	within *rendering        // the template that calls them; nil outside of templates
}

// functions are all functions of the library, by name.
func (l library) functions() map[string]function.Function {
	all := maps.Clone(tables().pure)
	for name, f := range tables().named {
		if f.make != nil {
			all[name] = f.make(l)
		}
	}
	return all
}

func functions(root string, hashed bool) map[string]function.Function {
	return library{root: root, hashed: hashed}.functions()
}

// notNull is what is known of a result before its arguments are.
func notNull(b *cty.RefinementBuilder) *cty.RefinementBuilder { return b.NotNull() }
