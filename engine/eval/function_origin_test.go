package eval

import (
	"os"
	"path/filepath"
	"testing"
)

// While what a template is given is not known, its text decides, and so does
// what it reads itself; and what secrets read is no part of any bundle.
func TestATemplateDecidesAnUnknown(t *testing.T) {
	config, e := load(t, `flow "command" "a" { argv = ["true"] }
flow "command" "b" {
  argv    = ["true", templatefile("t.tftpl", { x = flow.a.run_id })]
  secrets = { T = templatefile("t.tftpl", { x = "secret" }), U = filebase64("u.bin") }
}
`)
	origins := map[string]string{}
	for _, files := range [][2]string{{"${x}${file(\"n.txt\")}", "1"}, {"${x}!${file(\"n.txt\")}", "1"}, {"${x}${file(\"n.txt\")}", "2"}} {
		for name, content := range map[string]string{"t.tftpl": files[0], "n.txt": files[1], "u.bin": "\xff"} {
			if err := os.WriteFile(filepath.Join(config.Root, name), []byte(content), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		origin := e.Origin(config.Flows[1].Argument("argv"), nil, nil)
		if before, ok := origins[origin]; ok {
			t.Errorf("%v and %s have one origin", files, before)
		}
		origins[origin] = files[0] + files[1]
	}
	instances, _ := e.Instances()
	if got := e.SecretFiles(instances); len(got) != 3 {
		t.Errorf("secrets read %v, want n.txt, t.tftpl and u.bin", got)
	}
}
