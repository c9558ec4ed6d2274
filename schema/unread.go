package schema

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/internal/limit"
)

// Unread says which file of the root folder declares what is not declared, in
// words that stand after "There is no …", where that file is not read because of
// its name; "" where there is none.
func (c *Config) Unread(address Address) string {
	c.lookOnce.Do(func() { c.unread = c.lookAtUnread() })
	name := c.unread[address.Whole()]
	if name == "" {
		return ""
	}
	return fmt.Sprintf("%s declares it and is not read: only %s, *.flow.hcl and *.flow.hcl.json are. Rename it to %s.", name, FileName, readName(name))
}

// UnreadFiles says of each file of the root folder that is not read because of its
// name, and that declares what no other program has, that it is so.
func (c *Config) UnreadFiles() (notes []string) {
	first := c.unreadFirst()
	for _, name := range slices.Sorted(maps.Keys(first)) {
		notes = append(notes, fmt.Sprintf("%s declares %s and is not read: only %s, *.flow.hcl and *.flow.hcl.json are; as %s it is", name, first[name], FileName, readName(name)))
	}
	return notes
}

// unreadFirst are those files, each with the first of what it declares that no other
// program has.
func (c *Config) unreadFirst() map[string]Address {
	c.lookOnce.Do(func() { c.unread = c.lookAtUnread() })
	first := map[string]Address{}
	for address, name := range c.unread {
		known, ok := first[name]
		if own := slices.Contains([]string{"flow", "hook", "environment"}, address.Block); own && (!ok || address.String() < known.String()) {
			first[name] = address
		}
	}
	return first
}

// lookAtUnread reads the files that look like those of a configuration, and are
// none by their names, for what they declare.
func (c *Config) lookAtUnread() map[Address]string {
	found := map[Address]string{}
	folder, err := os.OpenRoot(c.Root)
	if err != nil {
		return found
	}
	defer folder.Close()
	entries, _ := os.ReadDir(c.Root) // sorted
	for _, entry := range entries[:min(len(entries), maxFiles)] {
		name := entry.Name()
		if readName(name) == "" || IsConfigFile(name) || strings.HasSuffix(name, ".vars.hcl") {
			continue
		}
		source, err := limit.ReadFile(folder, name, maxFileBytes)
		if err != nil {
			continue
		}
		if _, diags := newMeter().checkLimits(name, source); diags.HasErrors() {
			continue
		}
		file := &configFile{name: name, source: source}
		file.decode(0)
		for _, block := range file.part.blocks() {
			if found[block.Address] == "" {
				found[block.Address] = name
			}
		}
	}
	return found
}

// readName is a name under which such a file would be read; "" for other files.
func readName(name string) string {
	for _, end := range []string{".hcl", ".tf"} {
		for _, format := range []string{"", ".json"} {
			if stem, ok := strings.CutSuffix(name, end+format); ok && stem != "" {
				return stem + ".flow.hcl" + format
			}
		}
	}
	return ""
}
