package record

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/internal/sealed"
)

// StoreID is the identity of this machine's store of runs, which records name
// where the runs themselves are local: a random ID in .flowrider/store. It is
// made if there is none.
func (s *Store) StoreID() (string, error) {
	id, err := s.KnownStoreID()
	if id != "" || err != nil {
		return id, err
	}
	if err := s.Prepare(); err != nil {
		return "", err
	}
	id = "local:" + strings.ToLower(ulid.MustNew(ulid.Now(), rand.Reader).String())
	return id, s.writer.WriteFile(s.local("store"), []byte(storeText(id)))
}

// storeText is the file of a store's ID: the ID and a checksum, since one wrong
// letter would make another ID of it.
func storeText(id string) string {
	line := id + "\n"
	return line + sealed.Checksum([]byte(line)) + "\n"
}

// KnownStoreID is StoreID for commands that only read: it is empty if there
// is none yet.
func (s *Store) KnownStoreID() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id != "" {
		return s.id, nil
	}
	data, _, err := readFile(s.local(""), "store")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	where := Local + "/store"
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %s", where, plain(err))
	}
	id, _, _ := strings.Cut(string(data), "\n")
	random, ok := strings.CutPrefix(id, "local:")
	if _, err := ulid.ParseStrict(random); !ok || err != nil || storeText(id) != string(data) {
		return "", fmt.Errorf("%s does not hold the ID of a store; restore it, or remove it and lose touch with the runs on this machine", where)
	}
	s.id = id
	return id, nil
}
