package model_test

import (
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/flowrider/flowrider/internal/model"
)

// Small domains, so that values come back and flows come out alike.
var (
	flowNames  = []string{"a", "b", "c", "d", "e", "f", "g"}
	fileNames  = []string{"x.txt", "y.txt"}
	hookNames  = []string{"h", "k"}
	flowPlaces = []string{"first", "second"}
	policies   = []string{"content", "key", "run", ""}
	parameters = []string{`0`, `1`, `"1"`, `2`}
)

const maxFlows = 6

// newWorld has files, hooks and environments, and a few flows.
func newWorld(t *rapid.T) *model.World {
	w := model.New()
	for _, name := range fileNames {
		w.Files[name] = &model.File{}
	}
	for _, name := range flowPlaces {
		w.Environments[name] = &model.Environment{Locked: true}
	}
	w.Environments["tools"] = &model.Environment{Locked: true, Built: true}
	for _, name := range hookNames {
		w.Hooks[name] = &model.Hook{Environment: "tools"}
	}
	for range rapid.IntRange(1, 4).Draw(t, "flows") {
		addFlow(t, w)
		for range 3 {
			editFlow(t, w)
		}
	}
	return w
}

func oneOf[T any](t *rapid.T, what string, all []T) T { return rapid.SampledFrom(all).Draw(t, what) }

func someFlow(t *rapid.T, w *model.World) *model.Flow {
	if len(w.Flows) == 0 {
		t.Skip("no flow")
	}
	var names []string
	for _, f := range w.Flows {
		names = append(names, f.Name)
	}
	return w.Flow(oneOf(t, "flow", names))
}

func freeName(t *rapid.T, w *model.World) string {
	free := slices.DeleteFunc(slices.Clone(flowNames), func(name string) bool { return w.Flow(name) != nil })
	return oneOf(t, "name", free)
}

// changeFlows adds, removes or renames a flow.
func changeFlows(t *rapid.T, w *model.World) {
	switch oneOf(t, "change", []string{"add", "remove", "rename"}) {
	case "add":
		addFlow(t, w)
	case "remove":
		removeFlow(t, w)
	case "rename":
		renameFlow(t, w)
	}
}

// addFlow adds a flow that nothing refers to yet: a plain one, or a twin.
func addFlow(t *rapid.T, w *model.World) {
	if len(w.Flows) == maxFlows {
		t.Skip("enough flows")
	}
	f := &model.Flow{
		Parameter: "0", Outputs: 2, File: oneOf(t, "file", append(fileNames, "")),
		Environment: oneOf(t, "environment", append(flowPlaces, "")), Hook: oneOf(t, "hook", append(hookNames, "")),
		Noisy: rapid.Bool().Draw(t, "noisy"), ExpiresAfter: oneOf(t, "expires", []int{0, 2, 5}),
	}
	if len(w.Flows) > 0 && rapid.Bool().Draw(t, "twin") {
		other := *someFlow(t, w)
		f = &other
		f.Keys, f.UsesKey, f.Pin = nil, false, 0
		f.Runs, f.Text, f.Reads, f.Depends, f.After = slices.Clone(f.Runs), slices.Clone(f.Text), slices.Clone(f.Reads), slices.Clone(f.Depends), slices.Clone(f.After)
	}
	f.Name, f.Policy = freeName(t, w), oneOf(t, "policy", policies)
	w.Flows = append(w.Flows, f)
	tidyMoves(w)
	for range min(len(w.Flows)-1, rapid.IntRange(0, 3).Draw(t, "references")) {
		refer(t, w, f)
	}
}

func removeFlow(t *rapid.T, w *model.World) {
	if len(w.Flows) < 2 {
		t.Skip("the last flow")
	}
	f := someFlow(t, w)
	w.Flows = slices.DeleteFunc(w.Flows, func(other *model.Flow) bool { return other == f })
	forget(w, func(read model.Read) bool { return read.From.Flow == f.Name })
	tidyMoves(w)
}

