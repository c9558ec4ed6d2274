package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// leaf is one fact of a manifest: what the author wrote, with a data version
// in place of each reference.
type leaf struct {
	shape   string // the text with "@" for each reference: tells an edit from a move
	value   string // the text with "@<data version>" for each
	uses    []use
	hook    bool
	unknown bool // the value is not known before something has run
	changes bool // and is certain to be one that no record has
}

// use is a reference in a leaf, with what it stood for.
type use struct {
	from    Address
	output  string // "" for the whole result
	version string // "" while unknown
	certain bool   // unknown, and certain to be new
}

// manifest is all that decides what an instance computes, by path. What stands
// before the first dot is the leaf's kind.
type manifest map[string]leaf

// manifest makes an instance's from what is known in a walk.
func (w *walk) manifest(f *Flow, key string) manifest {
	m := manifest{
		"argv.word":    plain(f.Word, f.Noisy),
		"env.value":    plain(f.Value),
		"parameters.p": plain(f.Parameter),
		"bundle":       plain("nothing"),
		"environment":  plain("none"),
	}
	if f.UsesKey {
		m["env.key"] = plain(key)
	}
	if f.Salt != "" {
		m["salt"] = plain(f.Salt)
	}
	if f.File != "" {
		m["bundle"] = plain(f.File, *w.world.Files[f.File])
	}
	if f.Environment != "" {
		e := w.world.Environments[f.Environment]
		m["environment"] = leaf{value: fmt.Sprint(e.Packages), unknown: !e.Locked}
	}
	for _, name := range outputNames[:f.Outputs] {
		m["outputs."+name] = plain(name)
	}
	if f.Hook != "" {
		m["parameters.h"] = leaf{value: fmt.Sprint(w.world.Hooks[f.Hook].Value), hook: true, unknown: !w.callable(f.Hook)}
	}
	for i, from := range f.Runs {
		m[fmt.Sprintf("parameters.r%d", i)] = w.refer("", Read{From: from})
	}
	for i, read := range f.Reads {
		m[fmt.Sprintf("env.IN%d", i)] = w.refer("/"+read.Output, read)
	}
	if len(f.Text) > 0 {
		m["argv.text"] = w.refer(" ", whole(f.Text)...)
	}
	if len(f.Depends) > 0 {
		m["depends_on"] = w.depend(f.Depends)
	}
	return m
}

// outputNames are the outputs that a flow may declare, in this order.
var outputNames = []string{"n", "m"}

func plain(values ...any) leaf {
	text := fmt.Sprintln(values...)
	return leaf{shape: text, value: text}
}

func whole(from []Address) []Read {
	var list []Read
	for _, address := range from {
		list = append(list, Read{From: address})
	}
	return list
}

// refer is a text with references in it, each followed by the same suffix.
func (w *walk) refer(suffix string, reads ...Read) leaf {
	var l leaf
	for _, read := range reads {
		u := w.use(read)
		l.uses = append(l.uses, u)
		l.shape += "@" + suffix
		l.value += "@" + u.version + suffix
		l.unknown = l.unknown || u.version == ""
		l.changes = l.changes || u.certain
	}
	return l
}

// depend is depends_on: a sorted list of data versions, without names.
func (w *walk) depend(on []Address) leaf {
	var l leaf
	var versions []string
	for _, address := range on {
		u := w.use(Read{From: address})
		l.uses = append(l.uses, u)
		versions = append(versions, u.version)
		l.unknown = l.unknown || u.version == ""
		l.changes = l.changes || u.certain
	}
	l.value = strings.Join(slices.Sorted(slices.Values(versions)), " ")
	return l
}

// use is what a reference stands for now.
func (w *walk) use(read Read) use {
	upstream := w.results[read.From]
	u := use{from: read.From, output: read.Output, version: upstream.version}
	if read.Output != "" {
		u.version = upstream.versions[read.Output]
	}
	u.certain = u.version == "" && upstream.changes
	return u
}

// hash is the config hash; "" while something in the manifest is unknown.
func (m manifest) hash() string {
	var text strings.Builder
	for _, path := range slices.Sorted(maps.Keys(m)) {
		if m[path].unknown {
			return ""
		}
		fmt.Fprintf(&text, "%s = %q\n", path, m[path].value)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:8])
}

// mayBecome says whether a manifest with something unknown in it could turn
// out to be an older one: it has the same leaves, those that are known are
// equal, and nothing unknown is certain to be new.
func (m manifest) mayBecome(old manifest) bool {
	if len(m) != len(old) {
		return false
	}
	for path, l := range m {
		before, there := old[path]
		if !there || l.changes || !l.unknown && l.value != before.value {
			return false
		}
	}
	return true
}
