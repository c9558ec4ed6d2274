package hook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
)

// Cache keeps the answers of pure hooks in a folder, so that a heavy import is
// not paid for on each plan. It may vanish at any time; where it cannot be
// written, it is not.
type Cache struct{ Dir string }

// Key is what an answer is kept by: the call, the digest of the project's files
// that it may read and that of the environment.
func Key(call Call, code, environment string) string {
	text, err := json.Marshal([]any{"flowrider hook 2", call.Module, call.Function, list(call.Args), object(call.Kwargs), code, environment, call.Argv, call.Env, call.Text})
	if err != nil {
		panic("hook: " + err.Error()) // the arguments are JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// kept is the file of an answer. The sum tells a torn one.
type kept struct {
	Value json.RawMessage `json:"value"`
	Sum   string          `json:"sum"`
}

// Find is the answer kept under a key.
func (c Cache) Find(key string) (json.RawMessage, bool) {
	text, err := os.ReadFile(filepath.Join(c.Dir, key+".json"))
	var answer kept
	if err != nil || json.Unmarshal(text, &answer) != nil || answer.Sum != sumOf(key, answer.Value) {
		return nil, false
	}
	return answer.Value, true
}

// Keep keeps an answer, where the folder can be written.
func (c Cache) Keep(key string, value json.RawMessage) {
	text, err := json.Marshal(kept{value, sumOf(key, value)})
	if err != nil || os.MkdirAll(c.Dir, 0o755) != nil {
		return
	}
	file, err := os.CreateTemp(c.Dir, ".tmp-*")
	if err != nil {
		return
	}
	defer os.Remove(file.Name()) // gone after the rename
	_, err = file.Write(text)
	if file.Close() == nil && err == nil {
		_ = os.Rename(file.Name(), filepath.Join(c.Dir, key+".json")) // a cache: what is not kept is called again
	}
}

func sumOf(key string, value json.RawMessage) string {
	sum := sha256.Sum256([]byte(key + "\n" + string(value)))
	return hex.EncodeToString(sum[:])
}
