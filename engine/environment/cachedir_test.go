package environment_test

import (
	"testing"

	"github.com/flowrider/flowrider/engine/environment"
)

func TestCacheDir(t *testing.T) {
	cases := []struct{ name, cache, xdg, home, want string }{
		{"named", "/c", "/xdg", "/home/ann", "/c"},
		{"named from the root folder", "c", "/xdg", "/home/ann", "/project/c"},
		{"xdg", "", "/xdg", "/home/ann", "/xdg/flowrider"},
		{"relative xdg counts as unset", "", "xdg", "/home/ann", "/home/ann/.cache/flowrider"},
		{"home", "", "", "/home/ann", "/home/ann/.cache/flowrider"},
		{"no home", "", "", "", "/project/.flowrider/home"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("FLOWRIDER_CACHE_DIR", c.cache)
			t.Setenv("XDG_CACHE_HOME", c.xdg)
			t.Setenv("HOME", c.home)
			if got := environment.CacheDir("/project"); got != c.want {
				t.Errorf("CacheDir = %s, want %s", got, c.want)
			}
		})
	}
}
