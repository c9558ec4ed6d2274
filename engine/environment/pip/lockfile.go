package pip

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flowrider/flowrider/engine/environment"
)

// lockFormat is the number of the lock file's format.
const lockFormat = 1

// lockFile is a parsed lock: flowrider's own header, as comments, and then what
// uv and pip read.
type lockFile struct {
	specification string  // digest of what it was made for
	python        string  // minor version it prefers, "3.11"
	floor         version // the packages fit this Python and all after it
	checksum      string  // what the file says of itself; see sum
	pins          []pin   // sorted
	text          string  // with line feeds only
}

// pin is one resolved package.
type pin struct {
	name    string // normalised, without extras
	extras  string // "[a,b]" or ""
	version string // "1.2", or "@ https://…"
	marker  string // where it applies; "" is everywhere
	hashes  []string
	fact    string // its line in the text that the lock's digest is made from
}

// newerFormat is the error of a lock file this program is too old for.
type newerFormat struct{ format int }

func (n *newerFormat) Error() string {
	return fmt.Sprintf("has format %d, and this flowrider knows formats up to %d", n.format, lockFormat)
}

const (
	headerFormat        = "# flowrider lock: "
	headerSpecification = "# specification: "
	headerPython        = "# python: "
	headerFloor         = "# from python: "
	headerChecksum      = "# checksum: "
)

// newLock makes a lock file from its facts and uv's lines.
func newLock(specification, python string, floor version, body string) (*lockFile, error) {
	var head strings.Builder
	fmt.Fprintf(&head, "%s%d\n", headerFormat, lockFormat)
	fmt.Fprintf(&head, "# Resolved packages of a pip environment; `flowrider env lock` makes this file.\n")
	fmt.Fprintf(&head, "%s%s\n%s%s\n%s%s\n", headerSpecification, specification, headerPython, python, headerFloor, floor.short())
	file, err := parseLock(head.String() + body)
	if err != nil {
		return nil, err
	}
	file.checksum = file.sum()
	file.text = head.String() + headerChecksum + file.checksum + "\n" + body
	return file, nil
}

// sum is the digest of all that the file says. Layout, comments and order do
// not count: nobody has to lock again because an editor took a blank away.
func (f *lockFile) sum() string {
	return digestOf(f.specification + "\n" + f.floor.short() + "\n" + f.facts(f.python))
}

// parseLock reads a lock file. Its errors begin with a verb: the caller puts
// the file's name before them.
func parseLock(text string) (*lockFile, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if line, found := conflictLine(text); found {
		return nil, fmt.Errorf("has git conflict markers (line %d): lock it again (flowrider env lock), which keeps the pins of your side", line)
	}
	file := &lockFile{text: text}
	if err := file.parseHeader(); err != nil {
		return nil, err
	}
	for _, line := range logicalLines(text) {
		p, err := parsePin(line.text)
		if err != nil {
			return nil, fmt.Errorf("cannot be read (line %d: %w): lock it again (flowrider env lock)", line.number, err)
		}
		file.pins = append(file.pins, p)
	}
	slices.SortFunc(file.pins, func(a, b pin) int { return strings.Compare(a.fact, b.fact) })
	return file, nil
}

// parseHeader reads flowrider's own lines.
func (f *lockFile) parseHeader() error {
	values := map[string]string{}
	for _, line := range strings.Split(f.text, "\n") {
		for _, header := range []string{headerFormat, headerSpecification, headerPython, headerFloor, headerChecksum} {
			if value, ok := strings.CutPrefix(line, header); ok && values[header] == "" {
				values[header] = strings.TrimSpace(value)
			}
		}
	}
	format, err := strconv.Atoi(values[headerFormat])
	if err != nil {
		return errors.New("was not made by flowrider: lock it again (flowrider env lock)")
	}
	if format > lockFormat {
		return &newerFormat{format}
	}
	python, err := parseMinor(values[headerPython])
	if err == nil {
		f.floor, err = parseMinor(values[headerFloor])
	}
	if err != nil {
		return fmt.Errorf("cannot be read (%w): lock it again (flowrider env lock)", err)
	}
	f.specification, f.python, f.checksum = values[headerSpecification], python.minor(), values[headerChecksum]
	return nil
}

