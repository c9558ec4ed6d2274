package pip

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPipSettings(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "home/.config/pip/pip.conf"), `# of this user
[global]
index-url = https://user.example/simple
timeout: 5
trusted-host =
    a.example
    b.example
[install]
extra_index_url = https://extra.example/simple
[download]
index-url = https://download.example/simple
`, 0o644)
	write(t, filepath.Join(root, "prefix/pip.conf"), "[install]\nindex-url = https://site.example/simple\n[global]\nindex-url = https://loses.example/simple\n", 0o644)
	write(t, filepath.Join(root, "named.conf"), "[global]\ncert = /named.pem\ntimeout = 6\n", 0o644)
	environ := map[string]string{"HOME": filepath.Join(root, "home"), "PIP_CONFIG_FILE": filepath.Join(root, "named.conf"), "PIP_TIMEOUT": "7", "PIP_NO_INDEX": ""}
	got := pipSettings(environ, filepath.Join(root, "prefix"))
	want := settings{
		"index-url":       "https://site.example/simple",
		"extra-index-url": "https://extra.example/simple",
		"trusted-host":    "\na.example\nb.example",
		"timeout":         "7",
		"cert":            "/named.pem",
		"config-file":     filepath.Join(root, "named.conf"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	environ["PIP_CONFIG_FILE"] = "/dev/null"
	if diff := cmp.Diff(settings{"timeout": "7", "config-file": "/dev/null"}, pipSettings(environ, "")); diff != "" {
		t.Errorf("settings without files (-want +got):\n%s", diff)
	}
}

func TestEnvironForUV(t *testing.T) {
	dir := t.TempDir()
	pem := filepath.Join(dir, "ca.pem")
	write(t, pem, "", 0o644)
	always := map[string]string{"UV_CACHE_DIR": "/cache/uv", "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1", "UV_NO_PROGRESS": "1", "NO_COLOR": "1"}
	cases := []struct {
		name   string
		caller map[string]string
		pip    settings
		from   source
		want   map[string]string
	}{
		{
			name: "pip's settings",
			pip: settings{"index-url": "https://i.example", "extra-index-url": "https://a.example\nhttps://b.example", "find-links": "/nowhere " + dir + " https://l.example",
				"trusted-host": "i.example\nl.example", "cert": pem, "client-cert": "/c.pem", "timeout": "9", "proxy": "http://p.example", "no-index": "yes", "keyring-provider": "subprocess"},
			want: map[string]string{"UV_DEFAULT_INDEX": "https://i.example", "UV_INDEX": "https://a.example https://b.example", "UV_FIND_LINKS": dir + ",https://l.example",
				"UV_INSECURE_HOST": "i.example l.example", "SSL_CERT_FILE": pem, "SSL_CLIENT_CERT": "/c.pem", "UV_HTTP_TIMEOUT": "9",
				"HTTPS_PROXY": "http://p.example", "HTTP_PROXY": "http://p.example", "UV_NO_INDEX": "1", "UV_KEYRING_PROVIDER": "subprocess"},
		}, {
			name:   "the caller's own for uv win, and nothing else of his leaks",
			caller: map[string]string{"UV_DEFAULT_INDEX": "https://mine.example", "UV_INDEX_PRIVATE_PASSWORD": "x", "UV_FIND_LINKS": "/nowhere", "UV_RESOLUTION": "lowest", "UV_PROJECT": "/p", "UV_CACHE_DIR": "/c", "VIRTUAL_ENV": "/v", "PYTHONPATH": "/p", "PYTHONDONTWRITEBYTECODE": "1", "PIP_USER": "1", "HOME": "/home/ann", "PATH": "/bin"},
			pip:    settings{"index-url": "https://i.example", "cert": "/nowhere.pem"},
			want:   map[string]string{"UV_DEFAULT_INDEX": "https://mine.example", "UV_INDEX_PRIVATE_PASSWORD": "x", "HOME": "/home/ann", "PATH": "/bin"},
		}, {
			name:   "a requirement file's index wins over all",
			caller: map[string]string{"UV_INDEX_URL": "https://mine.example"},
			pip:    settings{"index-url": "https://i.example", "extra-index-url": "https://e.example"},
			from:   source{index: "https://file.example", extra: []string{"https://more.example"}, trusted: []string{"file.example"}},
			want:   map[string]string{"UV_DEFAULT_INDEX": "https://file.example", "UV_INDEX": "https://more.example https://e.example", "UV_INSECURE_HOST": "file.example"},
		}, {
			name:   "certificates that Python programs are told",
			caller: map[string]string{"REQUESTS_CA_BUNDLE": pem},
			want:   map[string]string{"REQUESTS_CA_BUNDLE": pem, "SSL_CERT_FILE": pem},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range always {
				c.want[name] = value
			}
			if c.caller == nil {
				c.caller = map[string]string{}
			}
			if diff := cmp.Diff(c.want, uvEnviron(c.caller, c.pip, c.from, "/cache")); diff != "" {
				t.Errorf("environment (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPipInstallsIntoTheVirtualEnvironment(t *testing.T) {
	got := pipEnviron(map[string]string{"PIP_INDEX_URL": "https://i.example", "PIP_TARGET": "/t", "PIP_USER": "1", "PYTHONHOME": "/p", "UV_OFFLINE": "1"})
	want := map[string]string{"PIP_INDEX_URL": "https://i.example", "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

func FuzzPipConfiguration(f *testing.F) {
	f.Add("[global]\nindex-url = x\n  y\n")
	f.Add("a=b\n[install\n=\n:\n \n")
	f.Fuzz(func(t *testing.T, text string) {
		s := settings{}
		s.addFile(text)
		for option := range s {
			if strings.ContainsAny(option, "_\n") {
				t.Errorf("option %q", option)
			}
		}
	})
}
