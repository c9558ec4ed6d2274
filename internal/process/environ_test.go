package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnviron(t *testing.T) {
	t.Parallel()
	caller := []string{
		"PATH=/bin", "HOME=/home/x", "USER=x", "LANG=C", "LC_ALL=C", "TZ=UTC", "TMPDIR=/tmp", "TERM=xterm",
		"HTTPS_PROXY=a", "https_proxy=b", "NO_PROXY=c", "SSL_CERT_FILE=d", "REQUESTS_CA_BUNDLE=e",
		"AWS_PROFILE=f", "AZURE_X=g", "GOOGLE_X=h", "CUDA_VISIBLE_DEVICES=0", "METAFLOW_PROFILE=i", "PREFECT_API_URL=j",
		"PYTHONPATH=no", "VIRTUAL_ENV=no", "FLOWRIDER_CACHE_DIR=no", "FLOWRIDER_VAR_x=no", "LD_PRELOAD=no", "XPATH=no", "AWS=no", "path=no",
		"MY_TOKEN=k=l", "WANDB_MODE=m", "WANDB_KEY=n", "EMPTY=", "FLOWRIDER_ATTEMPT=no", "=C:=no", "nonsense", "HOME=second",
	}
	got := Environ(caller, []string{"MY_TOKEN", "WANDB_*", "EMPTY", "FLOWRIDER_ATTEMPT", "ABSENT", "[", "*_ATTEMPT"})
	want := map[string]string{
		"PATH": "/bin", "HOME": "/home/x", "USER": "x", "LANG": "C", "LC_ALL": "C", "TZ": "UTC", "TMPDIR": "/tmp", "TERM": "xterm",
		"HTTPS_PROXY": "a", "https_proxy": "b", "NO_PROXY": "c", "SSL_CERT_FILE": "d", "REQUESTS_CA_BUNDLE": "e",
		"AWS_PROFILE": "f", "AZURE_X": "g", "GOOGLE_X": "h", "CUDA_VISIBLE_DEVICES": "0", "METAFLOW_PROFILE": "i", "PREFECT_API_URL": "j",
		"MY_TOKEN": "k=l", "WANDB_MODE": "m", "WANDB_KEY": "n", "EMPTY": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

func TestLookPath(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for path, mode := range map[string]os.FileMode{
		"first/tool": 0o644, "second/tool": 0o755, "first/plain": 0o644, "second/folder/x": 0o755,
		"bundle/run.sh": 0o755, "bundle/sub/data": 0o644, "bundle/fake": 0o755,
	} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("tool", filepath.Join(root, "second/python")); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"PATH": strings.Join([]string{"", ".", "bundle", root + "/first", root + "/second"}, ":")}
	for _, test := range []struct{ name, want string }{
		{"tool", "second/tool"},
		{"python", "second/python"},
		{"./run.sh", "bundle/run.sh"},
		{root + "/second/tool", "second/tool"},
		{"plain", "error: plain is not executable; chmod +x it, or run it through its interpreter"},
		{"folder", "error: folder is a folder"},
		{"missing", "error: missing is not on the PATH; install it, or name the environment that has it"},
		{"fake", "error: fake is not on the PATH; for the file of that name here write ./fake"},
		{"sub/data", "error: sub/data is not executable; chmod +x it, or run it through its interpreter"},
		{"sub/missing", "error: sub/missing: no such file or directory"},
		{"./sub", "error: ./sub is a folder"},
		{"../second/tool", "error: ../second/tool lies outside the folder that it is looked up in; name a file inside it, or an absolute path"},
		{"", "error: the name of the program is empty"},
	} {
		got, err := LookPath(test.name, env, filepath.Join(root, "bundle"))
		if got != "" && err == nil {
			got, _ = filepath.Rel(root, got)
		}
		if err != nil {
			got = "error: " + err.Error()
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
