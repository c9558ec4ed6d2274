// Package python carries the Python package flowrider inside the program, and
// unpacks it where the interpreters of flows and hooks find it.
//
// It runs no Python. What the package does is its own affair
// (flowrider/__init__.py), and putting it on PYTHONPATH is that of whoever
// starts an interpreter.
package python

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The patterns name sources only: no byte code, no tests.
//
//go:embed flowrider/*.py flowrider/py.typed
var sources embed.FS

// Install makes the package importable from a folder below dir, the cache
// folder, and returns that folder's absolute path, for PYTHONPATH. Each
// version of the package has its own folder there, python/<digest>, so that
// programs of several versions share a cache. It is made once; one that was
// damaged is made anew. Concurrent calls are safe, in other processes too.
func Install(dir string) (path string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	files, err := readSources()
	if err != nil {
		return "", err
	}
	parent := filepath.Join(dir, "python")
	path = filepath.Join(parent, files.digest())
	if files.standIn(path) {
		return path, nil
	}
	if err := files.place(parent, path); err != nil {
		return "", fmt.Errorf("the Python package flowrider cannot be unpacked below %s: %w; set FLOWRIDER_CACHE_DIR to a folder that can be written", dir, err)
	}
	return path, nil
}

// source is one file of the package.
type source struct {
	path string // slash path: flowrider/client.py
	text []byte
}

type sourceFiles []source // sorted by path

func readSources() (sourceFiles, error) {
	var files sourceFiles
	err := fs.WalkDir(sources, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := sources.ReadFile(path)
		files = append(files, source{path, text})
		return err
	})
	return files, err
}

// digest names this version of the package.
func (files sourceFiles) digest() string {
	hash := sha256.New()
	for _, file := range files {
		fmt.Fprintf(hash, "%s %d\n%s\n", file.path, len(file.text), file.text)
	}
	return hex.EncodeToString(hash.Sum(nil))[:32]
}

// standIn says whether the folder holds all files as they should be. Byte
// code beside them is Python's own business.
func (files sourceFiles) standIn(folder string) bool {
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(file.path)))
		if err != nil || !bytes.Equal(text, file.text) {
			return false
		}
	}
	return true
}

// place writes the files to a private folder beside path and moves it there,
// so that nobody ever imports half a package.
func (files sourceFiles) place(parent, path string) error {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	private, err := os.MkdirTemp(parent, ".new-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(private)
	if err := os.Chmod(private, 0o755); err != nil {
		return err
	}
	for _, file := range files {
		target := filepath.Join(private, filepath.FromSlash(file.path))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, file.text, 0o644); err != nil {
			return err
		}
	}
	for {
		err := os.Rename(private, path)
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return err
		}
		// Somebody was faster, or a damaged folder stands in the way.
		if files.standIn(path) {
			return nil
		}
		if err := files.clear(parent, path); err != nil {
			return err
		}
	}
}

// clear moves a damaged folder out of the way and deletes it there.
func (files sourceFiles) clear(parent, path string) error {
	aside, err := os.MkdirTemp(parent, ".old-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	err = os.Rename(path, filepath.Join(aside, "flowrider"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody else has cleared it
	}
	return err
}
