package battery_test

import (
	"cmp"
	"os"
	"strconv"
	"strings"
	"syscall"
)

func itoa(n int) string { return strconv.Itoa(n) }

var times = strings.Repeat

// hostileConfigurations is the table of T23.
func hostileConfigurations() []hostile {
	var list []hostile
	for _, some := range [][]hostile{nestedDeeply(), longOnes(), withNumbers(), doubling(), inOneCall(), inOneExpression(), cycles(), notText(), names(), atPlaces(), values(), inJSON(), inBlocks(), forgedRecords()} {
		list = append(list, some...)
	}
	return list
}

func nestedDeeply() []hostile {
	var list []hostile
	for _, b := range []struct{ name, open, inner, shut string }{
		{"parentheses", "(", "1", ")"}, {"lists", "[", "", "]"}, {"objects", "{a=", "1", "}"}, {"templates", `"${`, "1", `}"`}, {"calls", "upper(", `"a"`, ")"},
		{"conditions", "true ? ", "1", " : 2"}, {"negations", "!", "true", ""}, {"minuses", "-", "1", ""}, {"fors", "[for x in ", "[]", " : x]"},
		{"object fors", "{for x in ", "[]", " : x => x}"}, {"indexes", "", "local.b", "[0]"}, {"splats", "", "local.b", "[*]"}, {"attribute splats", "", "local.b", ".*"},
		{"additions", "(1+", "1", ")"}, {"directives", `"%{if true}`, "", `%{endif}"`}, {"for directives", `"%{for x in []}`, "", `%{endfor}"`}, {"strip markers", `"${~ `, "1", ` ~}"`},
		{"tries", "try(", "1", ")"}, {"jsonencodes", "jsonencode(", "1", ")"}, {"mixed", `[{a=("${`, "1", `}")}]`},
	} {
		list = append(list,
			local("nested, "+b.name+", 201", times(b.open, 201)+b.inner+times(b.shut, 201)),
			local("nested, "+b.name+", 100,000", times(b.open, 100_000)+b.inner+times(b.shut, 100_000)),
			local("open, "+b.name+", 1,000,000", b.inner+times(cmp.Or(b.open, b.shut), 1_000_000)))
	}
	for i := range list {
		if strings.HasSuffix(list[i].name, ", 201") { // some of them are right, and some not
			list[i].code = anyCode
		}
	}
	return append(list,
		one("blocks in blocks", times("flow {\n", 100_000)),
		one("blocks in blocks, closed", times("flow \"command\" \"a\" {\n", 50_000)+times("}\n", 50_000)),
		local("heredocs in templates", times("<<A\n${", 20_000)),
		local("heredocs in heredocs", times("\"${<<A\n", 20_000)),
		one("types", "variable \"a\" {\n  type = "+times("list(", 50_000)+"any"+times(")", 50_000)+"\n  default = null\n}\n"),
		one("object types", "variable \"a\" {\n  type = "+times("object({a=", 20_000)+"any"+times("})", 20_000)+"\n  default = null\n}\n"),
		one("optional types", "variable \"a\" {\n  type = object({a=optional("+times("list(", 20_000)+"any"+times(")", 20_000)+")})\n  default = null\n}\n"),
		local("traversal", "local.b"+times(".a", 300_000)),
		local("legacy indexes", "local.b"+times(".0", 100_000)),
		local("brackets that do not match", times("([{", 100_000)+times(")]}", 100_000)),
		local("closers alone", times("}])", 300_000)),
		local("quotes alone", times(`"`, 300_001)),
		local("dollars and braces", `"`+times("${", 200_000)),
		local("a function of 100,000 arguments", "max("+times("1,", 100_000)+"1)").with(anyCode),
		one("labels", "flow "+times(`"a" `, 200_000)+"{}\n"),
		one("annotated heredoc", "locals {\n  a = <<-A\n"+times("${<<-A\n", 5000)),
	)
}

func (h hostile) with(code int) hostile { h.code = code; return h }

func (h hostile) saying(text string) hostile { h.says = text; return h }

