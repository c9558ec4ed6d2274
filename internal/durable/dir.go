package durable

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/oklog/ulid/v2"
)

// Dir is an open folder whose files are written durably.
type Dir struct {
	path   string // absolute
	folder Folder
	shared *shared
}

// Unsure is the error of a write that was made but may not survive a power
// cut: the new content is in place, and the last fsync failed. Whoever gets
// it must not report the content as recorded.
type Unsure struct {
	Path string
	Err  error
}

func (e *Unsure) Error() string {
	return fmt.Sprintf("%s was written but may not survive a power cut: %v", e.Path, e.Err)
}

func (e *Unsure) Unwrap() error { return e.Err }

// OpenDir is like the function OpenDir.
func (w Writer) OpenDir(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	s := w.state()
	folder, err := s.backend.OpenFolder(path)
	missing := errors.Is(err, fs.ErrNotExist) && filepath.Dir(path) != path
	if missing {
		if err := w.makeDir(path); err != nil {
			return nil, err
		}
		folder, err = s.backend.OpenFolder(path)
	}
	if err != nil {
		return nil, fmt.Errorf("folder %s cannot be opened: %w", path, err)
	}
	if _, known := s.synced.Load(path); !known {
		if err := w.syncParent(path, missing); err != nil {
			folder.Close()
			return nil, err
		}
		s.synced.Store(path, true)
	}
	return &Dir{path: path, folder: folder, shared: s}, nil
}

// makeDir creates the folder at path; its entry above is not yet durable.
// Only the last folder of a path can be in that state: OpenDir of the one
// above has made sure of its own entry before anything was made in it.
func (w Writer) makeDir(path string) error {
	parent, err := w.OpenDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer parent.Close()
	if err := parent.folder.Mkdir(filepath.Base(path)); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("folder %s cannot be created: %w", path, err)
	}
	return nil
}

// syncParent makes the entry of the folder at path durable in the folder
// above it. Unless this process made it, a folder above that we may not read
// is passed over: it is not one of ours, and neither are its entries.
func (w Writer) syncParent(path string, made bool) error {
	if filepath.Dir(path) == path {
		return nil
	}
	parent, err := w.state().backend.OpenFolder(filepath.Dir(path))
	if errors.Is(err, fs.ErrPermission) && !made {
		return nil
	}
	if err == nil {
		err = parent.Sync(".")
		parent.Close()
	}
	if err != nil {
		return &Unsure{Path: path, Err: err}
	}
	return nil
}

// Path is the absolute path of the folder.
func (d *Dir) Path() string { return d.path }

// Close releases the folder. What was written stays.
func (d *Dir) Close() error { return d.folder.Close() }

// Options change how a file is written.
type Options struct {
	Perm  fs.FileMode  // 0 means 0644; the umask is taken off
	Mode  fs.FileMode  // exactly this, whatever the umask; 0 means Perm
	Check func() error // called last before the new content takes its place; an error prevents that
}

// Write replaces the content of the file name, or creates it, so that data is
// durable when Write returns nil. After any other end the old content is
// there, or the new one; an *Unsure error says that it is the new one but may
// not stay. name is a name in this folder, not a path.
func (d *Dir) Write(name string, data []byte) error {
	return d.WriteWith(name, data, Options{})
}

// WriteWith is Write with options. An error of opts.Check is returned as it is.
func (d *Dir) WriteWith(name string, data []byte, opts Options) error {
	if err := checkName(name); err != nil {
		return err
	}
	temp, err := d.writeTemp(name, data, opts)
	if err != nil {
		// A failed fsync may have dropped the data, and a second fsync of the
		// same file would not say so. A new file starts from nothing.
		if !errors.Is(err, errNotSynced) {
			return d.failed(name, sized(err, len(data)))
		}
		if temp, err = d.writeTemp(name, data, opts); err != nil {
			return d.failed(name, sized(err, len(data)))
		}
	}
	if opts.Check != nil {
		if err := opts.Check(); err != nil {
			d.folder.Remove(temp)
			return err
		}
	}
	if err := d.folder.Rename(temp, name); err != nil {
		d.folder.Remove(temp)
		return d.failed(name, err)
	}
	if err := d.syncFolder(); err != nil {
		return &Unsure{Path: filepath.Join(d.path, name), Err: err}
	}
	return nil
}

