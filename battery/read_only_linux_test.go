package battery_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/internal/testenv"
)

// T07: where records could not be written, plan works as ever, and apply says
// which folder it is and starts nothing. Records stay as they are.
func TestT07NothingCanBeWritten(t *testing.T) {
	program(t, "")
	if !testenv.Private(t) {
		return
	}
	places := []struct {
		name  string
		makes func(p *project)
		names string // in the message
	}{
		{"read-only file system", (*project).freeze, "read-only"},
		{"read-only runs", bound("runs"), "runs"},
		{"read-only .flowrider", bound(".flowrider"), ".flowrider"},
		{"read-only history", bound(".flowrider/history"), ".flowrider/history"},
		{"read-only journals", bound(".flowrider/journal"), ".flowrider/journal"},
		{"all folders 0555", closed("."), "runs"},
		{"runs 0555", closed("runs"), "runs"},
		{".flowrider 0555", closed(".flowrider"), ".flowrider"},
		{"history 0555", closed(".flowrider/history"), ".flowrider/history"},
		{"manifests 0555", closed(".flowrider/manifests"), ".flowrider/manifests"},
		{"journals 0555", closed(".flowrider/journal"), ".flowrider/journal"},
		{"lock 0444", func(p *project) { p.asNobody(); p.chmod(".flowrider/lock", 0o444) }, ".flowrider/lock"},
		{"immutable record", immutable("runs/f/a.json"), "runs/f/a.json"},
		{"immutable runs", immutable("runs"), "runs"},
		{"immutable folder of instances", immutable("runs/f"), "runs/f"},
	}
	refused := 0
	for _, place := range places {
		t.Run(place.name, func(t *testing.T) {
			dir := mountDisk(t, roomy)
			p := newProject(t, dir, writers)
			before := reported(p.must("apply", "--json").out)
			place.makes(p)
			p.must("plan", "--var", "v=2")
			ended := p.run("apply", "--json", "--var", "v=2")
			if ended.code != 1 || !strings.Contains(ended.errors, place.names) {
				t.Errorf("exit %d, want 1 and a message that names %s:\n%s", ended.code, place.names, ended.errors)
			}
			if strings.Contains(ended.out, `"preparing"`) || strings.Contains(ended.out, `"running"`) {
				t.Errorf("a flow was started:\n%s", ended.out)
			}
			runs, problems := recorded(dir)
			for address, run := range before {
				if runs[address] != run || len(problems) > 0 {
					t.Errorf("the record of %s is not as it was: %q, %v", address, runs[address], problems)
				}
			}
			if !t.Failed() {
				refused++
			}
		})
	}
	t.Run("nobody may", func(t *testing.T) { // or the others would prove nothing
		p := newProject(t, mountDisk(t, roomy), writers)
		p.must("apply")
		p.asNobody()
		p.must("apply", "--var", "v=2")
	})
	testenv.Figure(t, "T07", "%d of %d places: plan works, apply refuses before any flow starts and names the place", refused, len(places))
}

// freeze makes the whole file system read-only.
func (p *project) freeze() {
	p.t.Helper()
	if err := unix.Mount("tmpfs", p.dir, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		p.t.Fatal(err)
	}
}

// bound makes a folder a read-only mount.
func bound(name string) func(p *project) {
	return func(p *project) {
		p.t.Helper()
		path := filepath.Join(p.dir, name)
		err := unix.Mount(path, path, "", unix.MS_BIND, "")
		if err == nil {
			err = unix.Mount("", path, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, "")
		}
		if err != nil {
			p.t.Fatal(err)
		}
		p.t.Cleanup(func() { unix.Unmount(path, unix.MNT_DETACH) })
	}
}

// closed takes the right to write in a folder from somebody who is not root.
func closed(name string) func(p *project) {
	return func(p *project) {
		p.t.Helper()
		p.asNobody()
		err := filepath.WalkDir(filepath.Join(p.dir, name), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				err = os.Chmod(path, 0o555)
			}
			return err
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *project) chmod(name string, mode fs.FileMode) {
	p.t.Helper()
	if err := os.Chmod(filepath.Join(p.dir, name), mode); err != nil {
		p.t.Fatal(err)
	}
}

// asNobody gives all files to a user without rights, who runs what comes.
func (p *project) asNobody() {
	p.t.Helper()
	const nobody = 65534
	p.user = &syscall.Credential{Uid: nobody, Gid: nobody}
	err := filepath.WalkDir(p.dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(path, nobody, nobody)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// immutable forbids everybody to change a file or a folder.
func immutable(name string) func(p *project) {
	return func(p *project) {
		p.t.Helper()
		path := filepath.Join(p.dir, name)
		if out, err := exec.Command("chattr", "+i", path).CombinedOutput(); err != nil {
			p.t.Fatalf("chattr: %v\n%s", err, out)
		}
		p.t.Cleanup(func() { exec.Command("chattr", "-i", path).Run() })
	}
}
