package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What format 1.0 has printed once it goes on to print: a field that is not
// there any more, is of another type or is left out sometimes fails this test,
// and -update does not help (of what no release has printed yet, the line may be
// taken away by hand). New fields are added by -update.
func TestT34FieldsOfFormat1Stay(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(schemas, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var now []string
	for _, name := range names {
		if base := strings.TrimSuffix(filepath.Base(name), ".json"); base != "saved_plan" { // which is for this version alone
			w := &fieldWalk{t: t}
			w.walk(base, filepath.Base(name), "", base, "")
			now = append(now, w.fields...)
		}
	}
	slices.Sort(now)
	now = slices.Compact(now)
	golden := filepath.Join("testdata", "formats", "1.0.txt")
	text, _ := os.ReadFile(golden)
	kept := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
	for _, field := range kept {
		if !slices.Contains(now, field) && !slices.Contains(now, field+" required") {
			t.Errorf("format 1.0 had this, and must go on to have it: %s", field)
		}
	}
	var added []string
	for _, field := range now {
		if !slices.Contains(kept, field) {
			added = append(added, field)
		}
	}
	switch {
	case t.Failed() || len(added) == 0:
	case *update:
		all := slices.Sorted(slices.Values(append(kept, added...)))
		if err := os.WriteFile(golden, []byte(strings.Join(all, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("these are new, go test ./cmd/flowrider -run T34Fields -update adds them:\n%s", strings.Join(added, "\n"))
	}
	if len(now) < 200 {
		t.Errorf("only %d fields were found", len(now))
	}
}

// fieldWalk lists the fields that a schema has, one a line with its types.
type fieldWalk struct {
	t      *testing.T
	fields []string
}

// walk lists what the schema in a file at a pointer says of the value at a path.
// required is " required" where it is never left out.
func (w *fieldWalk) walk(path, file, pointer, name, required string) {
	w.t.Helper()
	node := w.read(file, pointer)
	if to, ok := node["$ref"].(string); ok {
		next, at, _ := strings.Cut(to, "#")
		if next == "" {
			next = file
		}
		w.walk(path, next, at, name, required)
	}
	if kind := typeOf(node); kind != "" && path != name {
		w.fields = append(w.fields, path+": "+kind+required)
	}
	always := texts(node["required"])
	properties, _ := node["properties"].(map[string]any)
	for _, property := range slices.Sorted(maps.Keys(properties)) {
		needed := ""
		if slices.Contains(always, property) {
			needed = " required"
		}
		w.walk(path+"."+property, file, pointer+"/properties/"+property, name, needed)
	}
	if _, ok := node["items"].(map[string]any); ok {
		w.walk(path+"[]", file, pointer+"/items", name, "")
	}
	if _, ok := node["additionalProperties"].(map[string]any); ok {
		w.walk(path+"{}", file, pointer+"/additionalProperties", name, "")
	}
	for _, of := range []string{"allOf", "anyOf"} {
		list, _ := node[of].([]any)
		for i, element := range list {
			at := fmt.Sprintf("%s/%s/%d", pointer, of, i)
			if kind := condition(element); kind == "" && of == "anyOf" {
				w.walk(path, file, at, name, required)
			} else if kind != "" {
				w.walk(path+"("+kind+")", file, at+"/then", name, "")
			}
		}
	}
}

func (w *fieldWalk) read(file, pointer string) map[string]any {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(schemas, file))
	if err != nil {
		w.t.Fatal(err)
	}
	var node any
	if err := json.Unmarshal(text, &node); err != nil {
		w.t.Fatal(err)
	}
	for _, step := range strings.Split(strings.Trim(pointer, "/"), "/") {
		switch parent := node.(type) {
		case map[string]any:
			if step != "" {
				node = parent[step]
			}
		case []any:
			var i int
			fmt.Sscan(step, &i)
			node = parent[i]
		}
	}
	if object, ok := node.(map[string]any); ok {
		return object
	}
	return map[string]any{} // true: anything
}

// condition is what the if of a schema asks for: a type of event, or a state.
func condition(element any) string {
	object, _ := element.(map[string]any)
	asked, _ := object["if"].(map[string]any)
	properties, _ := asked["properties"].(map[string]any)
	for _, of := range []string{"type", "state"} {
		if property, ok := properties[of].(map[string]any); ok {
			if value, ok := property["const"].(string); ok {
				return value
			}
			return strings.Join(texts(property["enum"]), "|")
		}
	}
	return ""
}

// typeOf is the type of a value; "" where the schema does not say.
func typeOf(node map[string]any) string {
	switch kind := node["type"].(type) {
	case string:
		return kind
	case []any:
		return strings.Join(texts(kind), "|")
	}
	if value, ok := node["const"]; ok {
		return fmt.Sprint(value)
	}
	if _, ok := node["enum"]; ok {
		return "one of several texts"
	}
	return ""
}

func texts(list any) []string {
	var all []string
	values, _ := list.([]any)
	for _, value := range values {
		all = append(all, fmt.Sprint(value))
	}
	return all
}
