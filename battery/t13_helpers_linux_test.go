package battery_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// helping are what an apply starts besides flows: each leaves a process in a
// session of its own, says who it is, and goes on for ever until there is a file
// enough.
var helping = []struct{ name, config, file, text string }{
	{"a hook", `
		hook "python" "words" { function = "hooks:words" }
		flow "command" "f" {
			argv       = ["true"]
			parameters = { words = hook.words }
		}`, "hooks.py", `
import os, signal, subprocess, time


def words():
    root = os.environ["FLOWRIDER_ROOT"]
    if os.path.exists(root + "/enough"):
        return 1
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    left = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    with open(root + "/pids", "w") as file:
        file.write("%d %d here" % (os.getpid(), left.pid))
    while True:
        time.sleep(1)
`},
	{"a tool that makes an environment", `
		environment "pip" "e" { packages = { absent = "1.0" } }
		flow "command" "f" {
			argv        = ["true"]
			environment = environment.e
		}`, "bin/uv", `#!/bin/sh
[ "$1" = --version ] && { echo uv 0.9.0; exit; }
root=$(dirname "$(dirname "$0")")
[ -e "$root/enough" ] && exit 1
trap '' INT
setsid sleep 1000 &
echo $$ $! here > "$root/pids"
while :; do sleep 1; done
`},
}

// What an apply has started besides flows is ended by the next one, too, where
// apply and its guard were killed at once.
func TestT13HooksAndToolsEndWithTheNextApply(t *testing.T) {
	t.Parallel()
	for _, helper := range helping {
		t.Run(helper.name, func(t *testing.T) {
			k := &kill{project: newProject(t, t.TempDir(), helper.config)}
			defer k.endAll()
			k.write(helper.file, helper.text)
			if err := os.Chmod(filepath.Join(k.dir, helper.file), 0o755); err != nil {
				t.Fatal(err)
			}
			k.env = append(k.env, "PATH="+filepath.Join(k.dir, "bin")+":"+os.Getenv("PATH"))
			k.apply = k.command("apply")
			if err := k.apply.Start(); err != nil {
				t.Fatal(err)
			}
			until(t, helper.name, func() bool { return len(k.written("pids")) == 2 })
			k.apply.Process.Signal(syscall.SIGSTOP) // or it would start another guard before it dies
			syscall.Kill(k.guard(), syscall.SIGKILL)
			k.apply.Process.Kill()
			k.apply.Wait()
			pids := k.written("pids")
			if len(living(pids)) == 0 {
				t.Fatalf("nothing was left of %v", pids)
			}
			k.write("enough", "")
			ended := k.run("apply")
			if left := living(pids); left != nil {
				t.Errorf("processes %v are left after the next apply:\n%s", left, ended.errors)
			}
		})
	}
}
