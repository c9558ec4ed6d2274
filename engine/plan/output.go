package plan

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// declareOutputs notes where flows write in the project, before anything is
// bundled, and finds two that would write to one place and those that would
// write where something else belongs.
func (s *Session) declareOutputs(instances []*eval.Instance) hcl.Diagnostics {
	var diags hcl.Diagnostics
	c := &claims{session: s, own: s.ownPlaces(), sources: s.sourcePlaces(instances), claimed: newPlaces()}
	for _, instance := range instances {
		if argument := instance.Flow.Argument("run_id_file"); argument != nil {
			diags = append(diags, c.runIDFile(instance, argument)...)
		}
		if instance.Flow.Kind == "command" {
			diags = append(diags, c.outputs(instance)...)
		}
	}
	return diags
}

// runIDFile claims the place of a flow's run_id_file.
func (c *claims) runIDFile(instance *eval.Instance, argument *schema.Attribute) hcl.Diagnostics {
	value, diags := c.session.beforehand(argument, cty.String, instance.Each)
	if diags.HasErrors() || value.Unmarked().IsNull() {
		return diags
	}
	text, _ := value.Text()
	name, _, diags := c.session.localPath(text, argument, instance)
	if diags.HasErrors() {
		return diags
	}
	root := c.session.Config.Root
	if info, err := os.Lstat(filepath.Join(root, filepath.FromSlash(name))); err == nil && info.IsDir() {
		return hcl.Diagnostics{problemAt(argument, "Place is taken", fmt.Sprintf("%q is a folder. Write the path of a file.", text))}
	}
	return c.claim(instance, argument, root, name, written{instance.Address, "the run_id_file of", instance.Address.String() + ".run_id"})
}

// outputs claims where an instance publishes what it writes.
func (c *claims) outputs(instance *eval.Instance) hcl.Diagnostics {
	var diags hcl.Diagnostics
	root, known := c.session.projectRoot(instance)
	for _, output := range instance.Flow.Outputs {
		published, argument, moreDiags := c.session.published(instance, output)
		diags = append(diags, moreDiags...)
		if published != "" && known && !instance.Flow.Partial { // else its project may be another
			reference := fmt.Sprintf("%s.output.%s.path", instance.Address, output.Name)
			diags = append(diags, c.claim(instance, argument, root, published, written{instance.Address, "an output of", reference})...)
		}
	}
	return diags
}

// published is where an output is placed below the project's root, and the
// argument that says so; "" for nowhere. All of the output's arguments are
// checked on the way.
func (s *Session) published(instance *eval.Instance, output *schema.FlowOutput) (string, *schema.Attribute, hcl.Diagnostics) {
	given := map[string]cty.Value{}
	var diags hcl.Diagnostics
	for _, argument := range output.Arguments {
		if argument.Name == "description" {
			continue
		}
		value, moreDiags := s.beforehand(argument, output.Type(argument.Name), instance.Each)
		diags = append(diags, moreDiags...)
		if moreDiags.HasErrors() {
			continue
		}
		if real := value.Unmarked(); !real.IsNull() {
			given[argument.Name] = real
		}
	}
	if diags.HasErrors() {
		return "", nil, diags
	}
	if diags := checkSource(output, given); diags.HasErrors() {
		return "", nil, diags
	}
	where, argument := "", output.Argument("file")
	if file, ok := given["file"]; ok {
		var diags hcl.Diagnostics
		if where, argument, diags = s.localPath(file.AsString(), argument, instance); diags.HasErrors() {
			return "", argument, diags
		}
	}
	publish, ok := given["publish"]
	if !ok {
		return where, argument, nil
	}
	argument = output.Argument("publish")
	switch {
	case publish.Type() == cty.Bool && publish.False():
		return "", argument, nil
	case publish.Type() != cty.String:
		return "", argument, hcl.Diagnostics{problemAt(argument, "Unsuitable value", "publish is a path below the project's root, or false for no place in the project.")}
	case where == "" && !(output.Partial && given["stdout"] == cty.NilVal): // else its file may be what is wrong
		return "", argument, hcl.Diagnostics{problemAt(argument, "Unsuitable output", fmt.Sprintf("Output %q is what the command prints; only an output with the argument file is published.", output.Name))}
	}
	return s.localPath(publish.AsString(), argument, instance)
}

