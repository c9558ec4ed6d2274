package eval

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/schema"
)

// Texts are the known leaves of a value as they are printed: its texts and
// numbers. A truth or a null tells nothing.
func Texts(v cty.Value) []string {
	v, _ = v.UnmarkDeep()
	var texts []string
	_ = cty.Walk(v, func(_ cty.Path, leaf cty.Value) (bool, error) { // the function gives no error
		if leaf.IsKnown() && !leaf.IsNull() && (leaf.Type() == cty.String || leaf.Type() == cty.Number) {
			text, err := convert.Convert(leaf, cty.String)
			if err == nil {
				texts = append(texts, text.AsString())
			}
		}
		return true, nil
	})
	return texts
}

// sensitiveTexts are those of the leaves that are sensitive. marks are all in it.
func sensitiveTexts(v cty.Value, marks cty.ValueMarks) []string {
	if !marked(marks, Sensitive) {
		return nil
	}
	var texts []string
	_ = cty.Walk(v, func(_ cty.Path, part cty.Value) (bool, error) { // the function gives no error
		_, marks := part.Unmark()
		if marked(marks, Sensitive) {
			texts = append(texts, Texts(part)...)
			return false, nil
		}
		return true, nil
	})
	return texts
}

// hide makes known what is sensitive in a value. What is too short to be
// hidden is told where the value comes from, or is delivered.
func (e *Evaluator) hide(v cty.Value) {
	e.hideTexts(sensitiveTexts(v, marksIn(v)))
}

func (e *Evaluator) hideTexts(texts []string) {
	for _, text := range texts {
		_ = e.secrets.Add(text)
	}
}

// maxSecret is how many bytes a sensitive value has at most: it is looked for in
// many forms.
const maxSecret = 64 << 10

// CheckHideable is the error of a sensitive value that could not be hidden
// where it is printed.
func CheckHideable(texts []string) error {
	for _, text := range texts {
		if err := redact.Check(text); err != nil {
			return err
		}
		if len(text) > maxSecret {
			return fmt.Errorf("it has more than %d KiB, and so long a value cannot be looked for in all that is printed", maxSecret>>10)
		}
	}
	return nil
}

// Secret is how a flow gets one of its secrets.
type Secret struct {
	Name  string // of the variable
	Value string
	File  bool // the variable has the path of a private file with the value
}

// secretsArgument evaluates the argument secrets. All that it is worth is
// sensitive, and none of it is hashed, so that only its real form is made.
func (e *Evaluator) secretsArgument(attribute *schema.Attribute, each *Each) (Value, hcl.Diagnostics) {
	scope, diags := e.scope(attribute.Expr, each)
	if diags.HasErrors() {
		return UnknownValue, diags
	}
	value, moreDiags := e.evaluate(attribute.Expr, cty.DynamicPseudoType, scope.real(e))
	diags = append(diags, moreDiags...)
	if diags.HasErrors() || value.IsNull() {
		return Plain(cty.NullVal(cty.DynamicPseudoType)), diags
	}
	value = value.Mark(Sensitive)
	e.hide(value)
	all := Value{Real: value, Hashed: cty.EmptyObjectVal}
	if _, err := all.Secrets(); err != nil {
		name := ""
		if wrong, ok := errors.AsType[secretError](err); ok {
			name = wrong.name
		}
		return UnknownValue, append(diags, unsuitableSecret(attribute, name, err.Error()))
	}
	return all, diags
}

// secretError is what is wrong with one of the secrets.
type secretError struct{ name, text string }

func (e secretError) Error() string { return e.text }

// unsuitableSecret is told at the member of that name, if it is written there.
func unsuitableSecret(attribute *schema.Attribute, name, detail string) *hcl.Diagnostic {
	subject := attribute.Expr.Range()
	if pair, ok := schema.MemberOf(attribute.Expr, name); ok {
		subject = pair.Value.Range()
	}
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unsuitable secret", Detail: detail, Subject: &subject}
}

