package attempt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// secretsFolder is beside a bundle's other private files, in the scratch
// folder. It is there while the flow runs.
const secretsFolder = "secrets"

// Deliver puts a flow's secrets into its environment: as they are, or as the
// path of a file that nobody else can read. remove removes these files.
func (m *Maker) Deliver(flow *plan.Flow, job *runner.Job) (remove func(), err error) {
	folder := filepath.Join(job.Scratch, secretsFolder)
	remove = func() { os.RemoveAll(folder) } // what is left is removed by the next apply
	secrets, err := flow.Resolved.Arguments["secrets"].Secrets()
	if err != nil {
		return remove, err
	}
	for _, secret := range secrets {
		job.Env[secret.Name] = secret.Value
		if !secret.File {
			continue
		}
		file := filepath.Join(folder, secret.Name)
		if err := writePrivate(file, secret.Value); err != nil {
			remove()
			return remove, fmt.Errorf("the file for its secret %s cannot be written: %w", secret.Name, err)
		}
		job.Env[secret.Name] = file
	}
	return remove, nil
}

func writePrivate(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o600)
}

// RemoveSecrets removes the files with secrets that killed applies have left
// behind. Whoever calls it holds the apply lock.
func RemoveSecrets(root string) error {
	var failed []error
	for _, below := range []string{"*", "*/*"} { // flows and instances
		left, err := fs.Glob(os.DirFS(root), path.Join(record.Local, "bundles", below, "*.scratch", secretsFolder))
		failed = append(failed, err)
		for _, folder := range left {
			failed = append(failed, os.RemoveAll(filepath.Join(root, filepath.FromSlash(folder))))
		}
	}
	return errors.Join(failed...)
}
