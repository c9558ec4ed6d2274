package eval

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

var fileFunctions = []Function{
	{Name: "basename", Signature: "basename(path)", Help: "the last part of a path", Example: `basename("data/raw/a.csv")`, Result: `"a.csv"`, pure: textFunction(func(s string) (string, error) { return path.Base(s), nil })},
	{Name: "dirname", Signature: "dirname(path)", Help: "a path without its last part", Example: `dirname("data/raw/a.csv")`, Result: `"data/raw"`, pure: textFunction(func(s string) (string, error) { return path.Dir(s), nil })},
	{Name: "file", Signature: "file(path)", Help: "the text of a file in UTF-8", Example: `file("data/notes.txt")`, Result: `"hi\n"`, make: fileFunction},
	{Name: "filebase64", Signature: "filebase64(path)", Help: "the content of a file in Base64", Example: `filebase64("data/notes.txt")`, Result: `"aGkK"`, make: fileBase64Function},
	{Name: "filebase64sha256", Signature: "filebase64sha256(path)", Help: "the SHA-256 of a file, in Base64", Example: `filebase64sha256("data/notes.txt")`, Result: `"mOpuTyFvL7S2n/+bOkSELDhobKaF8/VdxIxdP7EQe+Q="`, make: fileDigest(sha256.New, base64.StdEncoding.EncodeToString)},
	{Name: "filebase64sha512", Signature: "filebase64sha512(path)", Help: "the SHA-512 of a file, in Base64", Example: `substr(filebase64sha512("data/notes.txt"), 0, 12)`, Result: `"14q7BUJzaGX5"`, make: fileDigest(sha512.New, base64.StdEncoding.EncodeToString)},
	{Name: "fileexists", Signature: "fileexists(path)", Help: "whether there is a file of that path", Example: `fileexists("data/notes.txt")`, Result: `true`, make: fileExistsFunction},
	{Name: "filemd5", Signature: "filemd5(path)", Help: "the MD5 of a file, in hexadecimal", Example: `filemd5("data/notes.txt")`, Result: `"764efa883dda1e11db47671c4a3bbd9e"`, make: fileDigest(md5.New, hex.EncodeToString)},
	{Name: "fileset", Signature: "fileset(folder, glob)", Help: "the paths of the files in a folder that a pattern matches, relative to it: * is any name, ** any folders", Example: `fileset("data", "**/*.csv")`, Result: `["raw/a.csv"]`, make: fileSetFunction},
	{Name: "filesha1", Signature: "filesha1(path)", Help: "the SHA-1 of a file, in hexadecimal", Example: `filesha1("data/notes.txt")`, Result: `"55ca6286e3e4f4fba5d0448333fa99fc5a404a73"`, make: fileDigest(sha1.New, hex.EncodeToString)},
	{Name: "filesha256", Signature: "filesha256(path)", Help: "the SHA-256 of a file, in hexadecimal", Example: `substr(filesha256("data/notes.txt"), 0, 12)`, Result: `"98ea6e4f216f"`, make: fileDigest(sha256.New, hex.EncodeToString)},
	{Name: "filesha512", Signature: "filesha512(path)", Help: "the SHA-512 of a file, in hexadecimal", Example: `substr(filesha512("data/notes.txt"), 0, 12)`, Result: `"d78abb054273"`, make: fileDigest(sha512.New, hex.EncodeToString)},
}

// inRoot opens the root folder, which cannot be left, and gives a path below it
// as it is written on disk.
func inRoot(root, name string) (*os.Root, string, error) {
	folder, err := os.OpenRoot(root)
	if err != nil {
		return nil, "", err
	}
	clean := filepath.FromSlash(path.Clean(name))
	if filepath.IsLocal(clean) {
		return folder, onDisk(folder, clean), nil
	}
	folder.Close()
	if below, err := filepath.Rel(root, clean); err == nil && filepath.IsLocal(below) {
		return nil, "", fmt.Errorf("%s is absolute, and paths are relative to the folder of flowrider.hcl: write %q", name, filepath.ToSlash(below))
	}
	return nil, "", fmt.Errorf("%s is outside the root folder; paths are relative to the folder of flowrider.hcl", name)
}

