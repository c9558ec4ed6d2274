package engine

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/saved"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// Values are where the values of variables come from, beside their defaults and
// the file of values beside flowrider.hcl: what is further down wins.
type Values struct {
	Environ []string          // NAME=VALUE: those that begin with FLOWRIDER_VAR_ give values
	Files   []string          // files of values, by their paths; the last one wins
	Texts   map[string]string // by name, as typed after --var
	Fixed   *Fixed            // a saved plan has its own values
}

// Fixed are the values that a saved plan has. They hold whatever else is given,
// but for those of sensitive variables, which it leaves out.
type Fixed struct {
	Path string
	Plan *saved.Plan
}

// environPrefix is what the names of environment variables begin with that
// give values to variables.
const environPrefix = "FLOWRIDER_VAR_"

// places are the files that were named, by the paths that folders have them under.
func (v Values) places() (list []string) {
	for _, file := range v.Files {
		absolute, err := filepath.Abs(file)
		if err == nil {
			absolute, err = filepath.EvalSymlinks(absolute)
		}
		if err == nil {
			list = append(list, absolute)
		}
	}
	return list
}

// inputs lists the values that are given, the last one for a name to be taken.
func (v Values) inputs(config *schema.Config) ([]eval.Input, hcl.Diagnostics) {
	var list []eval.Input
	for _, entry := range slices.Sorted(slices.Values(v.Environ)) {
		name, text, ok := strings.Cut(strings.TrimPrefix(entry, environPrefix), "=")
		if ok && strings.HasPrefix(entry, environPrefix) && config.Variable(name) != nil { // what is not known may be another project's
			list = append(list, eval.Input{Name: name, From: environPrefix + name, Text: text})
		}
	}
	attributes, diags := config.OwnValues()
	for _, path := range v.Files {
		more, moreDiags := config.Values(path)
		attributes, diags = append(attributes, more...), append(diags, moreDiags...)
	}
	for _, attribute := range attributes {
		list = append(list, eval.Input{Name: attribute.Name, From: attribute.Range().Filename, Line: attribute, Lax: true})
	}
	list = append(list, eval.Typed(v.Texts)...)
	if v.Fixed != nil && !diags.HasErrors() {
		return v.Fixed.inputs(list)
	}
	return list, diags
}

// nearMisses adds to the mistakes of variables without values what was meant to
// give one, and is not read.
func (v Values) nearMisses(config *schema.Config, diags hcl.Diagnostics) {
	var files map[string][]string
	names := map[hcl.Range]string{}
	for _, variable := range config.Variables {
		names[variable.DeclRange] = variable.Address.Name
	}
	for at, problem := range diags[:min(len(diags), diag.Most)] { // more are not shown
		if !eval.IsMissingVariable(problem) {
			continue
		}
		if files == nil {
			files = valuesAside(config)
		}
		name := names[*problem.Subject]
		if other := v.otherEnviron(config, name); other != "" {
			diags[at].Detail += fmt.Sprintf(" %s is set in the environment and not read: its name has to be %s%s.", other, environPrefix, name)
		}
		if aside := files[name]; len(aside) > 0 {
			diags[at].Detail += fmt.Sprintf(" There is a value in %s, but only %s is read without --var-file.", strings.Join(aside, " and "), schema.ValuesName)
		}
	}
}

// otherEnviron is a name of an environment variable that looks like the one for a
// variable; "" if there is none.
func (v Values) otherEnviron(config *schema.Config, name string) string {
	for _, entry := range slices.Sorted(slices.Values(v.Environ)) {
		set, _, _ := strings.Cut(entry, "=")
		for _, prefix := range []string{environPrefix, "TF_VAR_"} {
			other, _ := strings.CutPrefix(set, prefix)
			if strings.EqualFold(set, prefix+name) && (prefix != environPrefix || config.Variable(other) == nil) {
				return set
			}
		}
	}
	return ""
}

// valuesAside are the files of the root folder that give values if they are named,
// by the names of the variables.
func valuesAside(config *schema.Config) map[string][]string {
	aside := map[string][]string{}
	entries, _ := os.ReadDir(config.Root) // sorted
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".json")
		if entry.Name() == schema.ValuesName || !entry.Type().IsRegular() || !strings.HasSuffix(name, ".tfvars") && !strings.HasSuffix(name, ".vars.hcl") {
			continue
		}
		attributes, _ := config.Values(filepath.Join(config.Root, entry.Name()))
		for _, attribute := range attributes {
			aside[attribute.Name] = append(aside[attribute.Name], entry.Name())
		}
	}
	return aside
}

// terraformReads are the names of files that Terraform reads without being told to.
var terraformReads = regexp.MustCompile(`^(terraform|flowrider|.*\.auto)\.tfvars(\.json)?$`)

// unreadValues says of each file from which Terraform would take a variable's value
// that it is not read here.
func (p *Project) unreadValues() (notes []string) {
	aside := valuesAside(p.Config)
	for _, name := range slices.Sorted(maps.Keys(aside)) {
		for _, file := range aside[name] {
			if terraformReads.MatchString(file) && p.Config.Variable(name) != nil && !slices.Contains(p.values, filepath.Join(p.Config.Root, file)) {
				notes = append(notes, fmt.Sprintf("%s has a value for var.%s and is not read: only %s is, and what --var-file names", file, name, schema.ValuesName))
			}
		}
	}
	return notes
}

// inputs are those of a saved plan, and of what else is given those that it
// leaves out.
func (f *Fixed) inputs(given []eval.Input) ([]eval.Input, hcl.Diagnostics) {
	var list []eval.Input
	for _, name := range slices.Sorted(maps.Keys(f.Plan.Variables)) {
		list = append(list, eval.Input{Name: name, From: f.Path, Text: f.Plan.Variables[name]})
	}
	var diags hcl.Diagnostics
	for _, name := range f.Plan.Withheld {
		has := false
		for _, input := range given {
			if input.Name == name {
				list, has = append(list, input), true
			}
		}
		if !has {
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "Missing value",
				Detail: fmt.Sprintf("var.%s is sensitive, so %s does not have the value that was given for it; give it again: --var %s=VALUE, or %s%s in the environment.", name, f.Path, name, environPrefix, name),
			})
		}
	}
	return list, diags
}

// texts are the values of variables that were given, as they could be typed.
func texts(config *schema.Config, inputs []eval.Input, values map[string]cty.Value) map[string]string {
	given := map[string]string{}
	for _, input := range inputs {
		if variable := config.Variable(input.Name); variable != nil && values[input.Name].IsWhollyKnown() {
			given[input.Name] = eval.VariableText(variable, values[input.Name])
		}
	}
	return given
}

// unshown sees to it that no message shows the line of what is wrong in the value of a
// sensitive variable: nothing could be taken for a value there, to be hidden.
func unshown(config *schema.Config, inputs []eval.Input, diags hcl.Diagnostics) {
	var places []hcl.Range
	for _, variable := range config.Variables {
		if fallback := variable.Argument("default"); fallback != nil && variable.Sensitive {
			places = append(places, fallback.Range())
		}
	}
	for _, input := range inputs {
		if variable := config.Variable(input.Name); variable != nil && variable.Sensitive && input.Line != nil {
			places = append(places, input.Line.Range())
		}
	}
	for _, problem := range diags {
		if problem.Subject != nil && slices.ContainsFunc(places, problem.Subject.Overlaps) {
			problem.Extra = diag.Unshown{}
		}
	}
}
