package eval

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// pure are the functions that depend on their arguments alone, under
// Terraform's names.
var pure = map[string]function.Function{
	"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "log": stdlib.LogFunc,
	"max": stdlib.MaxFunc, "min": stdlib.MinFunc, "pow": stdlib.PowFunc, "signum": stdlib.SignumFunc,
	"parseint": stdlib.ParseIntFunc, "range": stdlib.RangeFunc,

	"chomp": stdlib.ChompFunc, "format": stdlib.FormatFunc, "formatdate": stdlib.FormatDateFunc, "formatlist": stdlib.FormatListFunc,
	"indent": stdlib.IndentFunc, "join": stdlib.JoinFunc, "lower": wholeTextFunction(lower), "regex": stdlib.RegexFunc,
	"regexall": stdlib.RegexAllFunc, "replace": stdlib.ReplaceFunc, "split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc,
	"substr": stdlib.SubstrFunc, "timeadd": stdlib.TimeAddFunc, "title": stdlib.TitleFunc, "trim": stdlib.TrimFunc,
	"trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "upper": wholeTextFunction(upper),
	"startswith": textTest(strings.HasPrefix), "endswith": textTest(strings.HasSuffix), "strcontains": textTest(strings.Contains),

	"chunklist": stdlib.ChunklistFunc, "coalesce": stdlib.CoalesceFunc, "coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc,
	"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc,
	"flatten": stdlib.FlattenFunc, "index": stdlib.IndexFunc, "keys": stdlib.KeysFunc, "length": lengthFunction,
	"lookup": stdlib.LookupFunc, "merge": stdlib.MergeFunc, "reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc,
	"setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc, "slice": stdlib.SliceFunc, "sort": stdlib.SortFunc,
	"values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,

	"csvdecode": stdlib.CSVDecodeFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,
	"base64encode": wholeTextFunction(func(s string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil }),
	"base64decode": textFunction(func(s string) (string, error) {
		out, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return "", err
		}
		return string(out), checkText("what is decoded", string(out), "pass it on as it is, and decode it in the flow")
	}),
	"md5":  wholeTextFunction(func(s string) (string, error) { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]), nil }),
	"sha1": wholeTextFunction(func(s string) (string, error) { sum := sha1.Sum([]byte(s)); return hex.EncodeToString(sum[:]), nil }),
	"sha256": wholeTextFunction(func(s string) (string, error) {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:]), nil
	}),
	"sha512": wholeTextFunction(func(s string) (string, error) {
		sum := sha512.Sum512([]byte(s))
		return hex.EncodeToString(sum[:]), nil
	}),

	"basename": textFunction(func(s string) (string, error) { return path.Base(s), nil }),
	"dirname":  textFunction(func(s string) (string, error) { return path.Dir(s), nil }),

	"tobool": stdlib.MakeToFunc(cty.Bool), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
	"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), "tonumber": stdlib.MakeToFunc(cty.Number),
	"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String),

	"can": tryfunc.CanFunc, "try": tryfunc.TryFunc,
}

// unavailable are names that Terraform has and flowrider has not, because a
// result that differs from call to call would rerun flows for ever.
var unavailable = map[string]string{
	"timestamp":     "A time that matters is a variable, given with --var; one that does not is a hook with ambient = true.",
	"plantimestamp": "A time that matters is a variable, given with --var; one that does not is a hook with ambient = true.",
	"uuid":          "Use a variable, or a hook with ambient = true if the value should not count in the config hash.",
	"bcrypt":        "Its result differs from call to call; use sha256.",
}

// functions are all functions for one of the two evaluations; root is the
// folder that file functions read below.
func functions(root string, hashed bool) map[string]function.Function {
	all := map[string]function.Function{
		"file":       fileFunction(root),
		"fileexists": fileExistsFunction(root),
		"fileset":    fileSetFunction(root),
		"env":        envFunction,
		"ambient":    markFunction(Ambient, hashed),
		"sensitive":  markFunction(Sensitive, hashed),
	}
	for name, f := range pure {
		all[name] = f
	}
	return all
}

// FunctionNames lists the functions of the language, sorted.
func FunctionNames() []string {
	var names []string
	for name := range functions("", false) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func textFunction(f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			out, err := f(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.StringVal(out), nil
		},
	})
}

// wholeTextFunction is one whose result tells as much as its argument, so that
// what stands for the argument makes what stands for the result.
func wholeTextFunction(f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String, AllowMarked: true}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, marks := args[0].Unmark()
			out, err := f(text.AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			if s := standsOf(marks); len(s.list) > 0 && (s.mask == "" || s.mask == Local && s.covers(text.AsString())) {
				hashed, err := f(s.replace(text.AsString()))
				if err != nil {
					return cty.NilVal, function.NewArgError(0, err)
				}
				marks = withoutStands(marks)
				marks[stand{out, hashed}] = struct{}{}
			}
			return cty.StringVal(out).WithMarks(marks), nil
		},
	})
}