// Secrets takes the argument secrets apart, by name; none while it is not
// known. What is null is not there.
func (v Value) Secrets() ([]Secret, error) {
	if v.Absent() || !v.Unmarked().IsKnown() || v.Unmarked().IsNull() {
		return nil, nil
	}
	real := v.Unmarked()
	if t := real.Type(); !t.IsObjectType() && !t.IsMapType() {
		return nil, fmt.Errorf("secrets takes an object, as in { TOKEN = var.token }.")
	}
	var list []Secret
	members := real.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(members)) {
		member := members[name]
		if name == "" || strings.ContainsAny(name, "=/\x00") {
			return nil, secretError{name, fmt.Sprintf("%q cannot be the name of an environment variable.", name)}
		}
		file := false
		if t := member.Type(); member.IsKnown() && !member.IsNull() && (t.IsObjectType() || t.IsMapType()) {
			inner := member.AsValueMap()
			if member, file = inner["file"]; !file || len(inner) != 1 {
				return nil, secretError{name, name + " has to be a text, or { file = TEXT } for a private file."}
			}
		}
		text, err := convert.Convert(member, cty.String)
		if err != nil {
			return nil, secretError{name, name + " has to be a text, or { file = TEXT } for a private file."}
		}
		if !text.IsKnown() || text.IsNull() {
			continue
		}
		if err := redact.Check(text.AsString()); err != nil {
			return nil, secretError{name, fmt.Sprintf("%s is unsuitable: %v.", name, err)}
		}
		list = append(list, Secret{Name: name, Value: text.AsString(), File: file})
	}
	return list, nil
}

// checkDelivered holds what is delivered to a flow by its environment: one
// value for each variable, and none that is sensitive and could not be hidden.
func checkDelivered(flow *Flow) hcl.Diagnostics {
	var diags hcl.Diagnostics
	if env, ok := flow.Arguments["env"]; ok {
		if env.Has(Sensitive) {
			if err := CheckHideable(sensitiveTexts(env.Real, marksIn(env.Real))); err != nil {
				diags = append(diags, unsuitableSecret(flow.Flow.Argument("env"), notHideable(env.Real), fmt.Sprintf("A sensitive value in env is unsuitable: %v.", err)))
			}
		}
		secrets, _ := flow.Arguments["secrets"].Secrets() // told where it was evaluated
		for _, secret := range secrets {
			if real := env.Unmarked(); real.IsKnown() && !real.IsNull() && real.Type().IsMapType() && real.HasIndex(cty.StringVal(secret.Name)).True() {
				diags = append(diags, unsuitableSecret(flow.Flow.Argument("secrets"), secret.Name, fmt.Sprintf("%s is in env too; write it in one of them.", secret.Name)))
			}
		}
	}
	return diags
}

// notHideable is the first member of an object that could not be hidden; "" where that
// is not to be seen.
func notHideable(object cty.Value) string {
	object, _ = object.Unmark()
	if t := object.Type(); !object.IsKnown() || object.IsNull() || !t.IsMapType() && !t.IsObjectType() {
		return ""
	}
	members := object.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if CheckHideable(sensitiveTexts(members[name], marksIn(members[name]))) != nil {
			return name
		}
	}
	return ""
}

// checkVariable finds a sensitive variable whose value could not be hidden. That is
// told where it is written: nil stands for the default.
func checkVariable(variable *schema.Variable, value cty.Value, input *Input) hcl.Diagnostics {
	if !variable.Sensitive {
		return nil
	}
	if err := CheckHideable(Texts(value)); err != nil {
		place := variable.DeclRange
		switch {
		case input == nil:
			place = variable.Argument("default").Expr.Range()
		case input.Line != nil:
			place = input.Line.Expr.Range()
		}
		return hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Unsuitable secret",
			Detail:  fmt.Sprintf("The value of var.%s is unsuitable: %v.", variable.Address.Name, err),
			Subject: &place,
		}}
	}
	return nil
}