// forget takes references out.
func forget(w *model.World, which func(model.Read) bool) {
	whole := func(a model.Address) bool { return which(model.Read{From: a}) }
	for _, f := range w.Flows {
		f.Reads = slices.DeleteFunc(f.Reads, which)
		for _, list := range []*[]model.Address{&f.Runs, &f.Text, &f.Depends, &f.After} {
			*list = slices.DeleteFunc(*list, whole)
		}
	}
}

func renameFlow(t *rapid.T, w *model.World) {
	f := someFlow(t, w)
	name := freeName(t, w)
	for _, other := range w.Flows {
		for i := range other.Reads {
			if other.Reads[i].From.Flow == f.Name {
				other.Reads[i].From.Flow = name
			}
		}
		for _, list := range [][]model.Address{other.Runs, other.Text, other.Depends, other.After} {
			for i := range list {
				if list[i].Flow == f.Name {
					list[i].Flow = name
				}
			}
		}
	}
	delete(w.Failing, f.Name)
	move := model.Move{From: f.Name, To: name}
	f.Name = name
	if rapid.Bool().Draw(t, "moved") {
		w.Moves = slices.DeleteFunc(w.Moves, func(m model.Move) bool { return m.From == move.From || m.To == move.To })
		w.Moves = append(w.Moves, move)
	}
	tidyMoves(w)
}

// tidyMoves takes away the moves that cannot be meant any more: from a flow
// that is declared again, or to one that is not.
func tidyMoves(w *model.World) {
	for range flowNames {
		moves := slices.Clone(w.Moves)
		w.Moves = slices.DeleteFunc(moves, func(m model.Move) bool {
			onward := slices.ContainsFunc(w.Moves, func(next model.Move) bool { return next.From == m.To })
			return w.Flow(m.From) != nil || w.Flow(m.To) == nil && !onward
		})
	}
}

// edits are what can be changed of one flow.
var edits = map[string]func(t *rapid.T, w *model.World, f *model.Flow){
	"word":      func(t *rapid.T, _ *model.World, f *model.Flow) { f.Word = rapid.IntRange(0, 2).Draw(t, "word") },
	"noisy":     func(t *rapid.T, _ *model.World, f *model.Flow) { f.Noisy = !f.Noisy },
	"parameter": func(t *rapid.T, _ *model.World, f *model.Flow) { f.Parameter = oneOf(t, "parameter", parameters) },
	"value":     func(t *rapid.T, _ *model.World, f *model.Flow) { f.Value = rapid.IntRange(0, 3).Draw(t, "value") },
	"salt":      func(t *rapid.T, _ *model.World, f *model.Flow) { f.Salt = oneOf(t, "salt", []string{"", "s"}) },
	"file":      func(t *rapid.T, _ *model.World, f *model.Flow) { f.File = oneOf(t, "file", append(fileNames, "")) },
	"place": func(t *rapid.T, _ *model.World, f *model.Flow) {
		f.Environment = oneOf(t, "environment", append(flowPlaces, ""))
	},
	"hook": func(t *rapid.T, _ *model.World, f *model.Flow) { f.Hook = oneOf(t, "hook", append(hookNames, "")) },
	"policy": func(t *rapid.T, _ *model.World, f *model.Flow) {
		f.Policy = oneOf(t, "policy", policies)
	},
	"volatile": func(t *rapid.T, _ *model.World, f *model.Flow) {
		f.Volatile = rapid.IntRange(0, 3).Draw(t, "volatile") == 0
	},
	"expires": func(t *rapid.T, _ *model.World, f *model.Flow) {
		f.ExpiresAfter = oneOf(t, "expires", []int{2, 0, 5})
	},
	"outputs":          editOutputs,
	"keys":             editKeys,
	"refer":            refer,
	"refer to another": refer,
	"refer once more":  refer,
	"stop referring":   stopReferring,
}

func editFlow(t *rapid.T, w *model.World) {
	f := someFlow(t, w)
	kind := oneOf(t, "edit", slices.Sorted(maps.Keys(edits)))
	edits[kind](t, w, f)
}

