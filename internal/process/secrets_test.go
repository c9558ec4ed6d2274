package process

import (
	"bytes"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/internal/redact"
)

// A value that comes in two writes is hidden, although the other stream writes
// between them, and so is one that is printed in base64.
func TestSensitiveValuesAreHiddenInEachStream(t *testing.T) {
	t.Parallel()
	const value = "swordfish-0123456789"
	secrets := &redact.Secrets{}
	if err := secrets.Add(value); err != nil {
		t.Fatal(err)
	}
	script := `printf 'a sword'; sleep 0.05; echo between >&2; sleep 0.05; printf 'fish-0123456789 z\n'; printf %s "swordfish-0123456789" | base64 >&2; printf 'the end: sword'`
	var log, stdout bytes.Buffer
	p := start(t, shell(script), Options{Log: &log, Stdout: &stdout, Secrets: secrets})
	p.Wait()
	if got, want := stdout.String(), "a "+redact.Mark+" z\nthe end: sword"; got != want || !p.Hid() {
		t.Errorf("standard output is %q, want %q; Hid is %t", got, want, p.Hid())
	}
	if text := log.String(); strings.Contains(text, "fish") || strings.Count(text, redact.Mark) != 2 || !strings.Contains(text, "between") {
		t.Errorf("log is %q", text)
	}
}

// What is hidden on standard error says nothing of the copy of standard output.
func TestHidIsOfStandardOutputAlone(t *testing.T) {
	t.Parallel()
	secrets := &redact.Secrets{}
	secrets.Add("swordfish")
	var stdout bytes.Buffer
	p := start(t, shell("echo swordfish >&2; echo out"), Options{Stdout: &stdout, Secrets: secrets})
	if p.Wait(); p.Hid() || stdout.String() != "out\n" {
		t.Errorf("Hid is %t, standard output %q", p.Hid(), stdout.String())
	}
}