func longOnes() []hostile {
	return []hostile{
		local("text of 2 MiB", `"`+times("a", 2<<20)+`"`).saying("Value too large"),
		local("heredoc of 30 MiB", "<<A\n"+times(times("a", 99)+"\n", 300_000)+"A\n"),
		local("line of 30 MiB", `"`+times("ab ", 10<<20)+`"`),
		one("file of 33 MiB", "# "+times("a", 33<<20)+"\n").saying("File too large"),
		one("comment of 31 MiB", "# "+times("a", 31<<20)+"\n").with(fine),
		one("lines of 31 MiB", times("\n", 31<<20)),
		one("comments without end", times("/* ", 300_000)),
		one("comment without end", "/* "+times("a\n", 1_000_000)),
		one("assignments", times("a = 1\n", 1_000_000)),
		one("assignments in locals", "locals {\n"+times("a = 1\n", 100_000)+"}\n"),
		one("locals of other names", "locals {\n"+distinct(60_000, "  a# = 1\n")+"}\n").with(fine),
		one("locals, many", distinct(160_000, "locals {\n  a# = 1\n}\n")),
		one("empty blocks", times("locals {}\n", 240_000)).with(anyCode),
		one("unknown blocks", times("x {}\n", 240_000)),
		one("unknown blocks with labels", times("x \"a\" \"b\" {}\n", 160_000)),
		one("words", times("a ", 10<<20)),
		one("signs", times("= ", 10<<20)),
		one("semicolons", times(";", 20<<20)),
		one("dollars", `a = "`+times("$a", 10<<20)+`"`),
		one("percents", `a = "`+times("%a", 10<<20)+`"`),
		one("heredoc markers", "a = "+times("<<A ", 1_000_000)),
		one("heredoc without end", "a = <<A\n"+times("b\n", 2_000_000)),
		local("heredocs of 20,000 lines", "<<A\n"+times("b\n", 20_000)+"A\n"),
		one("heredoc dollars", "a = <<A\n"+times("$\n", 2_000_000)+"A\n"),
		local("interpolations", `"`+times("${1}", 300_000)+`"`),
		local("numbers in a list", "["+times("1,", 1_000_000)+"]"),
		local("texts in a list", "["+times(`"a",`, 150_000)+"]"),
		local("members", "{"+distinct(80_000, "a#=1,")+"}"),
		local("same members", "{"+times("a=1,", 80_000)+"}").with(anyCode),
		local("a name of 1 MiB", "local."+times("a", 1<<20)),
		one("a name of 10 MiB", times("a", 10<<20)+" = 1\n"),
		one("a block of a name of 1 MiB", "flow \"command\" \""+times("a", 1<<20)+"\" {\n  argv = [\"true\"]\n}\n").with(anyCode),
		one("flows without arguments", distinct(30_000, "flow \"command\" \"a#\" {}\n")),
		one("flows of one name", times("flow \"command\" \"a\" {\n  argv = [\"true\"]\n}\n", 30_000)),
		one("misspelt arguments", distinct(30_000, "flow \"command\" \"a#\" {\n  argw = []\n}\n")),
		one("misspelt references", "locals {\n"+distinct(40_000, "  a# = local.b#\n")+"}\n"),
		one("outputs", distinct(80_000, "output \"a#\" { value = 1 }\n")).with(fine),
		one("variables without values", distinct(80_000, "variable \"a#\" {}\n")),
	}
}

// distinct repeats a text with a number in it.
func distinct(n int, text string) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(strings.ReplaceAll(text, "#", itoa(i)))
	}
	return out.String()
}

func withNumbers() []hostile {
	return []hostile{
		local("exponent in a template", `"x${1e10000000}"`).saying("Number out of range"),
		local("exponent", "1e999999999"),
		local("small exponent", `"${1e-999999999}"`),
		local("exponent beyond all", "1e99999999999999999999999"),
		local("digits", times("9", 1<<20)),
		local("digits of 20 MiB", times("9", 20<<20)),
		local("fraction", "0."+times("1", 1<<20)),
		local("digits in a text", `"${tonumber("`+times("9", 900_000)+`")}"`),
		local("exponent in a text", `"${tonumber("1e10000000")}"`),
		local("exponents multiplied", times("1e400*", 1500)+"1"),
		chain("exponents squared", 60, "1e300", "PREV * PREV"),
		local("pow", `"${pow(10, 1000000)}"`),
		local("pow of pow", `"${pow(pow(2, 1000), 1000)}"`),
		local("division by nothing", "1 / 0"),
		local("remainder", `"${1e300 % 7e-300}"`).with(anyCode),
		local("parseint", `"${parseint("`+times("z", 900_000)+`", 36)}"`),
		local("jsondecode of an exponent", `"${jsondecode("1e10000000")}"`),
		local("index with an exponent", "[1, 2][1e300]"),
		local("format of an exponent", `format("%d", tonumber("1e1000000"))`),
		local("log", "log(0, 0)").with(anyCode),
		local("range", "range(1e9)"),
		local("range backwards", "range(0, 1e300, 1e-300)"),
	}
}