func editOutputs(t *rapid.T, w *model.World, f *model.Flow) {
	f.Outputs = oneOf(t, "outputs", []int{0, 1, 2, 2})
	forget(w, func(read model.Read) bool {
		return read.From.Flow == f.Name && (read.Output == "m" && f.Outputs < 2 || read.Output == "n" && f.Outputs < 1)
	})
}

// editKeys gives a flow other instances, or makes it one with or without.
func editKeys(t *rapid.T, w *model.World, f *model.Flow) {
	f.Keys = oneOf(t, "keys", [][]string{nil, {"1"}, {"1", "2"}, {"2", "3"}})
	if f.Keys != nil {
		f.Pin = 0
	}
	f.UsesKey = f.Keys != nil && rapid.Bool().Draw(t, "uses the key")
	there := f.Instances()
	forget(w, func(read model.Read) bool { return read.From.Flow == f.Name && !slices.Contains(there, read.From) })
}

// refer adds a reference to a flow that is declared before.
func refer(t *rapid.T, w *model.World, f *model.Flow) {
	var before []model.Address
	for _, other := range w.Flows[:slices.Index(w.Flows, f)] {
		before = append(before, other.Instances()...)
	}
	if len(before) == 0 {
		t.Skip("nothing to refer to")
	}
	from := oneOf(t, "from", before)
	add := func(list *[]model.Address) {
		if len(*list) < 2 && !slices.Contains(*list, from) {
			*list = append(*list, from)
		}
	}
	switch oneOf(t, "how", []string{"read", "depends_on", "run", "text", "after"}) {
	case "run":
		add(&f.Runs)
	case "text":
		add(&f.Text)
	case "depends_on":
		add(&f.Depends)
	case "after":
		add(&f.After)
	case "read":
		if outputs := w.Flow(from.Flow).Outputs; outputs > 0 && len(f.Reads) < 2 {
			f.Reads = append(f.Reads, model.Read{From: from, Output: oneOf(t, "output", []string{"n", "m"}[:outputs])})
		}
	}
}

func stopReferring(t *rapid.T, _ *model.World, f *model.Flow) {
	for _, list := range []*[]model.Address{&f.Runs, &f.Text, &f.Depends, &f.After} {
		if len(*list) > 0 && rapid.Bool().Draw(t, "stop") {
			*list = (*list)[1:]
		}
	}
	if len(f.Reads) > 0 && rapid.Bool().Draw(t, "stop reading") {
		f.Reads = f.Reads[1:]
	}
}

// editRest changes what is not a flow: files, hooks, environments, and what
// runs come out as.
func editRest(t *rapid.T, w *model.World) {
	switch oneOf(t, "what", []string{"failing", "clock", "packages", "hook", "file", "mode", "stale lock", "tools", "order of depends_on"}) {
	case "file":
		w.Files[oneOf(t, "file", fileNames)].Content = rapid.IntRange(0, 3).Draw(t, "content")
	case "mode":
		file := w.Files[oneOf(t, "file", fileNames)]
		file.Executable = !file.Executable
	case "hook":
		w.Hooks[oneOf(t, "hook", hookNames)].Value = rapid.IntRange(0, 2).Draw(t, "answer")
	case "packages":
		w.Environments[oneOf(t, "environment", flowPlaces)].Packages = rapid.IntRange(0, 2).Draw(t, "packages")
	case "stale lock":
		w.Environments[oneOf(t, "environment", append(flowPlaces, "tools"))].Locked = false
	case "tools":
		w.Environments["tools"].Built = false
	case "failing":
		f := someFlow(t, w)
		w.Failing[f.Name] = !w.Failing[f.Name]
	case "order of depends_on":
		for _, f := range w.Flows {
			slices.Reverse(f.Depends)
		}
	case "clock":
		w.Now += rapid.IntRange(1, 4).Draw(t, "hours")
	}
}

// failing lists the flows whose runs fail.
func failing(w *model.World) string {
	var names []string
	for name, fails := range w.Failing {
		if fails {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func instances(w *model.World) []model.Address {
	var list []model.Address
	for _, f := range w.Flows {
		list = append(list, f.Instances()...)
	}
	return list
}
