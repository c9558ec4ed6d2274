package durable

import (
	"io"
	"path/filepath"
)

// append extends the file name by what compose makes, and syncs it. compose
// sees the file and its size, and may shorten it. If the data cannot be
// written whole, what was written of it is taken back.
func (d *Dir) append(name string, compose func(size int64, f File) ([]byte, error)) (err error) {
	if err := checkName(name); err != nil {
		return err
	}
	f, err := d.folder.Extend(name)
	if err != nil {
		return d.failed(name, err)
	}
	defer func() {
		if closeErr := f.Close(); err == nil && closeErr != nil {
			err = &Unsure{Path: filepath.Join(d.path, name), Err: closeErr}
		}
	}()
	size, err := f.Size()
	if err != nil {
		return d.failed(name, err)
	}
	data, err := compose(size, f)
	if err != nil {
		return d.failed(name, err)
	}
	if size, err = f.Size(); err != nil {
		return d.failed(name, err)
	}
	n, err := f.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err != nil {
		f.Truncate(size) // the next append mends what this cannot
		return d.failed(name, sized(err, len(data)))
	}
	if err := f.Sync(); err != nil {
		return &Unsure{Path: filepath.Join(d.path, name), Err: err}
	}
	return d.confirm(name)
}

// confirm makes the entry of a file durable, unless this process has done so
// before.
func (d *Dir) confirm(name string) error {
	path := filepath.Join(d.path, name)
	if _, known := d.shared.synced.Load(path); known {
		return nil
	}
	if err := d.syncFolder(); err != nil {
		return &Unsure{Path: path, Err: err}
	}
	d.shared.synced.Store(path, true)
	return nil
}