func doubling() []hostile {
	return []hostile{
		chain("text doubled", 64, `"ab"`, `"${PREV}${PREV}"`).saying("Value too large"),
		chain("text doubled by join", 64, `"ab"`, `join("", [PREV, PREV])`),
		chain("text doubled by format", 64, `"ab"`, `format("%s%s", PREV, PREV)`),
		chain("text doubled by replace", 64, `"ab"`, `replace(PREV, "a", "aa")`).with(anyCode),
		chain("text squared by replace", 20, `"aaaa"`, `replace(PREV, "a", PREV)`),
		chain("text squared by a pattern", 20, `"aaaa"`, `replace(PREV, "/./", PREV)`),
		chain("text expanded by a pattern", 40, `"aaaa"`, `replace(PREV, "/.*/", "$0$0$0")`),
		chain("text doubled by jsonencode", 100, `"\"\\"`, `jsonencode(PREV)`),
		chain("text doubled in a heredoc", 64, `"ab"`, "<<A\n${PREV}${PREV}\nA"),
		chain("text doubled by directives", 64, `"ab"`, `"%{for x in [1, 2]}${PREV}%{endfor}"`),
		chain("list doubled", 64, "[1, 2]", "[PREV, PREV]"),
		chain("list doubled by concat", 64, "[1, 2]", "concat(PREV, PREV)"),
		chain("list doubled by flatten", 64, "[1, 2]", "flatten([PREV, PREV])"),
		chain("list squared by for", 20, "[1, 2, 3]", "flatten([for x in PREV : [for y in PREV : y]])"),
		chain("object doubled", 64, "{a = 1}", "{a = PREV, b = PREV}"),
		chain("object doubled by merge", 64, "{a = 1}", "merge({a = PREV}, {b = PREV})"),
		chain("object doubled by zipmap", 64, "[1]", `values(zipmap(["a", "b"], [PREV, PREV]))`),
		chain("keys doubled", 64, `["a", "b"]`, `flatten([for x in PREV : ["${x}a", "${x}b"]])`),
		chain("sets doubled", 64, `["a", "b"]`, `setunion([for x in PREV : "${x}a"], [for x in PREV : "${x}b"])`),
		chain("type doubled", 40, "[1]", "[PREV, [PREV]]"),
		chain("nested lists", 5000, "[]", "[PREV]"),
		chain("nested objects", 5000, "{}", "{a = PREV}"),
		chain("doubled, encoded and decoded", 64, "[1]", "jsondecode(jsonencode([PREV, PREV]))"),
		chain("base64", 200, `"ab"`, "base64encode(PREV)"),
		chain("chain of 140,000", 140_000, "1", "PREV"),
		chain("chain of 900", 900, "1", "PREV + 1").with(fine),
		chain("chain of conditions", 900, "1", "PREV > 0 ? PREV : PREV").with(anyCode),
		chain("many texts of 1 MiB", 500, "join(\"\", [for x in range(1000) : \""+times("a", 1000)+"\"])", `"${substr(PREV, 1, -1)}b"`),
		one("sums of lists", "locals {\n"+chained(30, "[1]", "concat(PREV, PREV)")+"}\n").with(anyCode),
		chain("doubling in tries", 64, `"ab"`, `try("${PREV}${PREV}", "x")`),
		chain("doubling that can", 64, `"ab"`, `can("${PREV}${PREV}") ? "${PREV}${PREV}" : "x"`),
		chain("sensitive doubling", 64, `sensitive("abcdefgh")`, `"${PREV}${PREV}"`),
		chain("ambient doubling", 64, `ambient("abcdefgh")`, `"${PREV}${PREV}"`),
	}
}

