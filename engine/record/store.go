package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/flowrider/flowrider/internal/durable"
)

// Local is the folder, below the root folder, of what belongs to this machine
// and is not committed.
const Local = ".flowrider"

// Store is where the records of one project are kept. Its methods may be
// called from many goroutines. Those that read create and change nothing;
// those that write expect the caller to hold the apply lock, and are durable
// when they return nil.
type Store struct {
	root      string // the folder of flowrider.hcl
	top       string // folder of the selected records of all workspaces, slash path below root
	workspace string
	runs      string // folder of the selected records of this workspace, slash path below root
	choices   *Store // what this machine has chosen where those runs lie elsewhere; its runs are laid out as these
	writer    durable.Writer

	mu     sync.Mutex
	id     string                       // of the machine's store of runs; "" until known
	shards map[string]*shard            // history read so far, by file name
	folded map[string]map[string]string // names in a folder of records, by lower case
	placed map[string]string            // what .flowrider/placed says; nil until read
}

// Open names the store of the project in the folder root, whose selected
// records are in runs, a slash path below it. It is that of the default
// workspace; In gives another one's. Nothing is read or made.
func Open(root, runs string, w durable.Writer) *Store {
	return open(root, runs, DefaultWorkspace, w)
}

func open(root, runs, workspace string, w durable.Writer) *Store {
	s := newStore(root, runs, workspace, w)
	s.choices = newStore(root, path.Join(Local, "selected"), workspace, w)
	return s
}

func newStore(root, runs, workspace string, w durable.Writer) *Store {
	return &Store{
		root: root, top: path.Clean(runs), workspace: workspace, runs: path.Join(runs, workspaceFolder(workspace)), writer: w,
		shards: map[string]*shard{}, folded: map[string]map[string]string{},
	}
}

// Prepare makes the folder .flowrider, which ignores itself for git. Writing
// methods do so by themselves; whoever wants to put something else there
// first calls it.
func (s *Store) Prepare() error {
	for {
		_, err := os.Lstat(s.local(".gitignore"))
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		// Whoever has got the lock meanwhile may have removed it half-written, as
		// a leftover, and has made one of its own by then.
		if err = s.writer.WriteFile(s.local(".gitignore"), []byte("*\n")); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
}

// RemoveLeftovers removes temporary files that killed processes have left
// among the records. The caller holds the apply lock.
func (s *Store) RemoveLeftovers() error {
	var errs []error
	for _, top := range []string{s.selected(""), s.choices.selected(""), s.local("."), s.local("history"), s.local("manifests"), s.local("aside"), s.local("attempts"), s.local("journal")} {
		errs = append(errs, s.sweep(top))
		if top == s.local(".") {
			continue // what lies deeper there is not ours
		}
		entries, _ := durable.ReadDir(top)
		for _, entry := range entries {
			if entry.IsDir() && !durable.IsTemp(entry.Name()) {
				errs = append(errs, s.sweep(filepath.Join(top, entry.Name())))
			}
		}
	}
	return errors.Join(errs...)
}

func (s *Store) sweep(folder string) error {
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	dir, err := s.writer.OpenDir(folder)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.RemoveLeftovers()
}

// Runs is the folder of the selected records of all workspaces: a slash path
// below the root.
func (s *Store) Runs() string { return s.top }

// local is the path of a file below .flowrider.
func (s *Store) local(name string) string {
	return filepath.Join(s.root, Local, filepath.FromSlash(name))
}

// below is the absolute path of a slash path below the root.
func (s *Store) below(name string) string {
	return filepath.Join(s.root, filepath.FromSlash(name))
}

// selected is the path of a file below the folder of records.
func (s *Store) selected(name string) string { return s.below(path.Join(s.runs, name)) }

// maxFile bounds what is read of any one file. Records take a few kilobytes,
// a year of history some megabytes.
const maxFile = 256 << 20

// readFile reads the file at the slash path name below folder, and does not
// leave that folder. A file that is not there is fs.ErrNotExist. What is not a
// regular file is not opened for long enough to wait for anybody.
func readFile(folder, name string) ([]byte, fs.FileInfo, error) {
	root, err := durable.OpenRoot(folder)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENOTDIR) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, nil, err
	case !info.Mode().IsRegular():
		return nil, nil, errors.New("not a regular file")
	case info.Size() > maxFile:
		return nil, nil, fmt.Errorf("larger than %d MiB", maxFile>>20)
	}
	data := make([]byte, 0, info.Size()+1)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, info, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

// plain takes the path off an error of the operating system: a Problem names
// its path itself, and not by a path of this machine.
func plain(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return err.Error()
}