// open opens a file below the root folder. What is no regular file is never
// opened: reading a pipe could wait for ever.
func (l library) open(name string) (*os.File, error) {
	folder, clean, err := inRoot(l.root, name)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	if l.read != nil {
		l.read(name)
	}
	if info, err := folder.Stat(clean); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", name)
	}
	file, err := folder.Open(clean)
	if err != nil {
		return nil, fmt.Errorf("the file %s cannot be read: %w", name, cause(err))
	}
	return file, nil
}

// cause is an error of the file system without the call and the path, which
// are told anyway.
func cause(err error) error {
	if at, ok := errors.AsType[*os.PathError](err); ok {
		return at.Err
	}
	return err
}

// content is that of a file that is short enough for a value.
func (l library) content(name string) ([]byte, error) {
	file, err := l.open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxText+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the file %s cannot be read: %w", name, cause(err))
	case len(content) > maxText:
		return nil, fmt.Errorf("the file %s has more than %d MiB; let the flow read it as a file of its bundle", name, maxText>>20)
	}
	return content, nil
}

func (l library) text(name string) (string, error) {
	content, err := l.content(name)
	if err != nil {
		return "", err
	}
	return string(content), checkText("the file "+name, string(content), "let the flow read it as a file of its bundle, or convert it")
}

func fileFunction(l library) function.Function { return textFunction(l.text) }

func fileBase64Function(l library) function.Function {
	return textFunction(func(name string) (string, error) {
		content, err := l.content(name)
		return base64.StdEncoding.EncodeToString(content), err
	})
}

// fileDigest makes a function of a file's digest, however large it is.
func fileDigest(algorithm func() hash.Hash, encode func([]byte) string) func(library) function.Function {
	return func(l library) function.Function {
		return textFunction(func(name string) (string, error) {
			file, err := l.open(name)
			if err != nil {
				return "", err
			}
			defer file.Close()
			h := algorithm()
			if _, err := io.Copy(h, file); err != nil {
				return "", fmt.Errorf("the file %s cannot be read: %w", name, cause(err))
			}
			return encode(h.Sum(nil)), nil
		})
	}
}

// checkText refuses what is not UTF-8: values are texts, and bytes that are none
// would be lost where they are hashed and recorded.
func checkText(what, text, advice string) error {
	if utf8.ValidString(text) {
		return nil
	}
	at := 0
	for r, size := utf8.DecodeRuneInString(text); r != utf8.RuneError || size > 1; r, size = utf8.DecodeRuneInString(text[at:]) {
		at += size
	}
	return fmt.Errorf("%s is not UTF-8: byte %d, counted from 0, is 0x%02x; %s", what, at, text[at], advice)
}

func fileExistsFunction(l library) function.Function {
	return function.New(&function.Spec{
		Params:       []function.Parameter{{Name: "path", Type: cty.String}},
		Type:         function.StaticReturnType(cty.Bool),
		RefineResult: notNull,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			folder, clean, err := inRoot(l.root, args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			defer folder.Close()
			info, err := folder.Stat(clean)
			return cty.BoolVal(err == nil && info.Mode().IsRegular()), nil
		},
	})
}

func fileSetFunction(l library) function.Function {
	return function.New(&function.Spec{
		Params:       []function.Parameter{{Name: "folder", Type: cty.String}, {Name: "glob", Type: cty.String}},
		Type:         function.StaticReturnType(cty.Set(cty.String)),
		RefineResult: notNull,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			folder, clean, err := inRoot(l.root, args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			defer folder.Close()
			pattern := path.Join(filepath.ToSlash(clean), args[1].AsString())
			matches, err := doublestar.Glob(folder.FS(), pattern, doublestar.WithFilesOnly(), doublestar.WithNoFollow())
			if err != nil {
				return cty.NilVal, function.NewArgErrorf(1, "%q is not a glob", args[1].AsString())
			}
			if err := tooMany(len(matches)); err != nil {
				return cty.NilVal, err
			}
			var values []cty.Value
			for _, match := range matches {
				rel := strings.TrimPrefix(strings.TrimPrefix(match, filepath.ToSlash(clean)), "/")
				if err := checkText(fmt.Sprintf("the name of the file %q", match), rel, "rename it"); err != nil {
					return cty.NilVal, function.NewArgError(0, err)
				}
				values = append(values, cty.StringVal(rel))
			}
			if len(values) == 0 {
				return cty.SetValEmpty(cty.String), nil
			}
			return cty.SetVal(values), nil
		},
	})
}