func inOneCall() []hostile {
	var list []hostile
	for name, expr := range map[string]string{
		"format of a width": `format("%2000000000d", 1)`, "format of a precision": `format("%.2000000000f", 1.5)`, "format of many widths": `format("` + times("%9999999d", 500) + `"` + times(", 1", 500) + `)`,
		"format again and again": `format("` + times("%[1]s", 100_000) + `", "` + times("a", 100_000) + `")`, "formatlist of a width": `formatlist("%9999999s", ["a", "b"])`,
		"formatlist":          `formatlist("%s` + times("a", 100_000) + `", range(1000))`,
		"indent":              `indent(1000000000, "a\nb")`,
		"join of a separator": `join("` + times("a", 100_000) + `", range(1000))`,
		"replace of nothing":  `replace("` + times("a", 100_000) + `", "", "` + times("b", 100_000) + `")`,
		"replace of each":     `replace("` + times("a", 100_000) + `", "a", "` + times("b", 100_000) + `")`,
		"pattern of repeats":  `regex("((((a{30}){30}){30}){30})", "a")`, "pattern of alternatives": `regexall("(` + times("a|", 20_000) + `a)*", "` + times("a", 100_000) + `")`,
		"pattern that backtracks": `regex("^(a+)+$", "` + times("a", 100_000) + `b")`, "pattern of matches": `regexall("", "` + times("a", 900_000) + `")`,
		"pattern in pattern": `regex("` + times("(", 1000) + times(")", 1000) + `", "a")`,
		"setproduct":         `setproduct(` + times("range(1000), ", 6) + `range(1000))`, "setproduct of ten": `setproduct(` + times("range(10), ", 9) + `range(10))`,
		"chunklist": `chunklist(range(1000), 0)`, "jsondecode of brackets": `jsondecode("` + times("[", 100_000) + `")`, "jsondecode of brackets, closed": `jsondecode("` + times("[", 9000) + times("]", 9000) + `")`,
		"csvdecode": `csvdecode("` + times("a,", 50_000) + `b\n` + times("1,", 50_000) + `2")`, "split": `split("", "` + times("a", 900_000) + `")`,
		"distinct": `distinct([for x in range(1000) : [for y in range(1000) : x]])`, "setunion": `setunion([for x in range(1000) : toset([for y in range(1000) : x * 1000 + y])]...)`,
		"sort": `sort(flatten([for x in range(1000) : [for y in range(100) : "a${x}${y}"]]))`, "flatten": `flatten([for x in range(1000) : [for y in range(1000) : y]])`,
		"expanded arguments": `max([for x in range(1000) : [for y in range(1000) : y]]...)`, "merge of many": `merge([for x in range(1000) : {for y in range(1000) : "${x}-${y}" => y}]...)`,
		"timeadd": `timeadd("2020-01-01T00:00:00Z", "99999999999999999999h")`, "formatdate": `formatdate("` + times("YYYY", 200_000) + `", "2020-01-01T00:00:00Z")`,
		"substr": `substr("abc", -1000000000000, 1000000000000)`, "element": "element([], 1e300)", "slice": "slice(range(10), -5, 1e300)", "yamldecode": `yamldecode("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]")`,
		"title": `title("` + times("a ", 500_000) + `")`, "trim": `trim("` + times("ab", 400_000) + `", "` + times("ab", 400_000) + `")`,
	} {
		h := local("call, "+name, expr)
		h.code = anyCode
		list = append(list, h)
	}
	return sorted(append(list,
		hostile{name: "file of itself", files: map[string]string{"": "locals {\n  a = file(\"flowrider.hcl\")\n}\n"}, code: fine},
		hostile{name: "file of 30 MiB", files: map[string]string{"": "locals {\n  a = file(\"big\")\n}\noutput \"o\" { value = local.a }\n", "big": times("a", 30<<20)}},
		hostile{name: "file that is a pipe", files: map[string]string{"": "output \"o\" { value = file(\"pipe\") }\n"}, build: placed("pipe", func(path string) error { return syscall.Mkfifo(path, 0o644) })},
		hostile{name: "file that is endless", files: map[string]string{"": "output \"o\" { value = file(\"zero\") }\n"}, build: placed("zero", func(path string) error { return os.Symlink("/dev/zero", path) })},
		hostile{name: "file that is a folder", files: map[string]string{"": "output \"o\" { value = file(\"runs\") }\n", "runs/a": ""}},
		hostile{name: "file outside", files: map[string]string{"": "output \"o\" { value = file(\"../../../../etc/passwd\") }\n"}},
		hostile{name: "template of itself", files: map[string]string{"": "output \"o\" { value = templatefile(\"t\", {}) }\n", "t": `${templatefile("t", {})}`}},
		hostile{name: "template of others", files: map[string]string{"": "output \"o\" { value = templatefile(\"t\", {}) }\n", "t": `${templatefile("u", {})}${templatefile("u", {})}`, "u": `${templatefile("t", {})}`}},
		hostile{name: "template nested", files: map[string]string{"": "output \"o\" { value = templatefile(\"t\", {}) }\n", "t": times("${(", 100_000)}},
	))
}

