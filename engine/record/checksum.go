package record

import (
	"bytes"
	"strings"

	"github.com/flowrider/flowrider/internal/sealed"
)

// What stands around the checksum in a canonical text: sorted keys leave it
// only these places, and since "components" follows in every record, the text
// without its line is JSON too. The place matters: the same line further down
// would be part of another object.
var (
	lineStarts = []string{"{\n  \"checksum\": \"", "{\n  \"asserted\": true,\n  \"checksum\": \""}
	lineEnd    = []byte("\",\n")
)

// isIntact says whether text is exactly what encode has written: the quick way
// to check a record. A text that was only laid out anew is not intact, and
// fits its checksum all the same; see sealed.Kind.Open.
func isIntact(text []byte) bool {
	for _, start := range lineStarts {
		value, ok := bytes.CutPrefix(text, []byte(start))
		if !ok {
			continue
		}
		stated, rest, ok := bytes.Cut(value, lineEnd)
		if !ok {
			return false
		}
		head := strings.TrimSuffix(start, "  \"checksum\": \"")
		return sealed.Checksum([]byte(head), rest) == string(stated)
	}
	return false
}
