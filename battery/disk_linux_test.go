package battery_test

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/internal/testenv"
)

// diskSize is that of the disks whose power is cut.
const diskSize = 24 << 20

// happening is what a logged disk has seen: a write, a flush, or what a program
// has said in between.
type happening struct {
	Offset int
	Data   []byte // of a write
	Said   string
	Flush  bool
}

// loggedDisk is a folder with two files: disk, which a file system can be made
// on, and said, for the output of a program. What comes to them is noted in one
// order: a write is there before the one who writes goes on.
//
// It is served by a process of its own. Were that the one that has the file
// system mounted, its end could wait for itself.
type loggedDisk struct {
	dir, log string
	server   *exec.Cmd
}

// serveDisk names, to the process that serves a disk: the folder that it shall
// be at, the file with its first content, and the one for what happens.
const serveDisk = "FLOWRIDER_BATTERY_DISK"

func init() {
	if text := os.Getenv(serveDisk); text != "" {
		parts := strings.Split(text, "\n")
		if err := serve(parts[0], parts[1], parts[2]); err != nil {
			fmt.Println(err)
		}
		os.Exit(1)
	}
}

// mountLogged starts to serve a disk with the content of a file.
func mountLogged(t *testing.T, content string) *loggedDisk {
	t.Helper()
	d := &loggedDisk{dir: t.TempDir(), log: filepath.Join(t.TempDir(), "log")}
	d.server = exec.Command(os.Args[0])
	d.server.Env = append(os.Environ(), serveDisk+"="+strings.Join([]string{d.dir, content, d.log}, "\n"))
	d.server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := d.server.StdoutPipe()
	if err == nil {
		err = d.server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.end)
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "served\n" {
		testenv.Unable(t, fmt.Errorf("there is no FUSE: %s %w", line, err))
	}
	return d
}

// end takes the disk away.
func (d *loggedDisk) end() {
	d.server.Process.Kill()
	d.server.Wait()
	unix.Unmount(d.dir, unix.MNT_DETACH)
}

// happened is what there has been. The disk is ended.
func (d *loggedDisk) happened(t *testing.T) []happening {
	t.Helper()
	d.end()
	file, err := os.Open(d.log)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var list []happening
	for decoder := gob.NewDecoder(bufio.NewReader(file)); ; {
		var h happening
		if err := decoder.Decode(&h); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, h)
	}
}

// serve serves a disk until it is killed.
func serve(dir, content, log string) error {
	data, err := os.ReadFile(content)
	if err != nil {
		return err
	}
	file, err := os.Create(log)
	if err != nil {
		return err
	}
	d := &servedDisk{content: data, log: gob.NewEncoder(file)}
	server, err := fs.Mount(dir, &diskFolder{disk: d}, &fs.Options{MountOptions: fuse.MountOptions{DirectMountStrict: true}})
	if err != nil {
		return err
	}
	fmt.Println("served")
	server.Wait()
	return nil
}

// servedDisk is a logged disk where it is served.
type servedDisk struct {
	mu      sync.Mutex
	content []byte
	log     *gob.Encoder
}

func (d *servedDisk) note(h happening) syscall.Errno {
	if err := d.log.Encode(h); err != nil {
		return syscall.EIO
	}
	return 0
}

// diskFolder is the root of a logged disk.
type diskFolder struct {
	fs.Inode
	disk *servedDisk
}

func (f *diskFolder) OnAdd(ctx context.Context) {
	for name, said := range map[string]bool{"disk": false, "said": true} {
		node := f.NewPersistentInode(ctx, &diskFile{disk: f.disk, said: said}, fs.StableAttr{Mode: syscall.S_IFREG})
		f.AddChild(name, node, true)
	}
}

// diskFile is one of its two files.
type diskFile struct {
	fs.Inode
	disk *servedDisk
	said bool
}

func (f *diskFile) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	out.Mode = syscall.S_IFREG | 0o666
	if !f.said {
		out.Size = uint64(len(f.disk.content))
	}
	return 0
}

func (f *diskFile) Setattr(ctx context.Context, h fs.FileHandle, _ *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	return f.Getattr(ctx, h, out)
}

// Open lets what is said come in at once, without the page cache.
func (f *diskFile) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if f.said {
		return nil, fuse.FOPEN_DIRECT_IO, 0
	}
	return nil, 0, 0
}

func (f *diskFile) Read(_ context.Context, _ fs.FileHandle, to []byte, offset int64) (fuse.ReadResult, syscall.Errno) {
	d := f.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.said || int(offset) >= len(d.content) {
		return fuse.ReadResultData(nil), 0
	}
	return fuse.ReadResultData(to[:copy(to, d.content[offset:])]), 0
}

func (f *diskFile) Write(_ context.Context, _ fs.FileHandle, data []byte, offset int64) (uint32, syscall.Errno) {
	d := f.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.said {
		return uint32(len(data)), d.note(happening{Said: string(data)})
	}
	if int(offset)+len(data) > len(d.content) {
		return 0, syscall.ENOSPC
	}
	copy(d.content[offset:], data)
	return uint32(len(data)), d.note(happening{Offset: int(offset), Data: data})
}

func (f *diskFile) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return f.disk.note(happening{Flush: true})
}

// newExt4 is an empty ext4, with a journal as small as one can be, so that it
// is gone through often.
func newExt4(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(path, make([]byte, diskSize), 0o600); err != nil {
		t.Fatal(err)
	}
	mkfs := exec.Command("mkfs.ext4", "-q", "-F", "-b", "1024", "-N", "8192", "-J", "size=1", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", path)
	if out, err := mkfs.CombinedOutput(); err != nil {
		testenv.Unable(t, fmt.Errorf("mkfs.ext4: %w\n%s", err, out))
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// mountImage mounts the ext4 in a file until unmount is called, or the test
// ends.
func mountImage(t *testing.T, path, dir, options string) (unmount func()) {
	t.Helper()
	device, release := attachLoop(t, path)
	err := unix.Mount(device, dir, "ext4", 0, options)
	release() // the mount holds it now
	if err != nil {
		t.Fatalf("%s cannot be mounted: %v", path, err)
	}
	done := false
	unmount = func() {
		if done {
			return
		}
		done = true
		if err := unix.Unmount(dir, 0); err != nil {
			unix.Unmount(dir, unix.MNT_DETACH)
			t.Errorf("%s cannot be unmounted: %v", dir, err)
		}
	}
	t.Cleanup(unmount)
	return unmount
}

// attachLoop makes a loop device of a file. It goes when nobody uses it.
func attachLoop(t *testing.T, path string) (device string, release func()) {
	t.Helper()
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		testenv.Unable(t, fmt.Errorf("there are no loop devices: %w", err))
	}
	defer control.Close()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for {
		number, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			testenv.Unable(t, fmt.Errorf("there is no free loop device: %w", err))
		}
		device := fmt.Sprintf("/dev/loop%d", number)
		loop, err := os.OpenFile(device, os.O_RDWR, 0)
		if err != nil {
			testenv.Unable(t, err)
		}
		config := &unix.LoopConfig{Fd: uint32(file.Fd()), Size: 512, Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR}}
		switch err := unix.IoctlLoopConfigure(int(loop.Fd()), config); {
		case err == nil:
			return device, func() { loop.Close() }
		case !errors.Is(err, unix.EBUSY): // somebody else was faster
			t.Fatalf("%s: %v", device, err)
		}
		loop.Close()
	}
}