func inOneExpression() []hostile {
	loop := func(levels int, inner string) string {
		text := inner
		for i := range levels {
			text = "[for x" + itoa(i) + " in range(10) : " + text + "]"
		}
		return text
	}
	return []hostile{
		local("six nested fors", loop(6, "1")),
		local("nine nested fors", loop(9, "1")),
		local("thirty nested fors", loop(30, "1")),
		local("nested fors of texts", loop(7, `"`+times("a", 1000)+`"`)),
		local("nested fors with a large list", "[for x in range(1000) : [for y in range(1000) : [for z in range(1000) : z]]]"),
		local("nested fors with conditions", "[for x in range(1000) : [for y in range(1000) : [for z in range(1000) : z if false] if false] if true]").with(anyCode),
		local("nested object fors", "{for x in range(1000) : x => {for y in range(1000) : y => {for z in range(1000) : z => z}}}"),
		local("grouped for", `{for x in flatten([for y in range(1000) : range(1000)]) : "a" => x...}`),
		local("nested directives", `"`+times("%{for x in range(100)}", 8)+"a"+times("%{endfor}", 8)+`"`),
		local("directives of a long text", `"%{for x in range(1000)}%{for y in range(1000)}`+times("a", 1000)+`%{endfor}%{endfor}"`),
		local("splat of splats", "[for x in range(1000) : [for y in range(1000) : {a = y}]][*][*].a"),
		local("list of lists in one go", "[for a in [[for x in range(1000) : x]] : [for b in range(1000) : [for c in range(100) : a]]]"),
		one("fors in a variable", "variable \"a\" {\n  default = "+loop(9, "1")+"\n}\n"),
		one("fors in a setting", "flowrider {\n  runs = "+strings.ReplaceAll(loop(9, "1"), "range(10)", "[0,1,2,3,4,5,6,7,8,9]")+"\n}\n"),
		one("fors in a boolean", "variable \"a\" {\n  default = 1\n  sensitive = "+strings.ReplaceAll(loop(9, "1"), "range(10)", "[0,1,2,3,4,5,6,7,8,9]")+"\n}\n"),
		one("fors in a validation", "variable \"a\" {\n  default = 1\n  validation {\n    condition = length("+loop(9, "1")+") > 0\n    error_message = \"no\"\n  }\n}\n"),
		one("fors in for_each", "flow \"command\" \"a\" {\n  for_each = toset("+loop(9, `"a"`)+")\n  argv = [\"true\"]\n}\n"),
		one("fors in argv", "flow \"command\" \"a\" {\n  argv = "+loop(9, `"a"`)+"\n}\n"),
		one("fors in an environment", "environment \"pip\" \"a\" {\n  packages = {for x in "+loop(9, `"a"`)+" : x => x}\n}\nflow \"command\" \"a\" {\n  environment = environment.a\n  argv = [\"true\"]\n}\n"),
		one("slow arguments", distinct(300, "flow \"command\" \"a#\" {\n  argv = [\"true\"]\n  salt = tostring(length([for x in range(1000) : [for y in range(300) : y]]))\n}\n")),
		one("slow locals", "locals {\n"+distinct(300, "  a# = length([for x in range(1000) : [for y in range(300) : y]])\n")+"}\n"+distinct(300, "output \"a#\" { value = local.a# }\n")),
	}
}
