package schema

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Project is a source tree that flows run in.
type Project struct {
	Block
	Unplaced bool // which files are in it is not known: what says so was left out; see Sound
}

var projectTable = &table{what: "project", arguments: []Argument{
	{Name: "root", Type: cty.String, Default: "the root folder", Help: "the folder of the source tree"},
	{Name: "package", Type: cty.String, Default: "none", Help: "the importable package inside it, if there is one"},
	{Name: "include", Type: cty.List(cty.String), Default: "all that is not ignored", Help: "globs: bundle exactly these files, whatever ignore files say"},
	{Name: "exclude", Type: cty.List(cty.String), Default: "none", Help: "globs: leave these files out of bundles"},
}}

func (c *Config) decodeProject(block *hcl.Block) hcl.Diagnostics {
	common, _, diags := decodeCommon(block, "", projectTable)
	c.Projects = append(c.Projects, &Project{Block: common})
	return diags
}
