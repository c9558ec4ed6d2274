package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// textName is where the text with a digest is kept, below .flowrider:
// manifests/3f/3f81…
func textName(digest string) (string, bool) {
	digits, ok := strings.CutPrefix(digest, "h1:")
	raw, err := hex.DecodeString(digits)
	if !ok || err != nil || len(raw) != sha256.Size || digits != strings.ToLower(digits) {
		return "", false
	}
	return "manifests/" + digits[:2] + "/" + digits, true
}

// TextPath is where the text with a digest is kept: a slash path below the
// root, or "" for what is no digest.
func TextPath(digest string) string {
	name, ok := textName(digest)
	if !ok {
		return ""
	}
	return path.Join(Local, name)
}

// PutText keeps a text, such as a manifest or a list of files, under its
// digest. Nothing is written if it is there.
func (s *Store) PutText(digest, text string) error {
	name, ok := textName(digest)
	if !ok {
		return fmt.Errorf("%q is not a digest", digest)
	}
	if there, ok, _ := s.Text(digest); ok && there == text {
		// Perhaps by a process that was killed before it had synced.
		dir, err := s.writer.OpenDir(filepath.Dir(s.local(name)))
		if err != nil {
			return err
		}
		defer dir.Close()
		return dir.Sync()
	}
	if err := s.Prepare(); err != nil {
		return err
	}
	data := []byte(text)
	if digestOf(data) != digest {
		data = append([]byte(textHead(digest, text)), data...)
	}
	return s.writer.WriteFile(s.local(name), data)
}

// Text finds the text with a digest. One that was changed in any way is not
// found, and named.
func (s *Store) Text(digest string) (text string, ok bool, problem *Problem) {
	name, ok := textName(digest)
	if !ok {
		return "", false, nil
	}
	data, _, err := readFile(s.local(""), name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", false, nil
	case err != nil:
		return "", false, &Problem{Path: TextPath(digest), Reason: "cannot be read: " + plain(err)}
	}
	if text, ok = verifyText(digest, data); !ok {
		return "", false, &Problem{Path: TextPath(digest), Reason: "was changed: it is not the text with that digest"}
	}
	return text, true, nil
}

// verifyText takes the text out of the content of its file.
func verifyText(digest string, data []byte) (string, bool) {
	if digestOf(data) == digest {
		return string(data), true
	}
	// The digest is of something else than the text itself: of the files that
	// a list names, for example.
	if line := bytes.IndexByte(data, '\n') + 1; line > 0 {
		text := string(data[line:])
		if string(data[:line]) == textHead(digest, text) {
			return text, true
		}
	}
	return "", false
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return "h1:" + hex.EncodeToString(sum[:])
}

// textHead is the first line of a file whose digest is not that of its text.
// It proves that this text was kept under this digest.
func textHead(digest, text string) string {
	sum := sha256.Sum256([]byte(digest + "\n" + text))
	return fmt.Sprintf("FRT1 %s sha256:%x\n", digest, sum)
}
