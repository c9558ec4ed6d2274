package record_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/flowrider/flowrider/engine/record"
)

// Whatever is in the file: a record or a problem, never a crash; and a record
// that was read can be written and read again.
func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("testdata/forest.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:100])
	f.Add([]byte("<<<<<<< a\n{\"run_id\": \"1\"}\n=======\n  \"run_id\": \"\\u0041\",\n>>>>>>> b\n"))
	f.Add([]byte(`{"schema": 1e99, "checksum": ""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, problem := record.Parse(data)
		if (rec == nil) == (problem == nil) {
			t.Fatalf("%v, %v", rec, problem)
		}
		if rec == nil {
			return
		}
		text, err := record.Encode(rec)
		if err != nil {
			t.Fatal(err)
		}
		again, problem := record.Parse(text)
		if problem != nil {
			t.Fatal(problem)
		}
		second, err := record.Encode(again)
		if err != nil || !bytes.Equal(text, second) {
			t.Fatalf("%v:\n%s\n%s", err, text, second)
		}
	})
}
