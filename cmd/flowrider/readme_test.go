package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The table of the README names every command, each in one row.
func TestReadmeNamesEachCommandOnce(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var commands, rows []string
	for _, command := range newRootCommand().Commands() {
		if !command.Hidden {
			commands = append(commands, command.Name())
		}
	}
	table := regexp.MustCompile(`(?s)\n## Commands\n(.*?)\n\n[^|]`).FindSubmatch(page)
	if table == nil {
		t.Fatal("the README has no table of commands")
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+)").FindAllSubmatch(table[1], -1) {
		rows = append(rows, string(row[1]))
	}
	slices.Sort(commands)
	slices.Sort(rows)
	if diff := cmp.Diff(commands, rows); diff != "" {
		t.Errorf("(-commands +rows):\n%s", diff)
	}
}
