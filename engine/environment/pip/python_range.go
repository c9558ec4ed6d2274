package pip

import (
	"fmt"
	"strconv"
	"strings"
)

// pythonRange is the `python` argument: clauses that must all hold, as pip
// writes them (PEP 440), over released versions of Python 3.
type pythonRange []clause

type clause struct {
	op       string // "==", "!=", ">=", "<=", ">", "<", "~="
	version  version
	parts    int  // how many numbers were written
	wildcard bool // ended in .*
}

// version is a Python version: major, minor, micro.
type version [3]int

// Python 3.8 is the oldest that uv makes environments for; the newest bounds
// the search for minor versions that a range allows.
const (
	oldestMinor = 8
	newestMinor = 99
)

// parsePythonRange reads ">=3.10,<3.13". A bare "3.11" means any 3.11.
func parsePythonRange(text string) (pythonRange, error) {
	var clauses pythonRange
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		c, err := parseClause(part)
		if err != nil {
			return nil, fmt.Errorf("python = %q: %w; write it like \">=3.10\", \">=3.10,<3.13\" or \"3.11\"", text, err)
		}
		clauses = append(clauses, c)
	}
	if len(clauses) > 0 && !clauses.allowsAny() {
		return nil, fmt.Errorf("python = %q allows no version from 3.%d on; write it like \">=3.10\"", text, oldestMinor)
	}
	return clauses, nil
}

func parseClause(text string) (clause, error) {
	c := clause{op: "=="}
	number := text
	for _, op := range []string{"===", "==", "!=", ">=", "<=", "~=", ">", "<"} {
		if rest, ok := strings.CutPrefix(text, op); ok {
			c.op, number = strings.Replace(op, "===", "==", 1), strings.TrimSpace(rest)
			break
		}
	}
	bare := number == text
	number, c.wildcard = strings.CutSuffix(number, ".*")
	fields := strings.Split(number, ".")
	if len(fields) > 3 {
		return clause{}, fmt.Errorf("%q has more than three numbers", text)
	}
	for i, field := range fields {
		n, err := strconv.Atoi(field)
		if err != nil || n < 0 || n > 9999 {
			return clause{}, fmt.Errorf("%q is not a version", text)
		}
		c.version[i] = n
	}
	c.parts = len(fields)
	switch {
	case c.version[0] != 3 && (c.op == "==" || c.op == "~="):
		return clause{}, fmt.Errorf("%q is not a version of Python 3", text)
	case c.wildcard && c.op != "==" && c.op != "!=":
		return clause{}, fmt.Errorf("%q: .* goes with == and != only", text)
	case c.op == "~=" && c.parts < 2:
		return clause{}, fmt.Errorf("%q: ~= needs two numbers at least", text)
	}
	// Nobody who writes "3.11" or "==3.11" means 3.11.0 alone.
	if c.parts < 3 && (bare || c.op == "==" || c.op == "!=") {
		c.wildcard = true
	}
	return c, nil
}

// allows reports whether the whole range allows a version.
func (r pythonRange) allows(v version) bool {
	for _, c := range r {
		if !c.allows(v) {
			return false
		}
	}
	return true
}

func (c clause) allows(v version) bool {
	order := v.compare(c.version)
	switch c.op {
	case ">=":
		return order >= 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case "<":
		return order < 0
	case "~=":
		return order >= 0 && samePrefix(v, c.version, c.parts-1)
	case "!=":
		return !c.equals(v)
	default:
		return c.equals(v)
	}
}

func (c clause) equals(v version) bool {
	if c.wildcard {
		return samePrefix(v, c.version, c.parts)
	}
	return v == c.version
}

func samePrefix(a, b version, parts int) bool {
	for i := range parts {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// allowsMinor reports whether some release of a minor version ("3.11") fits.
func (r pythonRange) allowsMinor(minor string) bool {
	v, err := parseMinor(minor)
	if err != nil {
		return false
	}
	_, ok := r.lowestOf(v[1])
	return ok
}

// exact reports whether the range tells releases of one minor version apart.
func (r pythonRange) exact() bool {
	for _, c := range r {
		if c.parts == 3 {
			return true
		}
	}
	return false
}

func (r pythonRange) allowsAny() bool {
	_, ok := r.lowest()
	return ok
}

// floor is the lowest version that a lock must hold for, where the range has a
// lower end.
func (r pythonRange) floor() (version, bool) {
	for _, c := range r {
		if c.op == ">=" || c.op == ">" || c.op == "==" || c.op == "~=" {
			return r.lowest()
		}
	}
	return version{}, false
}

func (r pythonRange) lowest() (version, bool) {
	for minor := oldestMinor; minor <= newestMinor; minor++ {
		if v, ok := r.lowestOf(minor); ok {
			return v, true
		}
	}
	return version{}, false
}

// lowestOf is the lowest release of a minor version that fits. CPython has
// never made more than 23 of one.
func (r pythonRange) lowestOf(minor int) (version, bool) {
	for micro := range 60 {
		if v := (version{3, minor, micro}); r.allows(v) {
			return v, true
		}
	}
	return version{}, false
}

func (v version) compare(w version) int {
	for i := range v {
		if v[i] != w[i] {
			return v[i] - w[i]
		}
	}
	return 0
}

// minor is "3.11" of 3.11.7.
func (v version) minor() string { return fmt.Sprintf("%d.%d", v[0], v[1]) }

// String is "3.11.7".
func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// short leaves out a last number of 0, as uv wants a lower end.
func (v version) short() string {
	if v[2] == 0 {
		return v.minor()
	}
	return v.String()
}

// parseMinor reads "3.11", or "3.11.2" as it stands in a lock's lower end.
func parseMinor(text string) (version, error) {
	fields := strings.Split(text, ".")
	if len(fields) != 2 && len(fields) != 3 {
		return version{}, fmt.Errorf("%q is not a version of Python", text)
	}
	var v version
	for i, field := range fields {
		n, err := strconv.Atoi(field)
		if err != nil || n < 0 || n > 9999 {
			return version{}, fmt.Errorf("%q is not a version of Python", text)
		}
		v[i] = n
	}
	if v[0] != 3 {
		return version{}, fmt.Errorf("%q is not a version of Python 3", text)
	}
	return v, nil
}
