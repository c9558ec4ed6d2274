package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// checked is the program of the scenarios: flowrider, which with --json also
// holds each value that it prints to the schema in docs/schemas. One that does
// not fit ends the program with a code that nothing expects.
func checked() {
	arguments := normalize(newRootCommand(), os.Args[1:])
	command, _, err := newRootCommand().Find(arguments)
	if err != nil || command.Name() == "exec" || !wantsJSON(command, arguments) {
		main()
	}
	read, write, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	out := os.Stdout
	os.Stdout = write
	var printed bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(io.MultiWriter(&printed, out), read)
	}()
	code := guarded(func() int { return run(os.Args[1:]) })
	write.Close()
	<-done
	name := strings.ReplaceAll(strings.TrimPrefix(command.CommandPath(), "flowrider "), " ", "_")
	if err := fits(name, printed.Bytes()); err != nil {
		fmt.Fprintf(os.Stderr, "what flowrider %s has printed does not fit its schema; change docs/schemas with it, and keep what is there: %v\n", strings.Join(os.Args[1:], " "), err)
		code = 99
	}
	os.Exit(code)
}

// fits holds the values that a command has printed to its schema.
func fits(command string, printed []byte) error {
	values := json.NewDecoder(bytes.NewReader(printed))
	for count := 1; ; count++ {
		var text json.RawMessage
		if err := values.Decode(&text); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if count > 1 && command != "apply" && command != "console" {
			return fmt.Errorf("it is more than one value, and this is the second: %s", text)
		}
		schema := schemaOf(command, text)
		if schema == "" {
			continue
		}
		if err := fitsSchema(schema, text); err != nil {
			return err
		}
	}
}

// fitsSchema holds one value to the schema of a name.
func fitsSchema(schema string, text []byte) error {
	compiled, err := schemaCompiler().Compile(filepath.Join(schemas, schema+".json"))
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	if err := compiled.Validate(value); err != nil {
		return fmt.Errorf("%s.json: %w\n%s", schema, err, text)
	}
	return nil
}

// schemas is the folder of the schemas: by this file's place, since scenarios
// run elsewhere.
var schemas = func() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "docs", "schemas")
}()

func schemaCompiler() *jsonschema.Compiler {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	return compiler
}

// schemaOf is the name of the schema of a value that a command has printed, ""
// for the value of an output, which may be any.
func schemaOf(command string, text json.RawMessage) string {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members) // an array or a text has none
	has := func(name string) bool { _, ok := members[name]; return ok }
	switch {
	case has("diagnostics") && !has("type"):
		return "diagnostics"
	case command == "output" && !(has("flows") && has("outputs")):
		return ""
	case command == "show" && has("format_version"):
		return "plan"
	case command == "logs" && has("attempts"):
		return "logs_list"
	case command == "show":
		return "record"
	case strings.HasPrefix(command, "env_"):
		return "env"
	case command == "validate":
		return "diagnostics"
	}
	return command
}

// The schemas are what they say they are, name nothing that is not there, and
// each is named in docs/json.md.
func TestSchemasAreWhole(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(repository, "docs", "json.md"))
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(schemas, "*.json"))
	if err != nil || len(names) < 15 {
		t.Fatalf("found %d schemas: %v", len(names), err)
	}
	for _, name := range names {
		if _, err := schemaCompiler().Compile(name); err != nil {
			t.Error(err)
		}
		if link := "(schemas/" + filepath.Base(name) + ")"; !strings.Contains(string(page), link) {
			t.Errorf("docs/json.md has no link %s", link)
		}
	}
}

// Every command that writes JSON has a schema.
func TestEveryCommandHasASchema(t *testing.T) {
	commands := newRootCommand().Commands()
	for i := 0; i < len(commands); i++ {
		command := commands[i]
		commands = append(commands, command.Commands()...)
		if command.Flags().Lookup("json") == nil || command.Name() == "exec" {
			continue
		}
		name := strings.ReplaceAll(strings.TrimPrefix(command.CommandPath(), "flowrider "), " ", "_")
		schema := schemaOf(name, json.RawMessage(`{"flows":1,"outputs":1}`))
		if _, err := os.Stat(filepath.Join(schemas, schema+".json")); err != nil {
			t.Errorf("flowrider %s has --json: %v", name, err)
		}
	}
}
