package metaflow

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// Unsuitable is the error of a value that a parameter does not take.
type Unsuitable struct {
	Wanted string // completes "the parameter is …"
	Got    string // the value, as it is passed
}

func (u *Unsuitable) Error() string { return u.Got + " is not " + u.Wanted }

// switches are what Metaflow takes for a bool.
var switches = map[string]bool{
	"true": true, "t": true, "1": true, "yes": true, "y": true,
	"false": true, "f": true, "0": true, "no": true, "n": true,
}

// Takes says whether Metaflow takes a known value for the parameter, by its
// type: what it does not is an *Unsuitable. Metaflow would end with exit status
// 2 before the run begins.
func (p Parameter) Takes(value cty.Value) error {
	text, err := valueText(value)
	if err != nil {
		return err
	}
	trimmed := strings.ReplaceAll(strings.TrimSpace(text), "_", "")
	switch p.Type {
	case "int":
		if !isInt(trimmed) {
			return &Unsuitable{"a whole number", shown(value, text)}
		}
	case "float":
		if _, err := strconv.ParseFloat(trimmed, 64); err != nil && !isInt(trimmed) && !strings.Contains(err.Error(), "range") {
			return &Unsuitable{"a number", shown(value, text)}
		}
	case "bool":
		if !switches[strings.ToLower(strings.TrimSpace(text))] {
			return &Unsuitable{"true or false", shown(value, text)}
		}
	case "JSONType":
		if !json.Valid([]byte(text)) {
			return &Unsuitable{"JSON", shown(value, text)}
		}
	}
	return nil
}

func isInt(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	return len(text)-len(digits) <= 1 && digits != "" && strings.Trim(digits, "0123456789") == ""
}

func shown(value cty.Value, text string) string {
	if len(text) > 60 {
		text = text[:60] + "…"
	}
	if value.Type() == cty.String {
		return strconv.Quote(text)
	}
	return text
}
