// Package printed says what of the JSON that programs print can be a value of
// the configuration: of flows whose output is what they print, and of hooks.
//
// It reads no output and makes no value; what is wrong is told by engine/hook and
// engine/runner/command, each in its words.
package printed

import (
	"bytes"
	"encoding/json"
	"math/big"
)

// MaxNested bounds how deep a printed value is nested: the work of evaluating
// it grows with the square.
const MaxNested = 500

// maxExponent bounds the size of numbers, in bits: written out, few digits can
// be gigabytes.
const maxExponent = 1 << 12

// Unusable says why a valid JSON text cannot be a value: it is nested too deep, or
// has a number that is out of range; which of them comes first.
func Unusable(text []byte) (deep bool, number string) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	for depth := 0; ; {
		token, err := decoder.Token()
		if err != nil {
			return false, "" // io.EOF
		}
		switch token := token.(type) {
		case json.Delim:
			if token == '[' || token == '{' {
				depth++
			} else {
				depth--
			}
			if depth > MaxNested {
				return true, ""
			}
		case json.Number:
			value, _, err := big.ParseFloat(token.String(), 10, 512, big.ToNearestEven)
			if err != nil || value.IsInf() || value.MantExp(nil) > maxExponent || value.MantExp(nil) < -maxExponent {
				return false, token.String()
			}
		}
	}
}
