package plan

import (
	"path/filepath"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/hook"
	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/record"
)

// cache is where the answers of pure hooks are kept.
func (s *Session) cache() hook.Cache {
	return hook.Cache{Dir: filepath.Join(s.Config.Root, record.Local, "cache", "hooks")}
}

// Kept are the answers of a group of which every call is pure and was made
// before with the same code, arguments and environment; nil if one is not.
func (s *Session) Kept(group *HookCalls) []hook.Result {
	var results []hook.Result
	for _, key := range group.keys {
		value, ok := s.cache().Find(key)
		if key == "" || !ok {
			return nil
		}
		results = append(results, hook.Result{Value: value})
	}
	return results
}

// keep keeps the answers of a group's pure calls. It touches nothing of the
// session.
func (s *Session) keep(group *HookCalls, results []hook.Result) {
	for i, key := range group.keys {
		if key == "" || results[i].Err != nil {
			continue
		}
		if s.tools.Records.Prepare() != nil {
			return // where nothing can be written, nothing is kept
		}
		s.cache().Keep(key, results[i].Value)
	}
}

// pureKey is what the answer of a pure call is kept by. Without an environment
// of flowrider's nobody knows which Python answers, and nothing is kept.
func (s *Session) pureKey(group *HookCalls, call hook.Call) string {
	if !call.Pure || group.Environment == nil {
		return ""
	}
	lock, _ := group.Environment.Locked()
	if lock == nil {
		return ""
	}
	code, err := s.code(group.project, call.Argv == nil)
	if err != nil {
		return "" // the call itself says what is wrong
	}
	return hook.Key(call, code, lock.Digest)
}

// code is the digest of a project's files, or of those in Python alone.
func (s *Session) code(root string, python bool) (string, error) {
	all := s.list(bundle.Selection{Root: root, Omit: s.omitted(root), Own: s.tools.SavedPlan})
	if all.err != nil {
		return "", all.err
	}
	code := &bundle.Listing{}
	for _, entry := range all.listing.Entries {
		if !python || filepath.Ext(entry.Path) == ".py" {
			code.Entries = append(code.Entries, entry)
		}
	}
	return manifest.Digest(code.Text()), nil
}
