package eval

import (
	"strings"
	"testing"
)

// Texts are composed (NFC) everywhere in expressions, and names on disk need
// not be.
func TestAFileIsFoundByItsComposedName(t *testing.T) {
	const composed, decomposed = "\u00fc", "u\u0308"
	each := `{ for f in fileset("d", "*.txt") : f => file("d/${f}") }`
	for name, test := range map[string]struct {
		expr  string
		files map[string]string
		want  string
	}{
		"decomposed":         {each, map[string]string{"d/" + decomposed + ".txt": "x"}, "D[\"" + composed + ".txt\"] = \"x\"\n"},
		"composed":           {each, map[string]string{"d/" + composed + ".txt": "x"}, "D[\"" + composed + ".txt\"] = \"x\"\n"},
		"both":               {`file("d/` + decomposed + `.txt")`, map[string]string{"d/" + decomposed + ".txt": "x", "d/" + composed + ".txt": "y"}, "D = \"y\"\n"},
		"folder":             {`file("` + composed + `/` + composed + `.txt")`, map[string]string{decomposed + "/" + decomposed + ".txt": "x"}, "D = \"x\"\n"},
		"folder of a set":    {`fileset("` + composed + `", "*")`, map[string]string{decomposed + "/a.txt": "x"}, "D[0] = \"a.txt\"\n"},
		"exists":             {`fileexists("` + composed + `.txt")`, map[string]string{decomposed + ".txt": "x"}, "D = true\n"},
		"another is no such": {`fileexists("` + composed + `.txt")`, map[string]string{"u.txt": "x"}, "D = false\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, problem := inFolder(t, test.expr, test.files)
			if got != test.want {
				t.Errorf("got %q (%s), want %q", got, problem, test.want)
			}
		})
	}
	two := map[string]string{"s\u0323\u0307.txt": "2", "s\u0307\u0323.txt": "3"} // one text, written in two ways, neither as asked for
	if got, problem := inFolder(t, "file(\"\u1e69.txt\")", two); !strings.Contains(problem, "cannot be read") {
		t.Errorf("two files of one name: got %q (%s)", got, problem)
	}
}
