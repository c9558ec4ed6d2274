package schema

import (
	"fmt"

	goversion "github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"
)

// Version is this flowrider's version.
const Version = "0.1.0"

// checkRequiredVersion holds this program to required_version: comma-separated
// comparisons such as ">= 0.1, < 2".
func checkRequiredVersion(argument *Attribute, text string) hcl.Diagnostics {
	if argument == nil || text == "" {
		return nil
	}
	subject := argument.Expr.Range()
	constraints, err := goversion.NewConstraint(text)
	if err != nil {
		return hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Invalid version constraint",
			Detail:  fmt.Sprintf("%q is not a version constraint; write it as in \">= 0.1\" or \">= 0.1, < 2\".", text),
			Subject: &subject,
		}}
	}
	if !constraints.Check(goversion.Must(goversion.NewVersion(Version))) {
		return hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Unsupported flowrider version",
			Detail:  fmt.Sprintf("This configuration asks for flowrider %s, and this is %s. Install a version that fits.", text, Version),
			Subject: &subject,
		}}
	}
	return nil
}
