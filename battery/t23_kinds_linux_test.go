package battery_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func sorted(list []hostile) []hostile {
	slices.SortFunc(list, func(a, b hostile) int { return cmp.Compare(a.name, b.name) })
	return list
}

// flow is a flow that does nothing, with further lines.
func flow(name, lines string) string {
	return "flow \"command\" \"" + name + "\" {\n  argv = [\"true\"]\n  " + lines + "\n}\n"
}

func cycles() []hostile {
	ring := func(n int, text func(i, next string) string) string {
		var out strings.Builder
		for i := range n {
			out.WriteString(text(itoa(i), itoa((i+1)%n)))
		}
		return out.String()
	}
	return []hostile{
		one("local of itself", "locals {\n  a = local.a\n}\n").saying("Dependency cycle"),
		one("locals in a ring", "locals {\n"+ring(50_000, func(i, next string) string { return "  a" + i + " = local.a" + next + "\n" })+"}\n"),
		one("flow of itself", flow("a", "salt = flow.a.run_id")),
		one("flows in a ring", ring(8000, func(i, next string) string { return flow("a"+i, "salt = flow.a"+next+".run_id") })),
		one("flows in order in a ring", ring(8000, func(i, next string) string { return flow("a"+i, "after = [flow.a"+next+"]") })),
		one("flows that depend in a ring", ring(8000, func(i, next string) string { return flow("a"+i, "depends_on = [flow.a"+next+"]") })),
		one("profile of itself", "profile \"a\" {\n  inherits = [profile.a]\n}\n"),
		one("profiles in a ring", ring(20_000, func(i, next string) string {
			return "profile \"a" + i + "\" {\n  inherits = [profile.a" + next + "]\n}\n"
		})),
		one("profiles in a chain", "profile \"a0\" {\n  salt = \"a\"\n}\n"+strings.ReplaceAll(ring(20_000, func(i, next string) string {
			return "profile \"a" + next + "\" {\n  inherits = [profile.a" + i + "]\n}\n"
		}), "profile \"a0\" {\n  inherits", "profile \"b\" {\n  inherits")).with(anyCode),
		one("profiles doubled", "profile \"a0\" {\n  parameters = {a = 1}\n}\n"+strings.ReplaceAll(ring(40, func(i, next string) string {
			return "profile \"a" + next + "\" {\n  inherits = [profile.a" + i + ", profile.a" + i + "]\n}\n"
		}), "profile \"a0\" {\n  inherits", "profile \"b\" {\n  inherits")).with(anyCode),
		one("hook of itself", "hook \"python\" \"a\" {\n  function = \"a:b\"\n  args = [hook.a]\n}\n"),
		one("hook and flow", "hook \"python\" \"a\" {\n  function = \"a:b\"\n  args = [flow.a.run_id]\n}\n"+flow("a", "salt = tostring(hook.a)")),
		one("moved in a ring", "moved {\n  from = flow.a\n  to = flow.b\n}\nmoved {\n  from = flow.b\n  to = flow.a\n}\n"+flow("a", "")),
		one("moved to itself", "moved {\n  from = flow.a\n  to = flow.a\n}\n"+flow("a", "")),
		one("moved in a chain", flow("a0", "")+distinct(20_000, "moved {\n  from = flow.b#\n  to = flow.a0\n}\n")).with(anyCode),
		one("for_each of itself", flow("a", "for_each = flow.a")),
		one("variable of itself", "variable \"a\" {\n  default = var.a\n}\n"),
		one("validation of another", "variable \"a\" {\n  default = 1\n  validation {\n    condition = local.a\n    error_message = \"\"\n  }\n}\nlocals {\n  a = var.a\n}\n"),
		one("everything of everything", "locals {\n"+distinct(300, "  a# = ["+strings.TrimSuffix(distinct(300, "local.a#,"), ",")+"]\n")+"}\n"),
		one("layers of locals", "locals {\n"+distinct(500, "  a# = ["+distinct(200, "local.b#, ")+"]\n")+distinct(200, "  b# = ["+distinct(200, "local.c#, ")+"]\n")+distinct(200, "  c# = 1\n")+"}\n").with(anyCode),
	}
}

