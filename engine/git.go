package engine

import (
	"bytes"
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/schema"
)

// gitFacts are what records and git.* say of the repository; all empty
// outside of one, or without git.
type gitFacts struct{ commit, branch, repo string }

// mentionsGit says whether the configuration could refer to git.*: asking git
// takes longer than all the rest of a small plan.
func mentionsGit(config *schema.Config) bool {
	for _, file := range config.Sources {
		if bytes.Contains(file.Bytes, []byte("git.")) {
			return true
		}
	}
	return false
}

func readGit(root string) gitFacts {
	ask := func(arguments ...string) string { return strings.TrimSpace(string(askGit(root, arguments...))) }
	facts := gitFacts{commit: ask("rev-parse", "--verify", "--quiet", "HEAD")}
	if facts.commit == "" {
		return facts
	}
	facts.branch = ask("rev-parse", "--abbrev-ref", "HEAD")
	facts.repo = strings.TrimSuffix(path.Base(filepath.ToSlash(ask("config", "--get", "remote.origin.url"))), ".git")
	if facts.repo == "" || facts.repo == "." {
		facts.repo = filepath.Base(ask("rev-parse", "--show-toplevel"))
	}
	return facts
}

// unmerged is what git has of the two sides of a file that it could not merge,
// by its slash path below root; empty where it has nothing.
func unmerged(root, name string) (ours, theirs []byte) {
	return askGit(root, "cat-file", "blob", ":2:./"+name), askGit(root, "cat-file", "blob", ":3:./"+name)
}

// askGit is what git says, or nothing.
func askGit(root string, arguments ...string) []byte {
	git, err := process.LookPath("git", map[string]string{"PATH": os.Getenv("PATH")}, root)
	if err != nil {
		return nil
	}
	out, err := process.Ask(context.Background(), process.Command{
		Path: git, Args: append([]string{"-C", root}, arguments...), Env: process.Environ(os.Environ(), []string{"*"}),
	})
	if err != nil {
		return nil
	}
	return out
}
