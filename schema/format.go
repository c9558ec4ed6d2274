package schema

import (
	"bytes"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// IsFormatted says whether a file of the root folder, by its name, is one that
// fmt formats: the configuration's own in HCL's syntax, and files of values.
func IsFormatted(name string) bool {
	return name == FileName || strings.HasSuffix(name, ".flow.hcl") || strings.HasSuffix(name, ".vars.hcl")
}

// Format is the text of a file in the one form in which all configurations are
// written: spaces, alignment, and a line's end at the end. One that HCL cannot
// parse has no such form; the file is for showing why.
func Format(name string, source []byte) ([]byte, *hcl.File, hcl.Diagnostics) {
	if _, diags := newMeter().checkLimits(name, source); diags.HasErrors() {
		return nil, &hcl.File{Bytes: source}, diags
	}
	file, diags := hclsyntax.ParseConfig(source, name, hcl.InitialPos)
	if diags.HasErrors() {
		diags, _, _ = plainFile(file, name, diags)
		return nil, file, diags
	}
	text := strings.TrimRight(string(hclwrite.Format(source)), " \t\r\n")
	switch {
	case text == "":
	case bytes.Contains(source, []byte("\r\n")): // the lines of some editors
		text += "\r\n"
	default:
		text += "\n"
	}
	return []byte(text), file, nil
}