func notText() []hostile {
	valid := flow("a", "")
	list := []hostile{
		one("NUL", valid+"\x00"), one("NULs of 10 MiB", times("\x00", 10<<20)), one("Latin-1", "# caf\xe9\n"+valid), one("truncated UTF-8", valid+"# \xe2\x82"),
		one("overlong UTF-8", "# \xc0\xaf\n"), one("surrogates", "# \xed\xa0\x80\n"), one("UTF-16", "\xff\xfef\x00l\x00"), one("bytes", func() string {
			var all []byte
			for i := range 1 << 20 {
				all = append(all, byte(i*7+i>>8))
			}
			return string(all)
		}()),
		one("BOM", "\ufeff"+valid).with(fine), one("two BOMs", "\ufeff\ufeff"+valid), one("BOM inside", valid+"\ufeff"+valid), one("CRLF", strings.ReplaceAll(valid, "\n", "\r\n")).with(fine),
		one("CR alone", strings.ReplaceAll(valid, "\n", "\r")), one("conflict", valid+"<<<<<<< HEAD\n=======\n>>>>>>> other\n").saying("Conflict marker"), one("half a conflict", valid+">>>>>>> other\n"),
		one("gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00"), one("ELF", "\x7fELF\x02\x01\x01"), one("nothing but spaces", times(" ", 20<<20)).with(fine), one("tabs", times("\t", 20<<20)).with(fine),
		one("form feeds", times("\f", 1<<20)), one("vertical tabs", "a\v=\v1"), one("escape sequences", "\x1b]0;owned\x07\x1b[2J = 1\n"), one("line separators", "a = 1\u2028b = 2\u2029"),
		one("no-break spaces", "a\u00a0=\u00a01\n"), one("zero widths", times("\u200b", 300_000)), one("combining marks", "a"+times("\u0301", 500_000)+" = 1\n"), one("combining marks in a text", "locals {\n  a = \"a"+times("\u0301", 400_000)+"\"\n}\n").with(anyCode),
		one("flags", `a = "`+times("\U0001f1e6", 200_000)+`"`), one("joined emoji", `a = "`+times("\U0001f468\u200d", 100_000)+`"`), one("right to left", "locals {\n  a = \"\u202e\u2066\" # \u2069\n}\n").with(fine),
		one("noncharacters", "\ufffe\uffff\U0010ffff"), one("replacement", times("\ufffd", 100_000)), one("backslashes", `a = "`+times(`\`, 1_000_001)+`"`), one("unicode escapes", `locals {`+"\n"+`  a = "`+times(`\u0000`, 1000)+`\ud800\UFFFFFFFF"`+"\n}\n"),
		one("escapes of nothing", `a = "\x\y\z\u12"`),
	}
	return list
}

func names() []hostile {
	var list []hostile
	for name, text := range map[string]string{
		"empty": "", "dot": ".", "dots": "..", "slash": "a/b", "NUL": `a\u0000b`, "newline": `a\nb`, "escape": `\u001b[2J`, "template": "${1}", "percent": "%2e%2e", "space": " a", "digit": "1a", "dash": "-a", "Kelvin": "\u212a", "bidi": "a\u202eb",
		"long": times("a", 300), "longer": times("a", 100_000), "Cyrillic": "\u0430", "ligature": "\ufb01", "con": "con", "quote": `a\"b`, "backslash": `a\\b`, "glob": "a*", "tilde": "~", "dollar": "$HOME", "emoji": "\U0001f600",
	} {
		list = append(list, one("flow called "+name, flow(text, "")).with(anyCode), one("key called "+name, flow("a", "for_each = toset([\""+text+"\"])")).with(anyCode))
	}
	return append(sorted(list),
		one("look-alikes", flow("a", "")+flow("\u0430", "")).with(anyCode),
		one("letters that are one on disk", flow("a", "for_each = toset([\"\u00fc\", \"u\u0308\"])")).with(anyCode),
		one("cases", flow("a", "for_each = toset([\"a\", \"A\"])")).with(anyCode),
		one("keys that are paths", flow("a", `for_each = toset(["../../../etc/passwd", "/", "a/../b", "@x"])`)).with(anyCode),
	)
}

func atPlaces() []hostile {
	valid := flow("a", "")
	config := "flowrider.hcl"
	return []hostile{
		{name: "the file is a pipe", build: placed(config, func(path string) error { return syscall.Mkfifo(path, 0o644) })},
		{name: "the file is a folder", build: placed(config, func(path string) error { return os.Mkdir(path, 0o755) })},
		{name: "the file is a socket", build: placed(config, func(path string) error { return syscall.Mknod(path, syscall.S_IFSOCK|0o644, 0) })},
		{name: "the file is a link to itself", build: placed(config, func(path string) error { return os.Symlink(config, path) })},
		{name: "the file is a link outside", build: placed(config, func(path string) error { return os.Symlink("/etc/passwd", path) })},
		{name: "the file is a link to zeros", build: placed(config, func(path string) error { return os.Symlink("/dev/zero", path) })},
		{name: "the file is a link to nothing", build: placed(config, func(path string) error { return os.Symlink("nothing", path) })},
		{name: "the file is 1 TB of nothing", build: placed(config, func(path string) error {
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				return err
			}
			return os.Truncate(path, 1<<40)
		}), says: "File too large"},
		{name: "another file is a pipe", files: map[string]string{"": valid}, build: placed("b.flow.hcl", func(path string) error { return syscall.Mkfifo(path, 0o644) })},
		{name: "another file is a folder", files: map[string]string{"": valid, "b.flow.hcl/c": ""}},
		{name: "the values are a pipe", files: map[string]string{"": valid}, build: placed("flowrider.vars.hcl", func(path string) error { return syscall.Mkfifo(path, 0o644) })},
		{name: "the values are a folder", files: map[string]string{"": valid, "flowrider.vars.hcl/a": ""}},
		{name: "the values are a link to zeros", files: map[string]string{"": valid}, build: placed("flowrider.vars.hcl", func(path string) error { return os.Symlink("/dev/zero", path) })},
		{name: "2,001 files", files: map[string]string{"": valid}, build: manyFiles(2001, "")},
		{name: "1,999 files", files: map[string]string{"": valid}, build: manyFiles(1999, "locals {\n  a# = 1\n}\n"), code: fine},
		{name: "10,000 files", files: map[string]string{"": valid}, build: manyFiles(10_000, "locals {\n  a# = 1\n}\n"), says: "Too many files"},
		{name: "files of 75 MiB together", files: map[string]string{"": valid}, build: manyFiles(3, "# "+times("a", 25<<20)), says: "Configuration too large"},
		{name: "files of a million words", files: map[string]string{"": valid}, build: manyFiles(20, distinct(20_000, "locals {\n  a# = 1\n}\n")), says: "Configuration too large"},
		{name: "files in which the parser is lost again and again", files: map[string]string{"": valid}, build: manyFiles(230, times("flow{\n}]\n", 700))},
		{name: "no file", build: placed(config, func(string) error { return nil })},
		{name: "names of files", files: map[string]string{"": valid, "\n.flow.hcl": "x", "\x1b[2J.flow.hcl": "x", ".flow.hcl": "x", "\xff.flow.hcl": "x"}},
	}
}

