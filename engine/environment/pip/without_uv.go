package pip

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/environment"
)

// Where the package index is reached and has no uv for this machine, pip does
// what uv does elsewhere: slower, and it can resolve only for the platform and
// the Python that it runs on.

// absentUV reports whether an error of uv means that pip is to be used. Where
// the index was not reached, pip would only say so a second time.
func absentUV(err error) bool {
	var failed *environment.BuildError
	return errors.As(err, &failed) && failed.Doing == installingUV && strings.Contains(failed.Tail, "No matching distribution") && !strings.Contains(failed.Tail, "connection broken")
}

// report is what is read of `pip install --report`.
type report struct {
	Install []struct {
		IsDirect bool `json:"is_direct"`
		Metadata struct {
			Name    string
			Version string
		}
		DownloadInfo struct {
			URL         string
			ArchiveInfo struct{ Hashes map[string]string } `json:"archive_info"`
		} `json:"download_info"`
	}
}

// resolveWithPip is resolve for a machine without uv. Old pins are kept
// together or, where they do not fit any more, not at all.
func (e *Environment) resolveWithPip(ctx context.Context, want *wanted, old *lockFile, python interpreter, log io.Writer) (string, error) {
	pip, err := e.pipTool(ctx, python, log)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "flowrider-lock-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	in, limits, pins, out := filepath.Join(dir, "requirements.in"), filepath.Join(dir, "constraints.txt"), filepath.Join(dir, "pins.txt"), filepath.Join(dir, "report.json")
	if err := errors.Join(writeText(in, want.input()), writeText(limits, lines(want.constraints)), writeText(pins, old.versions())); err != nil {
		return "", err
	}
	args := []string{"-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", out, "-r", in, "-c", limits}
	t := tool{doing: "resolving packages of environment." + e.spec.Name, path: pip, args: append(args, want.source.pipArguments(want.prerelease)...), dir: e.spec.Root, env: pipEnviron(e.environ)}
	keeping := t
	keeping.args = append(slices.Clone(t.args), "-c", pins)
	if err := run(ctx, keeping, io.Discard); err != nil {
		if err := run(ctx, t, log); err != nil {
			return "", err
		}
	}
	data, err := os.ReadFile(out)
	if err != nil {
		return "", err
	}
	return parseReport(data)
}

// parseReport makes lines of a lock of what pip would install.
func parseReport(data []byte) (string, error) {
	var r report
	if err := json.Unmarshal(data, &r); err != nil {
		return "", fmt.Errorf("pip's report cannot be read: %w", err)
	}
	var list []string
	for _, p := range r.Install {
		line := normalName(p.Metadata.Name)
		if p.IsDirect {
			line += " @ " + p.DownloadInfo.URL
		} else {
			line += "==" + p.Metadata.Version
		}
		sha := p.DownloadInfo.ArchiveInfo.Hashes["sha256"]
		if sha == "" {
			return "", fmt.Errorf("the package index gives no sha256 for %s", p.Metadata.Name)
		}
		list = append(list, line+" \\\n    --hash=sha256:"+sha)
	}
	slices.Sort(list)
	return lines(list), nil
}

// versions are the pins as constraints.
func (f *lockFile) versions() string {
	if f == nil {
		return ""
	}
	text := ""
	for _, p := range f.pins {
		if !strings.HasPrefix(p.version, "@") {
			text += p.name + "==" + p.version
			if p.marker != "" {
				text += " ; " + p.marker
			}
			text += "\n"
		}
	}
	return text
}

// installWithPip is the building of a prefix for a machine without uv.
func (e *Environment) installWithPip(ctx context.Context, in installation, log io.Writer) error {
	pip, err := e.pipTool(ctx, in.python, log)
	if err != nil {
		return err
	}
	env := pipEnviron(e.environ)
	venv := []string{"-m", "venv", "--without-pip", in.dir}
	if err := run(ctx, tool{"making environment." + e.spec.Name, in.python.path, venv, e.cache, env}, log); err != nil {
		return err
	}
	list, err := in.writeList()
	if err != nil || list == "" {
		return err
	}
	args := []string{"-m", "pip", "--python", prefixAt(in.dir).Python, "install", "--require-hashes", "--no-deps", "--no-compile", "-r", list}
	args = append(args, in.want.source.pipArguments(in.want.prerelease)...)
	return run(ctx, tool{"installing packages of environment." + e.spec.Name, pip, args, e.spec.Root, env}, log)
}

// pipArguments are what requirement files say about sources, for pip.
func (s source) pipArguments(prerelease bool) []string {
	var args []string
	if s.index != "" {
		args = append(args, "--index-url", s.index)
	}
	for option, values := range map[string][]string{"--extra-index-url": s.extra, "--find-links": s.findLinks, "--trusted-host": s.trusted} {
		for _, value := range values {
			args = append(args, option, value)
		}
	}
	if s.noIndex {
		args = append(args, "--no-index")
	}
	if prerelease {
		args = append(args, "--pre")
	}
	return args
}

func writeText(file, text string) error { return os.WriteFile(file, []byte(text), 0o600) }
