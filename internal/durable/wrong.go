package durable

import "io/fs"

// Wrong is a backend for tests that leaves out what must not be left out, and
// says that it was done: what it loses shows why each step is there.
type Wrong struct {
	Backend
	NoFileSync   bool // files are not synced
	NoFolderSync bool // nor folders
	InPlace      bool // what should replace a file is written into it
}

// OpenFolder implements Backend.
func (w Wrong) OpenFolder(path string) (Folder, error) {
	folder, err := w.Backend.OpenFolder(path)
	if err != nil {
		return nil, err
	}
	return wrongFolder{folder, w}, nil
}

type wrongFolder struct {
	Folder
	wrong Wrong
}

func (d wrongFolder) Create(name string, perm fs.FileMode) (File, error) {
	return d.file(d.Folder.Create(name, perm))
}

func (d wrongFolder) Extend(name string) (File, error) { return d.file(d.Folder.Extend(name)) }

func (d wrongFolder) file(f File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return wrongFile{f, d.wrong}, nil
}

func (d wrongFolder) Sync(name string) error {
	if d.wrong.NoFolderSync {
		return nil
	}
	return d.Folder.Sync(name)
}

func (d wrongFolder) Same(other Folder) bool {
	there, ok := other.(wrongFolder)
	return ok && d.Folder.Same(there.Folder)
}

func (d wrongFolder) Rename(from, to string) error {
	if d.wrong.InPlace {
		if done, err := d.rewrite(from, to); done {
			return err
		}
	}
	return d.Folder.Rename(from, to)
}

// rewrite copies a file over another one. It is not done where from is none.
func (d wrongFolder) rewrite(from, to string) (done bool, err error) {
	source, err := d.Folder.Extend(from)
	if err != nil {
		return false, nil
	}
	defer source.Close()
	size, err := source.Size()
	if err != nil {
		return true, err
	}
	data := make([]byte, size)
	if _, err := source.ReadAt(data, 0); err != nil && size > 0 {
		return true, err
	}
	target, err := d.Folder.Extend(to)
	if err != nil {
		return true, err
	}
	defer target.Close()
	if err := target.Truncate(0); err != nil {
		return true, err
	}
	if _, err := target.Write(data); err != nil {
		return true, err
	}
	if err := target.Sync(); err != nil {
		return true, err
	}
	return true, d.Folder.Remove(from)
}

type wrongFile struct {
	File
	wrong Wrong
}

func (f wrongFile) Sync() error {
	if f.wrong.NoFileSync {
		return nil
	}
	return f.File.Sync()
}
