package saved

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/schema"
)

// Identity tells a project from others. One of its two digests has to fit: the
// same folder, where each flow is then compared with what was planned, or the
// same configuration in another folder, such as the checkout of another
// machine.
type Identity struct {
	Folder        string `json:"folder"`        // digest of the root folder's path
	Configuration string `json:"configuration"` // digest of the configuration's files
}

// IdentityOf is the identity of a loaded project.
func IdentityOf(config *schema.Config) Identity {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(config.Sources)) {
		content := string(config.Sources[name].Bytes)
		text.WriteString(strconv.Quote(name) + " " + strconv.Quote(content) + "\n")
	}
	return Identity{Folder: manifest.Digest(config.Root), Configuration: manifest.Digest(text.String())}
}

// Check says why the plan at a path cannot be carried out here, if it cannot.
func (p *Plan) Check(path string, here Identity, workspace string) error {
	planned := p.Approved.Plan.Workspace
	switch {
	case p.Version != schema.Version:
		return fmt.Errorf("%s was made by flowrider %s, and this is %s; %s", path, p.Version, schema.Version, Advice(path))
	case p.Project.Folder != here.Folder && p.Project.Configuration != here.Configuration:
		return fmt.Errorf("%s was made for another project: neither the folder nor the configuration is the one here; %s", path, Advice(path))
	case planned != workspace:
		return fmt.Errorf("%s was made in the workspace %s, and this is %s; give --workspace %s", path, planned, workspace, planned)
	}
	return nil
}
