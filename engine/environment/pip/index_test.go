package pip_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/flowrider/flowrider/engine/environment/pip"
	"github.com/flowrider/flowrider/internal/testenv"
)

// index is a package index of our own, that asks for a name and a password;
// below /open/ it does not.
type index struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string][]byte                                 // wheels by file name
	serve func(w http.ResponseWriter, r *http.Request) bool // see intercept
}

const (
	indexUser     = "ann"
	indexPassword = "hunter2"
)

func newIndex(t *testing.T) *index {
	t.Helper()
	x := &index{files: map[string][]byte{}}
	x.Server = httptest.NewServer(x)
	t.Cleanup(x.Close)
	return x
}

// url is the index's address as a pip configuration has it.
func (x *index) url() string {
	return strings.Replace(x.URL, "://", "://"+indexUser+":"+indexPassword+"@", 1) + "/simple"
}

// release publishes a wheel with one module that holds its version.
func (x *index) release(t *testing.T, name, version string, requires ...string) {
	t.Helper()
	info := fmt.Sprintf("%s-%s.dist-info/", name, version)
	metadata := fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", name, version)
	for _, requirement := range requires {
		metadata += "Requires-Dist: " + requirement + "\n"
	}
	contents := map[string]string{
		name + "/__init__.py": fmt.Sprintf("version = %q\n", version),
		info + "METADATA":     metadata,
		info + "WHEEL":        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
	}
	record := info + "RECORD,,\n"
	var wheel bytes.Buffer
	archive := zip.NewWriter(&wheel)
	for _, file := range slices.Sorted(maps.Keys(contents)) {
		record += file + ",,\n"
		addFile(t, archive, file, contents[file])
	}
	addFile(t, archive, info+"RECORD", record)
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.files[fmt.Sprintf("%s-%s-py3-none-any.whl", name, version)] = wheel.Bytes()
}

func addFile(t *testing.T, archive *zip.Writer, name, text string) {
	t.Helper()
	w, err := archive.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func (x *index) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, ok := strings.CutPrefix(r.URL.Path, "/open/"); ok {
		x.file(w, name)
		return
	}
	if user, password, _ := r.BasicAuth(); user != indexUser || password != indexPassword {
		w.Header().Set("WWW-Authenticate", "Basic")
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	if name, ok := strings.CutPrefix(r.URL.Path, "/files/"); ok {
		x.mu.Lock()
		serve := x.serve
		x.mu.Unlock()
		if serve != nil && serve(w, r) {
			return
		}
		x.file(w, name)
		return
	}
	x.list(w, strings.Trim(strings.TrimPrefix(r.URL.Path, "/simple/"), "/"))
}

func (x *index) file(w http.ResponseWriter, name string) {
	x.mu.Lock()
	data, there := x.files[name]
	x.mu.Unlock()
	if !there {
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	w.Write(data)
}

// hash is a wheel's, as a lock has it.
func (x *index) hash(file string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	sum := sha256.Sum256(x.files[file])
	return "sha256:" + hex.EncodeToString(sum[:])
}

// list is the page of a project.
func (x *index) list(w http.ResponseWriter, project string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	page := ""
	for _, file := range slices.Sorted(maps.Keys(x.files)) {
		if strings.HasPrefix(file, project+"-") {
			sum := sha256.Sum256(x.files[file])
			page += fmt.Sprintf("<a href=\"../../files/%s#sha256=%s\">%s</a>\n", file, hex.EncodeToString(sum[:]), file)
		}
	}
	if page == "" {
		http.Error(w, "no such project", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprintf(w, "<!DOCTYPE html><html><body>\n%s</body></html>\n", page)
}

// intercept lets serve answer requests for files that it wants to.
func (x *index) intercept(serve func(w http.ResponseWriter, r *http.Request) bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.serve = serve
}

// environ is a caller whose only package index is this one, named in pip's
// configuration file, and who has uv on PATH.
func (x *index) environ(t *testing.T) []string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "pip.conf")
	text := "[global]\nindex-url = " + x.url() + "\nfind-links = /nowhere/at/all\n"
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var environ []string
	for _, entry := range testenv.Environ(t) {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case name == "PATH":
			entry = "PATH=" + uvFolder(t) + string(filepath.ListSeparator) + value
		case strings.HasPrefix(name, "PIP_"), strings.HasSuffix(strings.ToLower(name), "_proxy"):
			continue
		}
		environ = append(environ, entry)
	}
	return append(environ, "PIP_CONFIG_FILE="+config, "UV_HTTP_RETRIES=0", "NO_PROXY=127.0.0.1", "PYTHONDONTWRITEBYTECODE=1")
}

// uvFolder is the folder of the uv that all tests share.
func uvFolder(t *testing.T) string {
	t.Helper()
	uv, err := pip.New(pip.Spec{Root: t.TempDir(), Name: "uv", Cache: testenv.Cache(t)}).FindUV(t.Context(), io.Discard)
	if err != nil {
		testenv.Real(t)
		t.Fatal(err)
	}
	return filepath.Dir(uv)
}
