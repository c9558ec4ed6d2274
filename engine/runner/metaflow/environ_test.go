package metaflow

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/runner"
)

func TestEnviron(t *testing.T) {
	job := &runner.Job{Root: "/root", Scratch: "/scratch", Python: "/env/bin/python"}
	own := map[string]string{
		"METAFLOW_DATASTORE_SYSROOT_LOCAL": "/root",
		"METAFLOW_DATATOOLS_LOCALROOT":     "/root/.metaflow/data",
		"METAFLOW_DEFAULT_DATASTORE":       "local",
		"METAFLOW_DEFAULT_METADATA":        "local",
		"METAFLOW_TEMPDIR":                 "/scratch/tmp",
		"METAFLOW_ARTIFACT_LOCALROOT":      "/scratch/tmp",
		"PYTHONHASHSEED":                   "0",
		"METAFLOW_USER":                    "flowrider",
	}
	for _, test := range []struct {
		name string
		env  map[string]string
		want map[string]string // changes to the runner's own; "" for not set
	}{
		{"nothing given", nil, nil},
		{"passed", map[string]string{"PATH": "/bin", "PYTHONPATH": "/cache/python", "METAFLOW_PROFILE": "p"},
			map[string]string{"PATH": "/bin", "PYTHONPATH": "/cache/python", "METAFLOW_PROFILE": "p"}},
		{"the user's seed", map[string]string{"PYTHONHASHSEED": "7"}, map[string]string{"PYTHONHASHSEED": "7"}},
		{"a user", map[string]string{"USER": "ada"}, map[string]string{"USER": "ada", "METAFLOW_USER": ""}},
		{"root is nobody", map[string]string{"USER": "root", "METAFLOW_USER": "root"}, map[string]string{"USER": "root"}},
		{"the environment's own", map[string]string{"VIRTUAL_ENV": "/env"}, map[string]string{"VIRTUAL_ENV": "/env"}},
		{"another environment's", map[string]string{"VIRTUAL_ENV": "/en", "CONDA_PREFIX": "/other", "PYTHONHOME": "/x", "PYTHONSTARTUP": "x"}, nil},
		{"what changes a run behind its configuration", map[string]string{
			"METAFLOW_RUN_N": "3", "METAFLOW_FLOW_CONFIG": "x", "METAFLOW_QUIET": "1", "METAFLOW_DECOSPECS": "x", "METAFLOW_PYLINT": "1",
			"METAFLOW_DATASTORE_ROOT": "x", "METAFLOW_METADATA": "service", "METAFLOW_DATASTORE": "s3", "METAFLOW_ENVIRONMENT": "conda",
			"METAFLOW_PACKAGE_SUFFIXES": "x", "METAFLOW_CARD_LOCALROOT": "x", "METAFLOW_ENABLED_CARDS": "x",
			"METAFLOW_DEFAULT_DECOSPECS": "x", "METAFLOW_DEFAULT_ENVIRONMENT": "conda", "METAFLOW_DEFAULT_DATASTORE": "s3",
			"PYTHONDONTWRITEBYTECODE": "1",
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			job.Env = test.env
			want := map[string]string{}
			for _, values := range []map[string]string{own, test.want} {
				for name, value := range values {
					want[name] = value
					if value == "" {
						delete(want, name)
					}
				}
			}
			if diff := cmp.Diff(want, environ(job)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
