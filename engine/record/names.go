package record

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/schema"
)

// fileName is where the record of a flow stands below the folder of records:
// clean.json, or train/forest.json for an instance. It is a slash path.
func fileName(address schema.Address) string {
	if address.Block != "flow" || address.Name == "" {
		panic("record: " + address.String() + " has no record")
	}
	return Basename(address) + ".json"
}

// Basename names files after an address: clean, or train/forest for an instance.
// It is a slash path.
func Basename(address schema.Address) string {
	name := escape(address.Name)
	if address.Keyed {
		name += "/" + escape(address.Key)
	}
	return name
}

// Names longer than maxName are cut and end in a digest; with temporary names
// around them they still fit into the 255 bytes of most file systems.
const (
	maxName = 120
	cutName = 80
)

// escape makes a file name of a flow's name or key. All names are letters,
// digits, "_", "-", "." (not in front) and escapes %XX, so they are valid
// everywhere, show themselves in a terminal, and look alike only when they
// differ in case. Different texts have different names.
func escape(text string) string {
	if text == "" {
		return "%" // a lone % is no escape
	}
	var name strings.Builder
	end := 0 // of the longest prefix that is not cut within an escape
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.' && i > 0:
			name.WriteByte(c)
		default:
			fmt.Fprintf(&name, "%%%02X", c)
		}
		if name.Len() <= cutName {
			end = name.Len()
		}
	}
	if name.Len() <= maxName {
		return name.String()
	}
	sum := sha256.Sum256([]byte(text))
	return name.String()[:end] + "%~" + hex.EncodeToString(sum[:16])
}

// CheckNames refuses addresses whose records would have file names that
// differ only in case: some file systems hold them for one.
func CheckNames(addresses []schema.Address) error {
	sorted := slices.Clone(addresses)
	slices.SortFunc(sorted, func(a, b schema.Address) int { return strings.Compare(a.String(), b.String()) })
	first := map[string]schema.Address{} // by folded path, of files and of folders
	for _, address := range sorted {
		name := fileName(address)
		for _, part := range []string{name, strings.Split(name, "/")[0]} {
			folded := strings.ToLower(part)
			other, seen := first[folded]
			if !seen {
				first[folded] = address
				continue
			}
			if theirs := fileName(other); theirs != name && !strings.HasPrefix(theirs, part) {
				return twinError(other.String(), address.String())
			}
		}
	}
	return nil
}

func twinError(a, b string) error {
	return fmt.Errorf("%s and %s differ only in case, and some file systems would keep one record for both; "+
		"rename one of them", a, b)
}
