package metaflow

import (
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/runner"
)

// Spec picks what decides the result: the entry point, the parameters and
// configs that are given, and the options that count (options.go). A file of
// configs counts by its name here, and by its content as part of the bundle.
func (Runner) Spec(args runner.Arguments) map[string]cty.Value {
	spec := map[string]cty.Value{}
	if file, ok := args[argFile]; ok {
		spec["entry"] = file
	}
	for _, argument := range []string{argParameters, argConfigs, argConfigValues} {
		specify(spec, argument, args[argument], func(_ string, v cty.Value) cty.Value { return v })
	}
	for _, argument := range []string{argOptions, argRunOptions} {
		specify(spec, argument, args[argument], countedOption)
	}
	return spec
}

// specify adds a label for each member of an argument of which counted leaves
// something. Where not even the members' names are known, all is unknown.
func specify(spec map[string]cty.Value, argument string, whole cty.Value, counted func(string, cty.Value) cty.Value) {
	members, known := givenMembers(whole)
	if !known {
		spec[argument] = whole
		return
	}
	for _, m := range members {
		if v := counted(m.name, m.value); v != cty.NilVal {
			spec[argument+"."+m.name] = v
		}
	}
}

// member is one entry of an object or map of the configuration.
type member struct {
	name  string
	value cty.Value
}

// membersOf lists the members of an object or map, sorted by name; none of
// one that is absent or null. known is false where their names are not known.
func membersOf(v cty.Value) (members []member, known bool) {
	switch {
	case v == cty.NilVal || isNull(v):
		return nil, true
	case v.Type().IsObjectType():
		for _, name := range slices.Sorted(maps.Keys(v.Type().AttributeTypes())) {
			members = append(members, member{name, v.GetAttr(name)})
		}
		return members, true
	case !v.IsKnown():
		return nil, false
	}
	for it := v.ElementIterator(); it.Next(); { // a map's, sorted by key
		key, value := it.Element()
		members = append(members, member{key.AsString(), value})
	}
	return members, true
}

// givenMembers are those of membersOf that are not null: null is not given.
func givenMembers(v cty.Value) (members []member, known bool) {
	members, known = membersOf(v)
	return slices.DeleteFunc(members, func(m member) bool { return isNull(m.value) }), known
}

// elementsOf are the elements of a list that are not null, or v alone if it
// is not a list.
func elementsOf(v cty.Value) []cty.Value {
	if isNull(v) {
		return nil
	}
	if t := v.Type(); !t.IsListType() && !t.IsTupleType() && !t.IsSetType() {
		return []cty.Value{v}
	}
	var elements []cty.Value
	for it := v.ElementIterator(); it.Next(); {
		if _, element := it.Element(); !isNull(element) {
			elements = append(elements, element)
		}
	}
	return elements
}

func isNull(v cty.Value) bool { return v.IsKnown() && v.IsNull() }
