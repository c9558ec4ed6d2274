package flowrider_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// asWritten are two ways to write each argument of what is in a flow, by the
// header of its table: the second one stands in the same place as the first.
// "" leaves the argument out.
var asWritten = map[string]map[string][2]string{
	`flow "command"`: {
		"argv":    {`["true"]`, `["true", "1"]`},
		"shell":   {`false`, `true`},
		"workdir": {`""`, `"sub"`},
	},
	`flow "metaflow"`: {
		"file":          {`"flow.py"`, `"other.py"`},
		"options":       {`{}`, `{ with = "custom" }`},
		"run_options":   {`{}`, `{ max-workers = 3, custom = 1 }`},
		"configs":       {`{}`, `{ c = "c.json" }`},
		"config_values": {`{}`, `{ c = { a = 1 } }`},
		"resume":        {`true`, `false`},
	},
	"flow": {
		"inherits":      {`[]`, `[profile.empty]`},
		"description":   {`"one"`, `"two"`},
		"project":       {`project.here`, `project.again`},
		"environment":   {``, `environment.locked`},
		"parameters":    {`{ p = 1 }`, `{ p = 2 }`},
		"env":           {`{ A = 1 }`, `{ A = 2 }`},
		"pass_env":      {`["A"]`, `["B"]`},
		"secrets":       {`{ A = "one-secret" }`, `{ B = "other-secret" }`},
		"tags":          {`["a"]`, `["b"]`},
		"depends_on":    {`[]`, `[flow.other]`},
		"after":         {`[]`, `[flow.other]`},
		"for_each":      {`{ only = 1 }`, `{ only = 2 }`},
		"data_version":  {`"run"`, `"key"`},
		"salt":          {`"a"`, `"b"`},
		"expires_after": {`"1d"`, `"2d"`},
		"volatile":      {`false`, `true`},
		"timeout":       {`"1h"`, `"2h"`},
		"pools":         {`{ p = 1 }`, `{ p = 2 }`},
		"run_id_file":   {`"a.txt"`, `"b.txt"`},
	},
	`output in a flow "command"`: {
		"file":        {`"a.txt"`, `"b.txt"`},
		"stdout":      {`"json"`, `"text"`},
		"publish":     {`"a.txt"`, `"b.txt"`},
		"description": {`"one"`, `"two"`},
	},
	`output in a flow "metaflow"`: {
		"artifact":    {`"a"`, `"b"`},
		"description": {`"one"`, `"two"`},
	},
	"bundle":    {"include": {`["flow.py"]`, `["flow.py", "c.json"]`}, "exclude": {`[]`, `["c.json"]`}, "link": {`[]`, `["c.json"]`}},
	"stop":      {"interrupt": {`"1s"`, `"2s"`}, "terminate": {`"1s"`, `"2s"`}},
	"retry":     {"attempts": {`1`, `2`}, "delay": {`"1s"`, `"2s"`}, "on": {`[1]`, `[2]`}},
	"resources": {"cpu": {`1`, `2`}, "memory": {`"1MB"`, `"2MB"`}, "gpu": {`0`, `1`}},
}

// Whether an argument counts in the config hash is what docs/language.md says.
func TestWhatCountsIsWhatTheReferenceSays(t *testing.T) {
	for _, block := range schema.Blocks() {
		header := strings.Replace(block.Header, ` "NAME"`, "", 1)
		header = strings.TrimSuffix(header, " in a flow")
		if asWritten[header] == nil {
			continue // it is in no flow, or holds one to a run
		}
		for _, argument := range block.Arguments {
			ways, own := asWritten[header][argument.Name]
			if !own && strings.HasPrefix(header, "flow ") {
				ways, own = asWritten["flow"][argument.Name]
			}
			t.Run(header+"/"+argument.Name, func(t *testing.T) {
				if !own {
					t.Fatal("the test knows no two ways to write it")
				}
				counts := hashWith(t, header, argument.Name, ways[0]) != hashWith(t, header, argument.Name, ways[1])
				if counts == argument.Aside {
					t.Errorf("it counts: %t, and the reference says %t", counts, !argument.Aside)
				}
			})
		}
	}
}

// hashWith is the config hash of a flow with one argument written that way.
func hashWith(t *testing.T, header, name, text string) string {
	t.Helper()
	line := ""
	if text != "" {
		line = fmt.Sprintf("%s = %s\n", name, text)
	}
	kind, required := "command", map[string]string{"argv": `["true"]`}
	if strings.Contains(header, "metaflow") {
		kind, required = "metaflow", map[string]string{"file": `"flow.py"`}
	}
	body := ""
	switch {
	case strings.HasPrefix(header, "flow "):
		delete(required, name)
		body = line
	case strings.HasPrefix(header, "output "):
		if name != "artifact" && kind == "metaflow" {
			line += "artifact = \"a\"\n"
		} else if name != "file" && name != "stdout" && kind == "command" {
			line += "file = \"a.txt\"\n"
		}
		body = "output \"o\" {\n" + line + "}\n"
	case header == "retry" && name != "attempts":
		body = "retry {\nattempts = 2\n" + line + "}\n"
	default:
		body = header + " {\n" + line + "}\n"
	}
	for argument, value := range required {
		body += argument + " = " + value + "\n"
	}
	root := t.TempDir()
	for file, content := range map[string]string{
		"flow.py": "", "other.py": "", "c.json": "{}", "sub/x": "",
		"flowrider.hcl": fmt.Sprintf(`
project "here" {}
project "again" {}
profile "empty" {}
pool "p" { size = 2 }
environment "pip" "locked" { packages = { metaflow = "" } }
flow "command" "other" { argv = ["true"] }
flow "%s" "it" {
%s
}
`, kind, body+projectUnless(name)),
	} {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	project, diags := engine.Load(root, engine.LoadOptions{})
	if !diags.HasErrors() {
		session, moreDiags := project.Session(plan.Options{NoHooks: true, Offline: true})
		if diags = append(diags, moreDiags...); !diags.HasErrors() {
			planned, moreDiags := session.Plan(context.Background())
			if diags = append(diags, moreDiags...); !diags.HasErrors() {
				for _, flow := range planned.Flows {
					if strings.HasPrefix(flow.Address, "flow.it") {
						return flow.Manifest.Draft()
					}
				}
			}
		}
	}
	var why strings.Builder
	diag.WriteText(&why, diag.Problems(diags, project.Config.Sources), "")
	t.Fatal(why.String())
	return ""
}

// projectUnless says which project the flow is of, since there are two.
func projectUnless(name string) string {
	if name == "project" {
		return ""
	}
	return "project = project.here\n"
}
