package schema

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Limits that hold before HCL's parser sees a file: it recurses, and a stack
// that overflows ends the program with no chance of a message.
const (
	maxFileBytes   = 32 << 20
	maxConfigBytes = 64 << 20
	maxFiles       = 2000
)

// checkLimits refuses what would crash the parser or is no text at all. It finds
// where a file can be parted.
func (m *meter) checkLimits(name string, source []byte) (found seams, diags hcl.Diagnostics) {
	if len(source) > maxFileBytes {
		return found, refuse(name, 1, "File too large", fmt.Sprintf("%s has %d MiB; a configuration file has at most %d MiB.", name, len(source)>>20, maxFileBytes>>20))
	}
	if offset := noText(source); offset >= 0 {
		return found, hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Not a text file", Subject: at(name, source, offset),
			Detail: fmt.Sprintf("%s is not UTF-8 text: the byte 0x%02x stands here. Save it as UTF-8.", name, source[offset]),
		}}
	}
	if offset := conflictMarker(source); offset >= 0 {
		return found, hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Conflict marker", Subject: at(name, source, offset),
			Detail: name + " has a conflict marker of git. Settle the conflict and remove the marker.",
		}}
	}
	if strings.HasSuffix(name, ".json") {
		return found, m.checkJSON(name, source)
	}
	s := &scanner{meter: m, source: source, partBytes: partBytes}
	diags = s.check(name)
	return s.seams, diags
}

// noText is where the first byte is that no text has; -1 for nowhere.
func noText(source []byte) int {
	if zero := bytes.IndexByte(source, 0); zero >= 0 || utf8.Valid(source) {
		return zero
	}
	for offset, r := range string(source) {
		if r == utf8.RuneError && !bytes.HasPrefix(source[offset:], []byte(string(r))) {
			return offset
		}
	}
	return -1
}

func refuse(name string, line int, summary, detail string) hcl.Diagnostics {
	at := hcl.Pos{Line: line, Column: 1}
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: summary, Detail: detail,
		Subject: &hcl.Range{Filename: name, Start: at, End: at},
	}}
}

// conflictMarker is where git has left one; -1 for nowhere.
func conflictMarker(source []byte) int {
	offset := 0
	for line := range bytes.Lines(source) {
		if bytes.HasPrefix(line, []byte("<<<<<<< ")) || bytes.HasPrefix(line, []byte(">>>>>>> ")) {
			return offset
		}
		offset += len(line)
	}
	return -1
}

// validIdentifier is what HCL says, which takes a scanner to say it.
func validIdentifier(name string) bool {
	for i := range len(name) {
		b := name[i]
		if b >= 0x80 || !isWord(b) && (i == 0 || b != '-' && (b < '0' || b > '9')) {
			return hclsyntax.ValidIdentifier(name)
		}
	}
	return name != ""
}

// validFolder says whether a slash path names a folder below its root that
// flowrider may keep records in.
func validFolder(folder string) bool {
	return folder != "" && folder != "." && path.Clean(folder) == folder && !path.IsAbs(folder) &&
		folder != ".." && !strings.HasPrefix(folder, "../") && !strings.HasPrefix(folder, ".flowrider")
}