// checkSource expects that an output comes from just one place.
func checkSource(output *schema.FlowOutput, given map[string]cty.Value) hcl.Diagnostics {
	_, isFile := given["file"]
	stdout, isStdout := given["stdout"]
	detail := fmt.Sprintf("Output %q needs either the argument file, the file or folder that the command writes, or stdout = \"json\" or \"text\".", output.Name)
	switch {
	case isFile && isStdout:
		return hcl.Diagnostics{problemAt(output.Argument("stdout"), "Unsuitable output", detail)}
	case isStdout && stdout.AsString() != "json" && stdout.AsString() != "text":
		return hcl.Diagnostics{problemAt(output.Argument("stdout"), "Unsuitable value", "stdout is \"json\" or \"text\".")}
	case isFile || isStdout || output.Partial:
		return nil
	}
	for _, name := range []string{"file", "stdout"} {
		if argument := output.Argument(name); argument != nil { // it is null
			return hcl.Diagnostics{problemAt(argument, "Unsuitable output", detail)}
		}
	}
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unsuitable output", Subject: &output.DeclRange, Detail: detail}}
}

// beforehand evaluates an argument that must be known before anything runs.
func (s *Session) beforehand(argument *schema.Attribute, want cty.Type, each *eval.Each) (eval.Value, hcl.Diagnostics) {
	unknown := func(source string) hcl.Diagnostics {
		return hcl.Diagnostics{problemAt(argument, "Unknown output",
			fmt.Sprintf("Where and what a flow writes must be known before anything runs, and %s is not. Use a variable or a local value.", source))}
	}
	if source := s.eval.Later(argument.Expr); source != "" {
		return eval.UnknownValue, unknown(source)
	}
	value, diags := s.eval.Evaluate(argument.Expr, want, each)
	if !diags.HasErrors() && !value.Unmarked().IsWhollyKnown() {
		return eval.UnknownValue, unknown("this")
	}
	return value, diags
}

// projectRoot is the root of an instance's project, absolute. known is false
// where the argument is no project, which is said when the flow is placed.
func (s *Session) projectRoot(instance *eval.Instance) (root string, known bool) {
	argument := instance.Flow.Argument("project")
	value := eval.Value{}
	if argument != nil {
		var diags hcl.Diagnostics
		if value, diags = s.beforehand(argument, cty.DynamicPseudoType, instance.Each); diags.HasErrors() {
			return "", false
		}
	}
	p, diags := s.projectOf(value, argument != nil, argument)
	if diags.HasErrors() || p == nil || p.unplaced {
		return "", false
	}
	return p.root, true
}

// localPath is a path below the root of an instance's project, which an argument gives.
func (s *Session) localPath(text string, argument *schema.Attribute, instance *eval.Instance) (string, *schema.Attribute, hcl.Diagnostics) {
	clean := path.Clean(text)
	if text == "" || !filepath.IsLocal(filepath.FromSlash(clean)) || clean == "." {
		return "", argument, hcl.Diagnostics{s.outside(text, "the project's root", argument, instance)}
	}
	return clean, argument, nil
}

// outside is the mistake of a path that is not relative to a place below which it has
// to be. It may lead there all the same, as one that begins with path.root does.
func (s *Session) outside(text, place string, argument *schema.Attribute, instance *eval.Instance) *hcl.Diagnostic {
	root, _ := s.projectRoot(instance)
	for _, root := range []string{root, s.Config.Root} {
		better, err := filepath.Rel(root, text)
		if root != "" && filepath.IsAbs(text) && err == nil && better != "." && filepath.IsLocal(better) {
			better = strconv.Quote(filepath.ToSlash(better))
			problem := problemAt(argument, "Path from the root of the machine", fmt.Sprintf("A path here is relative to %s. Write %s.", place, better))
			problem.Extra = diag.Suggestion(better)
			return problem
		}
	}
	if text == "" {
		return problemAt(argument, "Unsuitable value", fmt.Sprintf("%s is empty. Write a path relative to %s.", argument.Name, place))
	}
	advice := "without \"..\""
	if filepath.IsAbs(text) {
		advice = fmt.Sprintf("relative to that, such as %q", filepath.Base(text))
	}
	return problemAt(argument, "Path outside the project", fmt.Sprintf("%q is not below %s. Write a path %s.", text, place, advice))
}