func lower(text string) (string, error) { return strings.ToLower(text), nil }
func upper(text string) (string, error) { return strings.ToUpper(text), nil }

func textTest(f func(text, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "part", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// markFunction marks its argument in the real evaluation and gives the
// stand-in in the hashed one.
func markFunction(mark fact, hashed bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{
			Name: "value", Type: cty.DynamicPseudoType,
			AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
		}},
		Type: func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if hashed {
				return standIn(args[0], mark), nil
			}
			if err := CheckHideable(Texts(args[0])); mark == Sensitive && err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return args[0].Mark(mark), nil
		},
	})
}

// lengthFunction counts elements, and members of objects too, which the
// standard library's does not: flow.train is an object of its instances.
var lengthFunction = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowUnknown: true, AllowMarked: true}},
	Type: func(args []cty.Value) (cty.Type, error) {
		if t := args[0].Type(); !t.IsObjectType() && !t.IsTupleType() && !t.IsCollectionType() && t != cty.DynamicPseudoType {
			return cty.NilType, function.NewArgErrorf(0, "it must be a list, a set, a map or an object")
		}
		return cty.Number, nil
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if t := args[0].Type(); t.IsObjectType() {
			_, marks := args[0].Unmark()
			return cty.NumberIntVal(int64(len(t.AttributeTypes()))).WithMarks(marks), nil
		}
		return args[0].Length(), nil
	},
})

// envFunction reads the caller's environment. Its value counts: wrap it in
// ambient() where it should not.
var envFunction = function.New(&function.Spec{
	Params:   []function.Parameter{{Name: "name", Type: cty.String}},
	VarParam: &function.Parameter{Name: "default", Type: cty.String, AllowNull: true},
	Type:     function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if value, ok := os.LookupEnv(args[0].AsString()); ok {
			if err := checkText("the environment variable "+args[0].AsString(), value, "set it to a text in UTF-8"); err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.StringVal(value), nil
		}
		if len(args) > 1 {
			return args[1], nil
		}
		return cty.NilVal, function.NewArgErrorf(0, "the environment variable %s is not set; set it, or give a default as the second argument", args[0].AsString())
	},
})

// inRoot opens the root folder, which cannot be left, and gives a path below it
// as it is written on disk.
func inRoot(root, name string) (*os.Root, string, error) {
	folder, err := os.OpenRoot(root)
	if err != nil {
		return nil, "", err
	}
	clean := filepath.FromSlash(path.Clean(name))
	if !filepath.IsLocal(clean) {
		folder.Close()
		return nil, "", fmt.Errorf("%s is outside the root folder; paths are relative to the folder of flowrider.hcl", name)
	}
	return folder, onDisk(folder, clean), nil
}

func fileFunction(root string) function.Function {
	return textFunction(func(name string) (string, error) {
		folder, clean, err := inRoot(root, name)
		if err != nil {
			return "", err
		}
		defer folder.Close()
		content, err := folder.ReadFile(clean)
		if err != nil {
			return "", fmt.Errorf("the file %s cannot be read: %w", name, err)
		}
		return string(content), checkText("the file "+name, string(content), "let the flow read it as a file of its bundle, or convert it")
	})
}

// checkText refuses what is not UTF-8: values are texts, and bytes that are none
// would be lost where they are hashed and recorded.
func checkText(what, text, advice string) error {
	if utf8.ValidString(text) {
		return nil
	}
	at := 0
	for r, size := utf8.DecodeRuneInString(text); r != utf8.RuneError || size > 1; r, size = utf8.DecodeRuneInString(text[at:]) {
		at += size
	}
	return fmt.Errorf("%s is not UTF-8: byte %d, counted from 0, is 0x%02x; %s", what, at, text[at], advice)
}

func fileExistsFunction(root string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			folder, clean, err := inRoot(root, args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			defer folder.Close()
			info, err := folder.Stat(clean)
			return cty.BoolVal(err == nil && info.Mode().IsRegular()), nil
		},
	})
}

func fileSetFunction(root string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "folder", Type: cty.String}, {Name: "glob", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Set(cty.String)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			folder, clean, err := inRoot(root, args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			defer folder.Close()
			pattern := path.Join(filepath.ToSlash(clean), args[1].AsString())
			matches, err := doublestar.Glob(folder.FS(), pattern, doublestar.WithFilesOnly(), doublestar.WithNoFollow())
			if err != nil {
				return cty.NilVal, function.NewArgErrorf(1, "%q is not a glob", args[1].AsString())
			}
			var values []cty.Value
			for _, match := range matches {
				rel := strings.TrimPrefix(strings.TrimPrefix(match, filepath.ToSlash(clean)), "/")
				if err := checkText(fmt.Sprintf("the name of the file %q", match), rel, "rename it"); err != nil {
					return cty.NilVal, function.NewArgError(0, err)
				}
				values = append(values, cty.StringVal(rel))
			}
			if len(values) == 0 {
				return cty.SetValEmpty(cty.String), nil
			}
			return cty.SetVal(values), nil
		},
	})
}
