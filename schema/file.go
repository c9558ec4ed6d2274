package schema

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/fault"
	"github.com/flowrider/flowrider/internal/limit"
)

// configFile is one file of the configuration, on its way to blocks.
type configFile struct {
	name   string
	source []byte
	seams  seams           // where it can be parted
	limits hcl.Diagnostics // that it is beyond: then it is not parsed
	part   *Config         // what its blocks are
	diags  hcl.Diagnostics
}

// readFiles reads all files, through a root that cannot be left, so that a link
// out of the folder is refused rather than followed. Nothing is parsed before
// all are within the limits.
func readFiles(root string, names []string) ([]*configFile, hcl.Diagnostics) {
	var files []*configFile
	folder, err := os.OpenRoot(root)
	if err != nil {
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unreadable folder", Detail: err.Error() + "."}}
	}
	defer folder.Close()
	var diags hcl.Diagnostics
	total := 0
	for i, name := range names {
		if i == maxFiles {
			return nil, append(diags, refuse(name, 1, "Too many files", fmt.Sprintf("The configuration has %d files, and the most is %d.", len(names), maxFiles))...)
		}
		source, err := limit.ReadFile(folder, name, maxFileBytes)
		if err != nil {
			diags = append(diags, unreadable(name, err)...)
			continue
		}
		if total += len(source); total > maxConfigBytes {
			return nil, append(diags, refuse(name, 1, "Configuration too large", fmt.Sprintf("With %s the configuration has more than %d MiB.", name, maxConfigBytes>>20))...)
		}
		files = append(files, &configFile{name: name, source: source})
	}
	moreDiags, ok := scanFiles(files)
	if diags = append(diags, moreDiags...); !ok {
		return nil, diags
	}
	return files, diags
}

// scanFiles holds all files to the limits, each by itself, and all together. ok
// is false where they are too much together.
func scanFiles(files []*configFile) (diags hcl.Diagnostics, ok bool) {
	meters := make([]*meter, len(files))
	fault.InParallel(len(files), len(files), func(i int) {
		meters[i] = newMeter()
		files[i].scan(meters[i])
	})
	tokens, joining := 0, 0
	for i, m := range meters {
		tokens, joining, diags = tokens+m.tokens, joining+m.joining, append(diags, files[i].limits...)
	}
	if tokens <= maxTokens && joining <= maxJoining {
		return diags, true
	}
	return scanInTurn(files)
}

// scanInTurn tells where files become too much together.
func scanInTurn(files []*configFile) (diags hcl.Diagnostics, ok bool) {
	m := newMeter()
	for _, file := range files {
		file.scan(m)
		if diags = append(diags, file.limits...); m.tokens > maxTokens {
			return diags, false
		}
		if m.problem != nil {
			m = &meter{levels: []level{{}}, tokens: m.tokens}
		}
	}
	return diags, true
}

func (f *configFile) scan(m *meter) { f.seams, f.limits = m.checkLimits(f.name, f.source) }

func unreadable(name string, err error) hcl.Diagnostics {
	if large := (limit.TooLarge{}); errors.As(err, &large) {
		return refuse(name, 1, "File too large", fmt.Sprintf("%s has more than %d MiB, and a configuration file has at most that.", name, large.Most>>20))
	}
	return refuse(name, 1, "Unreadable file", fmt.Sprintf("%s cannot be read: %v.", name, err))
}

// decodeFiles makes blocks of all files, on as many processors as there are.
func (c *Config) decodeFiles(files []*configFile) (diags hcl.Diagnostics) {
	fault.InParallel(len(files), len(files), func(i int) { files[i].decode(maxResumed / len(files)) })
	c.Sources = map[string]*hcl.File{}
	for _, file := range files {
		diags = append(diags, file.diags...)
		c.Sources[file.name] = &hcl.File{Bytes: file.source} // what is left of the syntax tree is in the blocks
		c.add(file.part)
	}
	for _, block := range c.settings {
		diags = append(diags, c.decodeSettings(block)...)
	}
	return diags
}

func (f *configFile) decode(resumable int) {
	defer func() { f.diags = slices.Clip(f.diags[:min(len(f.diags), diag.Most+1)]) }() // more are not shown
	f.part = newPart()
	if f.limits.HasErrors() || f.decodeParts() {
		return
	}
	f.part.resumable = resumable
	parsed, diags := parse(f.name, f.source)
	broken := diags.HasErrors()
	if f.diags = diags; broken {
		f.diags = f.part.salvage(parsed, f.name, diags)
	}
	if parsed == nil || parsed.Body == nil {
		return
	}
	f.decodeBody(f.part, parsed.Body, f.diags)
	f.diags = f.inJSON(f.diags, parsed.Bytes)
	if !broken { // else what is read of it may be less than what stands there
		f.part.dropTrees(f.source)
	}
}

func newPart() *Config { return &Config{loose: map[string]bool{}} }

// decodeBody makes blocks of the file, or of a part of it. syntax is what is wrong
// with the syntax in there.
func (f *configFile) decodeBody(part *Config, body hcl.Body, syntax hcl.Diagnostics) {
	_, blocks, diags := fileTable.decode(body)
	part.loosen(diags)
	diags = append(diags, duplicateKeys(body)...)
	f.diags = append(f.diags, onOtherLines(syntax, diags)...)
	for _, block := range blocks {
		if len(f.diags) > diag.Most {
			break
		}
		if block.Type == "flowrider" { // at most one in all files
			part.settings = append(part.settings, block)
			continue
		}
		diags := part.decodeBlock(block)
		part.loosenOuter(diags)
		f.diags = append(f.diags, besides(syntax, diags)...)
	}
}

// onOtherLines leaves out what is wrong with names on lines whose syntax is wrong: they
// are none, then.
func onOtherLines(syntax, diags hcl.Diagnostics) hcl.Diagnostics {
	told := map[int]bool{}
	for _, problem := range syntax {
		told[problem.Subject.Start.Line] = true
	}
	return slices.DeleteFunc(diags, func(problem *hcl.Diagnostic) bool { return told[problem.Subject.Start.Line] })
}

func parse(name string, source []byte) (*hcl.File, hcl.Diagnostics) {
	if strings.HasSuffix(name, ".json") {
		return json.Parse(source, name)
	}
	return hclsyntax.ParseConfig(source, name, hcl.InitialPos)
}

// add takes the blocks of a part over.
func (c *Config) add(part *Config) {
	c.settings = append(c.settings, part.settings...)
	c.Variables = append(c.Variables, part.Variables...)
	c.Locals = append(c.Locals, part.Locals...)
	c.Projects = append(c.Projects, part.Projects...)
	c.Environments = append(c.Environments, part.Environments...)
	c.Hooks = append(c.Hooks, part.Hooks...)
	c.Profiles = append(c.Profiles, part.Profiles...)
	c.Flows = append(c.Flows, part.Flows...)
	c.Pools = append(c.Pools, part.Pools...)
	c.Outputs = append(c.Outputs, part.Outputs...)
	c.Moved = append(c.Moved, part.Moved...)
	c.Imports = append(c.Imports, part.Imports...)
	c.maimed = append(c.maimed, part.maimed...)
	maps.Copy(c.loose, part.loose)
	for address := range part.broken {
		c.noteBroken(address)
	}
}

// readValues reads a file of values, which may be what a shell has put in place
// of one, as in --var-file <(decrypt values).
func readValues(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode()&(os.ModeDevice|os.ModeDir) != 0 {
		return nil, &os.PathError{Op: "read", Path: path, Err: errors.New("it is no file")}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	source, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	return source, nil
}