var errNotSynced = errors.New("not synced")

// writeTemp writes data to a new temporary file beside name and syncs it. It
// leaves nothing behind when it fails; errNotSynced says that another try
// makes sense.
func (d *Dir) writeTemp(name string, data []byte, opts Options) (_ string, err error) {
	temp := tempName(name)
	f, err := d.folder.Create(temp, cmp.Or(opts.Mode, opts.Perm, 0o644))
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			d.folder.Remove(temp)
		}
	}()
	n, err := f.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err == nil && opts.Mode != 0 {
		err = f.Chmod(opts.Mode)
	}
	if err != nil {
		f.Close()
		return "", err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return "", fmt.Errorf("%w: %w", errNotSynced, err)
	}
	if err := f.Close(); err != nil {
		return "", fmt.Errorf("%w: %w", errNotSynced, err)
	}
	return temp, nil
}

// Remove deletes the file name durably. A file that is not there is not an
// error.
func (d *Dir) Remove(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := d.folder.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s could not be removed: %w", filepath.Join(d.path, name), err)
	}
	return d.Sync()
}

// RemoveTrees deletes files and folders durably. Nobody ever sees a part of one
// under its name: what a crash leaves has that of a leftover. One that cannot
// be deleted is none of the others.
func (d *Dir) RemoveTrees(names ...string) error {
	var errs []error
	for _, name := range names {
		err := checkName(name)
		if err == nil {
			err = d.removeTree(name)
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, d.Sync())...)
}

func (d *Dir) removeTree(name string) error {
	temp := tempName(name)
	err := d.folder.Rename(name, temp)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = d.folder.RemoveAll(temp)
	}
	if err != nil {
		return fmt.Errorf("%s could not be removed: %w", filepath.Join(d.path, name), err)
	}
	return nil
}

// Sync makes durable what others have done to the names in this folder: an
// earlier process may have been killed between its rename and its fsync.
func (d *Dir) Sync() error {
	if err := d.syncFolder(); err != nil {
		return &Unsure{Path: d.path, Err: err}
	}
	return nil
}

// RemoveLeftovers removes the temporary files and folders that killed
// processes have left in this folder. Only the holder of the lock that all
// writers take may call it.
func (d *Dir) RemoveLeftovers() error {
	names, err := d.folder.Names()
	if err != nil {
		return fmt.Errorf("folder %s cannot be read: %w", d.path, err)
	}
	var errs []error
	for _, name := range names {
		if IsTemp(name) {
			errs = append(errs, d.folder.RemoveAll(name))
		}
	}
	return errors.Join(errs...)
}

func (d *Dir) failed(name string, err error) error {
	return fmt.Errorf("%s could not be written: %w", filepath.Join(d.path, name), err)
}

// maxTempStem keeps names of temporary files below the 255 bytes that file
// systems allow.
const maxTempStem = 200

// tempName is a new name for the temporary form of name.
func tempName(name string) string {
	return "." + name[:min(len(name), maxTempStem)] + ".tmp." + ulid.Make().String()
}

// IsTemp says whether name is that of a temporary file or folder of this
// package, which every reader of a folder passes over.
func IsTemp(name string) bool {
	if !strings.HasPrefix(name, ".") {
		return false
	}
	at := strings.LastIndex(name, ".tmp.")
	if at < 1 {
		return false
	}
	_, err := ulid.ParseStrict(name[at+len(".tmp."):])
	return err == nil
}

// checkName refuses what is not a plain name: a path would be written in one
// folder while another one is synced.
func checkName(name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
		return fmt.Errorf("%q is not a file name", name)
	}
	return nil
}