// parsePin reads `name[extra]==1.2 ; marker --hash=sha256:… --hash=…`.
func parsePin(line string) (pin, error) {
	fields := strings.Split(line, " --hash=")
	var p pin
	for _, hash := range fields[1:] {
		hash = strings.TrimSpace(hash)
		if algorithm, digest, ok := strings.Cut(hash, ":"); !ok || algorithm == "" || len(digest) < 32 || strings.ContainsAny(hash, " \t") {
			return pin{}, fmt.Errorf("%q is not a hash", hash)
		}
		p.hashes = append(p.hashes, hash)
	}
	slices.Sort(p.hashes)
	p.hashes = slices.Compact(p.hashes)
	requirement, marker, _ := strings.Cut(fields[0], " ;")
	p.marker = strings.Join(strings.Fields(marker), " ")
	requirement = strings.TrimSpace(requirement)
	name, url, isURL := strings.Cut(requirement, " @ ")
	if isURL {
		p.version = "@ " + strings.TrimSpace(url)
	} else {
		var ok bool
		if name, p.version, ok = strings.Cut(requirement, "=="); !ok {
			return pin{}, fmt.Errorf("%q names no exact version", requirement)
		}
	}
	name, extras, _ := strings.Cut(strings.TrimSpace(name), "[")
	if extras != "" {
		p.extras = "[" + extras
	}
	p.name, p.version = normalName(name), strings.TrimSpace(p.version)
	if !validName(name) || p.version == "" || strings.ContainsAny(strings.TrimPrefix(p.version, "@ "), " \t") {
		return pin{}, fmt.Errorf("%q is not a package", requirement)
	}
	if len(p.hashes) == 0 {
		return pin{}, fmt.Errorf("%s has no hash", name)
	}
	p.fact = "package " + p.name + p.extras + " " + p.version + " ; " + p.marker + " " + strings.Join(p.hashes, " ")
	return p, nil
}

// digest is the environment's: of what is installed and the Python's minor
// version. Layout, order, the specification and the package index do not count.
func (f *lockFile) digest(python string) string { return digestOf(f.facts(python)) }

// facts is the text that the digest is made from, as environment.Versions
// reads it.
func (f *lockFile) facts(python string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "flowrider pip environment 1\npython %s\n", python)
	for _, p := range f.pins {
		text.WriteString(p.fact + "\n")
	}
	return text.String()
}

// packages lists what is pinned, sorted. A package that differs by platform or
// Python stands once for each version.
func (f *lockFile) packages() []environment.Package {
	packages := make([]environment.Package, 0, len(f.pins))
	for _, p := range f.pins {
		packages = append(packages, environment.Package{Name: p.name, Version: p.version})
	}
	slices.SortFunc(packages, func(a, b environment.Package) int {
		return strings.Compare(a.Name+"\x00"+a.Version, b.Name+"\x00"+b.Version)
	})
	return slices.Compact(packages)
}

// requirements is the lock as uv and pip read it, one package a line.
func (f *lockFile) requirements() string {
	var text strings.Builder
	for _, p := range f.pins {
		text.WriteString(p.name + p.extras)
		if strings.HasPrefix(p.version, "@ ") {
			text.WriteString(" " + p.version)
		} else {
			text.WriteString("==" + p.version)
		}
		if p.marker != "" {
			text.WriteString(" ; " + p.marker)
		}
		for _, hash := range p.hashes {
			text.WriteString(" --hash=" + hash)
		}
		text.WriteString("\n")
	}
	return text.String()
}

// conflictLine finds the first line that git leaves in a file it could not
// merge.
func conflictLine(text string) (int, bool) {
	for i, line := range strings.Split(text, "\n") {
		if isConflictMarker(line) {
			return i + 1, true
		}
	}
	return 0, false
}

func isConflictMarker(line string) bool {
	return line == "=======" || strings.HasPrefix(line, "<<<<<<< ") || strings.HasPrefix(line, ">>>>>>> ") || strings.HasPrefix(line, "||||||| ")
}

// oursOf drops the other side of each conflict, so that a lock that git could
// not merge still says which pins to keep.
func oursOf(text string) string {
	var kept []string
	theirs := false
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "<<<<<<< "), strings.HasPrefix(line, ">>>>>>> "):
			theirs = false
		case line == "=======", strings.HasPrefix(line, "||||||| "):
			theirs = true
		case !theirs:
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "h1:" + hex.EncodeToString(sum[:])
}
