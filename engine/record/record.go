// Package record keeps what is known of successful runs: the selected record
// of each flow, committed beside the configuration; the history of all
// records by config hash; and the texts of manifests by digest.
//
// It believes nothing that it cannot verify: what is torn, edited, foreign or
// newer than this program is named by a *Problem and is a miss. It does not
// decide what is fresh (engine/plan), and writes only through
// internal/durable.
package record

import (
	"encoding/json"
	"time"
)

// Schema is the version of the record format that this program writes.
const Schema = 1

// Record is what is kept of a successful run. It holds no absolute path, no
// user or host name and no secret.
type Record struct {
	Schema      int                        `json:"schema"`
	Flow        string                     `json:"flow"` // address: flow.train["forest"]
	Runner      string                     `json:"runner"`
	RunID       string                     `json:"run_id"`
	Attempt     string                     `json:"attempt,omitempty"`       // ULID, where the run ID is another one
	OriginRunID string                     `json:"origin_run_id,omitempty"` // of the failed run that it has gone on from
	Pathspec    string                     `json:"pathspec,omitempty"`
	Store       string                     `json:"store,omitempty"`
	ConfigHash  string                     `json:"config_hash"`           // of the configuration the run had
	SharedHash  string                     `json:"shared_hash,omitempty"` // see SharedAs; empty where it is the same
	Components  map[string]string          `json:"components"`            // digest of the manifest's lines by first label
	DataVersion string                     `json:"data_version"`
	Outputs     map[string]Output          `json:"outputs,omitempty"`
	Parameters  map[string]json.RawMessage `json:"parameters,omitempty"` // as passed; sensitive and local values in hashed form
	Inputs      []Input                    `json:"inputs,omitempty"`
	Started     time.Time                  `json:"started"` // UTC
	Duration    float64                    `json:"duration_s"`
	Attempts    int                        `json:"attempts,omitempty"` // in the apply that made it; absent for one
	GitCommit   string                     `json:"git_commit,omitempty"`
	Platform    string                     `json:"platform"` // linux/amd64
	Asserted    bool                       `json:"asserted,omitempty"`
	Equivalent  []Equivalent               `json:"equivalent,omitempty"` // newest last
	Checksum    string                     `json:"checksum"`             // of everything else
}

// Output is one declared output of a finished run.
type Output struct {
	Artifact    string          `json:"artifact,omitempty"` // metaflow
	File        string          `json:"file,omitempty"`     // command; slash path
	Published   string          `json:"published,omitempty"`
	Digest      string          `json:"digest"`
	DataVersion string          `json:"data_version"`
	Value       json.RawMessage `json:"value,omitempty"` // command with stdout = "json" or "text"
}

// Input is one use of an upstream result: which leaf of the manifest used
// which output of which run.
type Input struct {
	Leaf        string `json:"leaf"`             // parameters.clean_run
	Flow        string `json:"flow"`             // flow.clean
	Output      string `json:"output,omitempty"` // "" for the whole result
	RunID       string `json:"run_id"`
	DataVersion string `json:"data_version"`
}

// Equivalent is a newer run with the same result as the recorded one. A
// record's config hash for freshness is that of its newest equivalent, if any.
type Equivalent struct {
	RunID      string            `json:"run_id"`
	ConfigHash string            `json:"config_hash"`
	SharedHash string            `json:"shared_hash,omitempty"`
	Components map[string]string `json:"components"`
	Inputs     []Input           `json:"inputs,omitempty"`
	Finished   time.Time         `json:"finished"`
}

// Problem says why a stored file is not believed.
type Problem struct {
	Path   string // below the root folder, slash path
	Reason string // "has git conflict markers", "was written by a newer flowrider", …
	Newer  bool   // written by a newer program: must not be replaced
	Sides  []Side // of a git conflict: ours and theirs
}

func (p *Problem) Error() string { return p.Path + " " + p.Reason }
