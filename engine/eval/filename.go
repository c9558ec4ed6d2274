package eval

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// onDisk is the name of a file as its folder has it. Texts in expressions are
// composed (NFC), while a name on disk need not be: macOS writes ü as u and
// two dots. Where nothing has the name as it is given, the one entry that is
// composed to the same text is meant.
func onDisk(folder *os.Root, name string) string {
	if _, err := folder.Lstat(name); err == nil {
		return name
	}
	found := ""
	for part := range strings.SplitSeq(filepath.ToSlash(name), "/") {
		found = path.Join(found, entry(folder, found, part))
	}
	return filepath.FromSlash(found)
}

// entry is what a folder calls a part of a path: the part itself, unless there
// is none of that name and just one that is composed to it.
func entry(folder *os.Root, in, part string) string {
	if _, err := folder.Lstat(filepath.FromSlash(path.Join(in, part))); err == nil {
		return part
	}
	opened, err := folder.Open(filepath.FromSlash(path.Join(".", in)))
	if err != nil {
		return part
	}
	defer opened.Close()
	names, err := opened.Readdirnames(-1)
	if err != nil {
		return part
	}
	var same []string
	for _, name := range names {
		if norm.NFC.String(name) == norm.NFC.String(part) {
			same = append(same, name)
		}
	}
	if len(same) == 1 {
		return same[0]
	}
	return part
}
