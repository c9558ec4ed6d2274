package schema

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/flowrider/flowrider/internal/limit"
)

// ParseDuration reads a duration as people write it: as Go does, or a whole
// number of days, 7d.
func ParseDuration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, fmt.Errorf("%q is no number of days", text)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no duration", text)
	}
	return d, nil
}

// duration reads an argument that is a duration written out, with nothing to
// be evaluated. Zero is one that is not there.
func duration(argument *Attribute) (time.Duration, hcl.Diagnostics) {
	if argument == nil {
		return 0, nil
	}
	value, diags := limit.Value(argument.Expr, nil)
	if !diags.HasErrors() && value.IsNull() {
		return 0, nil
	}
	if !diags.HasErrors() && value.Type() == cty.String {
		if d, err := ParseDuration(value.AsString()); err == nil && d > 0 {
			return d, nil
		}
	}
	subject := argument.Expr.Range()
	if text, err := convert.Convert(value, cty.String); !diags.HasErrors() && err == nil && text.IsKnown() && !text.IsNull() {
		if seconds, _ := strconv.ParseFloat(text.AsString(), 64); seconds > 0 {
			return 0, hcl.Diagnostics{{
				Severity: hcl.DiagError, Summary: "Unsuitable value", Subject: &subject,
				Detail: fmt.Sprintf("%s is a duration, which has a unit. Write \"%ss\" for seconds.", argument.Name, text.AsString()),
			}}
		}
	}
	return 0, hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Unsuitable value",
		Detail:  fmt.Sprintf("%s is a duration that is written out, such as \"500ms\", \"30s\" or \"5m\".", argument.Name),
		Subject: &subject,
	}}
}