// manyFiles are so many files of the configuration beside the first.
func manyFiles(n int, text string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		for i := range n {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%05d.flow.hcl", i)), []byte(strings.ReplaceAll(text, "#", itoa(i))), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func values() []hostile {
	untyped := "variable \"a\" {\n  default = null\n}\noutput \"o\" {\n  value = var.a\n}\n"
	number := "variable \"a\" {\n  type = number\n  default = 0\n}\noutput \"o\" {\n  value = \"${var.a}\"\n}\n"
	var list []hostile
	for name, text := range map[string]string{
		"brackets": times("[", 100_000), "sums": times("1+", 50_000) + "1", "negations": times("!", 100_000) + "true", "exponent": "1e10000000", "digits": times("9", 120_000), "templates": `"` + times("${", 50_000), "fors": times("[for x in [1,2,3,4,5,6,7,8,9,0] : ", 10) + "1" + times("]", 10),
		"quotes": times(`"`, 100_001), "Latin-1": "caf\xe9", "escapes": "\x1b[2J", "conditions": times("true?1:", 15_000) + "1", "call": `file("/etc/passwd")`, "reference": "[path.root]", "object": "{" + distinct(10_000, "a#=1,") + "}", "heredoc": "<<A\n" + times("a\n", 50_000) + "A\n", "nothing": "",
	} {
		list = append(list,
			hostile{name: "--var of " + name, files: map[string]string{"": untyped}, command: []string{"validate", "--var", "a=" + text}, code: anyCode},
			hostile{name: "--var to a number of " + name, files: map[string]string{"": number}, command: []string{"validate", "--var=a=" + text}, code: anyCode},
			hostile{name: "FLOWRIDER_VAR of " + name, files: map[string]string{"": number}, env: []string{"FLOWRIDER_VAR_a=" + text}, code: anyCode},
			hostile{name: "values file of " + name, files: map[string]string{"": untyped, "flowrider.vars.hcl": "a = " + text + "\n"}, code: anyCode},
		)
	}
	return append(sorted(list),
		hostile{name: "values file of 30 MiB", files: map[string]string{"": untyped, "flowrider.vars.hcl": "a = \"" + times("a", 30<<20) + "\"\n"}, says: "Value too large"},
		hostile{name: "values file of a million lines", files: map[string]string{"": untyped, "flowrider.vars.hcl": distinct(400_000, "a# = 1\n")}},
		hostile{name: "values file of blocks", files: map[string]string{"": untyped, "flowrider.vars.hcl": times("a {\n", 50_000)}},
		hostile{name: "values file in JSON", files: map[string]string{"": untyped, "v.vars.hcl.json": `{"a": ` + times("[", 100_000)}, command: []string{"validate", "--var-file", "v.vars.hcl.json"}},
		hostile{name: "values file that is endless", files: map[string]string{"": untyped}, command: []string{"validate", "--var-file", "/dev/zero"}},
		hostile{name: "many values", files: map[string]string{"": untyped}, command: append([]string{"validate"}, strings.Split(strings.TrimSuffix(distinct(20_000, "--var=a#=1\n"), "\n"), "\n")...)},
	)
}

func inJSON() []hostile {
	json := func(name, text string) hostile {
		return hostile{name: "JSON, " + name, files: map[string]string{"": "", "a.flow.hcl.json": text}}
	}
	expr := func(name, text string) hostile {
		return json(name, `{"locals": {"a": "`+text+`"}, "output": {"o": {"value": "${local.a}"}}}`)
	}
	return []hostile{
		json("brackets", times("[", 1_000_000)), json("braces", times(`{"a":`, 100_000)), json("brackets, closed", `{"locals":{"a":`+times("[", 100_000)+times("]", 100_000)+"}}"),
		json("digits", `{"locals":{"a":`+times("9", 10<<20)+"}}"), json("exponent", `{"locals":{"a":1e999999999}}`), json("numbers", `{"locals":{"a":[`+times("1,", 10<<20)+"1]}}"), json("commas", times(",", 10<<20)), json("colons", times(":", 10<<20)),
		json("texts", `{"locals":{"a":[`+times(`"a",`, 200_000)+`"a"]}}`).with(anyCode), json("a text of 30 MiB", `{"locals":{"a":"`+times("a", 30<<20)+`"}}`), json("keys", `{"locals":{`+distinct(200_000, `"a#":1,`)+`"b":1}}`).with(anyCode), json("one key", `{"locals":{`+times(`"a":1,`, 200_000)+`"b":1}}`),
		json("blocks", `{"flow":{"command":{`+distinct(50_000, `"a#":{},`)+`"b":{}}}}`), json("nulls", `{"flow":`+`[`+times("null,", 100_000)+`null]}`), json("words", times("true ", 1_000_000)), json("bare words", times("a", 10<<20)), json("no end of a text", `{"a": "`+times("a", 10<<20)),
		json("escapes", `{"locals":{"a":"`+times(`\u0000`, 1000)+`"}}`).with(anyCode), json("surrogates", `{"locals":{"a":"`+times(`\ud800`, 100_000)+`"}}`).with(anyCode), json("comments", times("// a\n", 100_000)), json("empty", ""), json("null", "null"), json("a list", "[]").with(anyCode), json("a number", "1"),
		expr("parentheses", "${"+times("(", 100_000)), expr("escaped parentheses", `\u0024{`+times(`\u0028`, 100_000)), expr("sums", "${"+times("1+", 100_000)+"1}"), expr("templates", times(`${\"`, 50_000)), expr("fors", "${"+times("[for x in range(10) : ", 9)+"1"+times("]", 9)+"}"),
		expr("directives", times("%{if true}", 50_000)), expr("exponent in a template", "${1e10000000}"), expr("interpolations", times("${1}", 200_000)), expr("dollars", times("$", 10<<20)).with(anyCode), expr("format", `${format(\"%2000000000d\", 1)}`),
		json("doubling", `{"locals":{`+strings.TrimSuffix(`"l0":"ab",`+doubledJSON(64), ",")+`}, "output":{"o":{"value":"${local.l63}"}}}`), json("type", `{"variable":{"a":{"default":null,"type":"`+times("list(", 50_000)+`"}}}`),
		json("cycle", `{"locals":{"a":"${local.b}","b":"${local.a}"}}`), json("a name of 1 MiB", `{"flow":{"command":{"`+times("a", 1<<20)+`":{"argv":["true"]}}}}`).with(anyCode), json("BOM", "\ufeff{}").with(anyCode), json("two documents", "{}{}"), json("depth of blocks", times(`{"flow":`, 1000)+"1"+times("}", 1000)),
	}
}

func doubledJSON(n int) string {
	var out strings.Builder
	for i := 1; i < n; i++ {
		fmt.Fprintf(&out, `"l%d":"${local.l%d}${local.l%d}",`, i, i-1, i-1)
	}
	return out.String()
}

func inBlocks() []hostile {
	millions := "flatten([for x in range(1000) : [for y in range(1000) : \"k${x}-${y}\"]])"
	return []hostile{
		one("for_each of a million", flow("a", "for_each = toset("+millions+")")),
		one("for_each of 100,001", flow("a", "for_each = toset(flatten([for x in range(1000) : [for y in range(101) : \"k${x}-${y}\"]]))")).saying("large"),
		one("for_each again and again", "locals {\n  k = toset(flatten([for x in range(500) : [for y in range(100) : \"k${x}-${y}\"]]))\n}\n"+distinct(40, flow("a#", "for_each = local.k"))),
		one("for_each in many flows", "variable \"k\" {\n  default = ["+distinct(30_000, "\"k#\",")+"]\n}\n"+distinct(5, flow("a#", "for_each = toset(var.k)"))).saying("flows"),
		one("for_each of a text", flow("a", "for_each = \""+times("a", 1000)+"\"")),
		one("for_each of an unknown", flow("b", "")+flow("a", "for_each = toset([flow.b.run_id])")),
		one("for_each of null", flow("a", "for_each = null")),
		one("for_each with long keys", flow("a", "for_each = {\""+times("k", 10_000)+"\" = 1}")).with(anyCode),
		one("for_each with mistakes", flow("a", "for_each = toset(flatten([for x in range(100) : [for y in range(100) : \"k${x}-${y}\"]]))\n  salt = each.value + 1")),
		one("profile of everything", "profile \"a\" {\n"+distinct(10_000, "  a# = 1\n")+"}\n"),
		one("large parameters", flow("a", "env = {for x in range(1000) : \"k${x}\" => \""+times("a", 20_000)+"\"}")),
		one("many large arguments", "locals {\n  t = \""+times("a", 500_000)+"\"\n}\n"+distinct(500, flow("a#", "salt = \"${local.t}#\""))),
		one("pools of all sizes", distinct(20_000, "pool \"a#\" {\n  size = 1e300\n}\n")),
		one("a timeout of ages", flow("a", "timeout = \"99999999999999999999h\"")),
		one("attempts", flow("a", "retry {\n    attempts = 1e300\n  }")),
		one("memory", flow("a", "resources {\n    memory = \"99999999999999999999EiB\"\n  }")),
		one("required version", "flowrider {\n  required_version = \">= "+times("9", 100_000)+"\"\n}\n"),
		one("required versions", "flowrider {\n  required_version = \""+times(">= 0, ", 100_000)+"\"\n}\n"),
		one("runs outside", "flowrider {\n  runs = \"../../../etc\"\n}\n"),
		one("project outside", "project \"a\" {\n  root = \"/proc\"\n}\n"+flow("a", "project = project.a")).with(anyCode),
		one("globs", flow("a", "bundle {\n    include = [\""+times("**/", 1000)+"*\"]\n  }")).with(anyCode),
		one("braces in globs", flow("a", "bundle {\n    include = [\""+times("{a,b}", 1000)+"\"]\n  }")).with(anyCode),
		one("brackets in globs", flow("a", "bundle {\n    include = [\""+times("[", 100_000)+"\"]\n  }")).with(anyCode),
		one("many tags", flow("a", "tags = [for x in range(1000) : \"t${x}\"]")).with(anyCode),
		one("argv of a million", flow("a", "salt = join(\"\", "+millions+")")),
		one("outputs of a flow", flow("a", distinct(5000, "output \"o#\" { file = \"o#\" }\n"))).with(anyCode),
		one("nested outputs", flow("a", times("output \"o\" {\n", 1000))),
	}
}

func forgedRecords() []hostile {
	valid := flow("a", "")
	plan := []string{"plan"}
	var list []hostile
	for name, text := range map[string]string{
		"brackets": times("[", 1_000_000), "nothing": "", "NULs": times("\x00", 1<<20), "a number": "1e999999999", "digits": `{"schema": ` + times("9", 1<<20) + `}`, "30 MiB": `{"a": "` + times("a", 30<<20) + `"}`, "a conflict": "<<<<<<< a\n{}\n=======\n{}\n>>>>>>> b\n",
		"conflicts": times("<<<<<<< a\n", 100_000), "keys": "{" + distinct(300_000, `"a#":1,`) + `"b":1}`, "Latin-1": "{\"run_id\": \"caf\xe9\"}", "escapes": `{"run_id": "\u001b[2J"}`, "a list": "[]",
	} {
		list = append(list, hostile{name: "record of " + name, files: map[string]string{"": valid, "runs/a.json": text}, command: plan, code: anyCode})
	}
	list = sorted(list)
	return append(list,
		hostile{name: "record that is a pipe", files: map[string]string{"": valid, "runs/b.json": "{}"}, command: plan, build: placed("runs/a.json", func(path string) error { return syscall.Mkfifo(path, 0o644) }), code: anyCode},
		hostile{name: "record that is endless", files: map[string]string{"": valid, "runs/b.json": "{}"}, command: plan, build: placed("runs/a.json", func(path string) error { return os.Symlink("/dev/zero", path) }), code: anyCode},
		hostile{name: "record that is a folder", files: map[string]string{"": valid, "runs/a.json/b": ""}, command: plan, code: anyCode},
		hostile{name: "records that are a pipe", files: map[string]string{"": valid}, command: plan, build: placed("runs", func(path string) error { return syscall.Mkfifo(path, 0o644) }), code: anyCode},
		hostile{name: "records that are a file", files: map[string]string{"": valid, "runs": "a"}, command: plan, code: anyCode},
	)
}
