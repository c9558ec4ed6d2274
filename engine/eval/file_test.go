package eval

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// inFolder evaluates the parameter D of the one flow in a folder with files.
func inFolder(t *testing.T, expr string, files map[string]string) (hashed, problem string) {
	t.Helper()
	config, _ := load(t, command(`parameters = { D = `+expr+` }`))
	for name, content := range files {
		name = filepath.Join(config.Root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Skipf("this file system takes no such name: %v", err)
		}
	}
	e := New(config, Given{})
	instances, _ := e.Instances()
	e.SetFlow(instances[0], Result{Parameters: Plain(cty.EmptyObjectVal)})
	flow, diags := e.Flow(instances[0])
	if diags.HasErrors() {
		return "", diags[0].Detail
	}
	return hashedOf(flow, "parameters"), ""
}

func TestWhatIsNotUTF8IsRefusedWhereItComesIn(t *testing.T) {
	t.Setenv("NAME_IN_LATIN_1", "caf\xe8")
	files := map[string]string{"l1.txt": "un caf\xe9\n"}
	for expr, want := range map[string]string{
		`file("l1.txt")`:           "the file l1.txt is not UTF-8: byte 6, counted from 0, is 0xe9; let the flow read it as a file of its bundle, or convert it",
		`env("NAME_IN_LATIN_1")`:   "the environment variable NAME_IN_LATIN_1 is not UTF-8: byte 3, counted from 0, is 0xe8; set it to a text in UTF-8",
		`base64decode("Y2Fm6Q==")`: "what is decoded is not UTF-8: byte 3, counted from 0, is 0xe9; pass it on as it is, and decode it in the flow",
	} {
		if _, problem := inFolder(t, expr, files); !strings.Contains(problem, want) {
			t.Errorf("%s: got %q, want %q in it", expr, problem, want)
		}
	}
	if _, problem := inFolder(t, `fileset("d", "*")`, map[string]string{"d/caf\xe9.txt": ""}); !strings.Contains(problem, "is not UTF-8: byte 3") {
		t.Errorf("a file's name in Latin-1: got %q", problem)
	}
}
