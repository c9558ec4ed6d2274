package blob

import (
	"errors"
	"path"
	"path/filepath"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/internal/durable"
)

// Displace moves a user's file, folder or link, which is at the path at, out
// of the way, durably, to a new folder each time. kept is where it is then, a
// slash path below the folder root that ends in name, the slash path that the
// user knows it by. With an error nothing has moved.
func Displace(root, at, name string) (kept string, err error) {
	kept = path.Join(".flowrider", "displaced", ulid.Make().String(), name)
	err = durable.Move(at, filepath.Join(root, filepath.FromSlash(kept)))
	var unsure *durable.Unsure
	if err != nil && !errors.As(err, &unsure) {
		return "", err
	}
	return kept, nil
}

// PutAside moves a blob that is not what its digest says out of the store, where
// it is missing from then on. kept is where it is then, as Displace says it.
func (s *Store) PutAside(digest, name string) (kept string, err error) {
	return Displace(filepath.Dir(filepath.Dir(s.folder)), s.Path(digest, name), plainName(name))
}
