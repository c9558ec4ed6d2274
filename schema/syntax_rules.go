package schema

import "sync"

// The patterns of a rule are of the line up to the place, and of what stands
// there.
const (
	definition = "Argument or block definition required"
	noNewline  = "Missing newline after argument"
	noBlock    = "Invalid block definition"
	oneComma   = "Unexpected comma after argument"
	oneLine    = "Invalid single-argument block definition"
	noValue    = "Invalid expression"
	noPair     = "Missing key/value separator"
	noName     = "Invalid attribute name"
	afterValue = "a value has ended"

	invalidCharacter = "Invalid character"
)

// Mistakes of which the rest of a file depends; see withBehind.
const (
	bracesMissing   = "Braces missing"
	singleQuotes    = "Single quotes"
	braceOnNextLine = "Brace on the next line"
)

// syntaxClasses are the messages of HCL's parser that come of the same mistakes:
// it depends on where a value stands what the parser had expected after it.
var syntaxClasses = map[string]string{
	"Missing expression":                              noValue,
	"Missing attribute value":                         noPair,
	noNewline:                                         afterValue,
	"Missing item separator":                          afterValue,
	"Missing attribute separator":                     afterValue,
	"Missing argument separator":                      afterValue,
	"Unbalanced parentheses":                          afterValue,
	"Extra characters after expression":               afterValue,
	"Extra characters after interpolation expression": afterValue,
}

// bare is what stands before a word that begins a value.
const bare = `(?:[=:,?(\[{&|!]|^)\s*`

// referenceRoots are the words before the first dot of a reference.
const referenceRoots = `var|local|flow|hook|each|environment|path|git|project`

const labelsInQuotes = "A block has its labels in quotes and its arguments in braces, as in flow \"command\" \"NAME\" { … }."

// listed is what a for expression goes through, up to the bracket that closes it.
const listed = `(\[[^\[\]\n]*\]|[^\s\[\](]+(?:\[[^\[\]\n]*\]|\([^()\n]*\))*)`

// spreadOnlyInCalls is said of dots in a list.
const spreadOnlyInCalls = "Dots spread out a list as the last argument of a call, and not in another list."

// note is a comment up to the end of its line, if there is one.
const note = `(?:(?:#|//)[^\n]*|/\*[^\n]*?\*/[ \t]*)*`

// nothing is what says nothing: comments, spaces and empty lines.
const nothing = `(?:\s|(?:#|//)[^\n]*|/\*.*?\*/)*`

// onNextLine is what stands before the next line that says something.
const onNextLine = note + `\r?\n` + nothing

const noJSONComment = "JSON has no comments. A property \"//\" with a text is one to flowrider."

const forExpression = "A for expression makes a list, [for x in var.list : upper(x)], or an object, { for k, v in var.map : k => upper(v) }; an if may follow."

// syntaxRules are made when the first mistake is found.
var syntaxRules = sync.OnceValue(func() []syntaxRule {
	return []syntaxRule{
		// Characters that there are not.
		rule("", "", `'([^'\n]*)'`, singleQuotes, "A text stands in double quotes: write \"$1\"."),
		rule("", "", `'`, singleQuotes, "A text stands in double quotes, as in \"a\"."),
		rule("", "", `[“”„‟]([^“”„‟"\n]*)[“”„‟"]`, "Curly quotes", "A text stands in straight double quotes: write \"$1\". Some programs for writing and chatting put others in their place."),
		rule("", "", `[‘’]([^‘’\n]*)[‘’]`, "Curly quotes", "A text stands in straight double quotes: write \"$1\"."),
		rule("", "", `[“”„‟‘’]`, "Curly quotes", "A text stands in straight double quotes, as in \"a\"."),
		rule("", "", "`([^`\n]*)`", "Backquotes", "A text stands in double quotes: write \"$1\"."),
		rule("", "", "`", "Backquotes", "A text stands in double quotes, as in \"a\"."),
		rule("", `[=(:,\[]\s*\{[^{}]*$`, `;`, "Semicolon", "The attributes of an object are separated by commas or lines. Write a comma in its place."),
		rule("", `[\[(][^\[\](){}]*$`, `;`, "Semicolon", "The items of a list, and the arguments of a function, are separated by commas. Write one in its place."),
		rule("", `\{`, `;[ \t]*[^\s#}]`, "Too much for one line", "A block on one line has one argument and the }. Put each argument on a line of its own, without semicolons."),
		rule("", "", `;[ \t]*[^\s#}]`, "Semicolon", "Arguments stand on lines of their own, without semicolons. Begin a new line in its place."),
		rule("", "", `;`, "Semicolon", "Arguments stand on lines of their own, without semicolons. Take it away."),
		rule("", "", `\$\{([^}\n]*)\}`, "Template outside a text", "${ } puts a value into a text. Outside of quotes write the expression alone: $1."),
		rule("", "", `\$\(?((`+referenceRoots+`)\.[\w.]+)`, "Dollar sign", "References have no dollar sign: write $1."),
		rule("", "", `\$\(?(\w+)\)?`, "Dollar sign", "Values have no dollar sign: write var.$1 for a variable of this configuration, and env(\"$1\") for one of the environment."),
		rule("", "", `@(\w*)`, "Invalid character", "The character @ has no meaning here. If it belongs to a text, the text needs double quotes."),
		rule("", "", `&`, "Unsupported operator", "Write && for \"and\"; there are no operators on bits."),
		rule("", `\btype\s*=\s*(\S+)\s*$`, `\|\s*(?:null|None)\b`, "Unsupported operator", "A variable may be null unless it has nullable = false. Write type = $1."),
		rule("", "", `\|`, "Unsupported operator", "Write || for \"or\"; there are no operators on bits, and no pipes: functions are called, as in upper(var.name)."),
		rule("", "", `\^`, "Unsupported operator", "Write pow(2, 3) for a power; there are no operators on bits."),
		rule("", "", `~`, "Unsupported operator", "There are no operators on bits."),
		rule("", "", "[\u00a0\u200b\u2002-\u200d\u202f\u3000\ufeff]", "Invisible character", "A special space stands here, as copied from a page or document. Delete it, and write an ordinary space."),
		rule("", "", `\r`, "Invisible character", "A line ends here without a line feed. Save the file with line ends as on Unix or Windows."),
		rule("", "", `(\S)`, "Invalid character", "The character $1 has no meaning here. If it belongs to a text, the text needs double quotes."),

		// What is no HCL at all.
		rule(definition, `^$`, `\{`, notHCL, "This looks like JSON. Give the file a name that ends with .flow.hcl.json, beside an empty flowrider.hcl; or write HCL: flow \"command\" \"NAME\" { argv = [\"program\"] }."),
		rule(definition, `^$`, `[\w-]+:\s*(#.*)?\n\s*(- |[\w-]+:)`, notHCL, "This looks like YAML. Write HCL: a block has a name and braces, and an argument =, as in flow \"command\" \"NAME\" { argv = [\"program\"] }."),
		rule(definition, `^$`, `\[[\w."-]+\][ \t]*`+note+`\n\s*[\w-]+\s*=`, notHCL, "This looks like TOML. Write HCL: a block has a name and braces, as in flow \"command\" \"NAME\" { argv = [\"program\"] }."),
		rule(definition, `^$`, `(---|- \w)`, notHCL, "This looks like YAML. Write HCL: a block has a name and braces, and an argument =, as in flow \"command\" \"NAME\" { argv = [\"program\"] }."),

		// Arguments and blocks.
		rule(definition, "", `(?:flowrider|locals|moved|import|bundle|retry|resources|pin|stop|validation)[ \t]*`+onNextLine+`\{`, braceOnNextLine, "The { of a block stands at the end of the line with its name. Put it there."),
		rule(definition, "", `([\w-]+)\s*:=\s*([^\n]*)`, "Equals sign missing", "An argument is written with =, without a colon: $1 = $2"),
		rule(definition, "", `([\w-]+)[ \t]*:[ \t]*`+note+`\n\s*- `, "Equals sign missing", "An argument is written with =, and a list in brackets: $1 = [VALUE, VALUE]"),
		rule(definition, "", `([\w-]+)[ \t]*:[ \t]*`+note+`(?:\n|$)`, "Equals sign missing", "An argument is written with =, and an object in braces: $1 = { NAME = VALUE }"),
		rule(definition, "", `([\w-]+)[ \t]*:[ \t]*([^\n]*)`, "Equals sign missing", "An argument is written with =, not with a colon: $1 = $2"),
		rule(definition, "", `([\w-]+)\s*=>\s*([^\n]*)`, "Equals sign missing", "An argument is written with =, not with =>: $1 = $2"),
		rule(definition, "", `([\w-]+)\s*==\s*([^\n]*)`, "Equals sign missing", "An argument is written with one =: $1 = $2"),
		rule(definition, "", `([\w-]+)\s*[+|-]=\s*([^\n]*)`, "Equals sign missing", "An argument is written with =: $1 = $2. Nothing is added to an earlier value; merge() and concat() put values together."),
		rule(definition, "", `(?:`+blockTypes+`)\s*\([^()\n]*\)\s*\{`, "Invalid block", labelsInQuotes),
		rule(definition, "", `([\w-]+)\s*([\[({\d][^\n]*)`, "Equals sign missing", "An argument is written with =: $1 = $2"),
		rule(definition, "", `var\.([\w-]+)\s*=\s*([^\n]*)`, "Invalid name", "A variable gets its value by its name alone, in a file of values: write $1 = $2"),
		rule(definition, "", `([\w-]+)\.([\w.-]+)\s*=`, "Invalid name", "An argument's name has no dots. For an attribute of an object write $1 = { $2 = … }."),
		rule(definition, "", `([A-Za-z_][\w-]*)\s*`+note+`(\n|$)`, "Equals sign missing", "There is nothing but a name here. Write $1 = VALUE for an argument, or $1 { … } for a block."),
		rule(definition, "", `--`, "Invalid comment", "A comment begins with #."),
		rule(definition, "", `/\*`, "Comment not closed", "This comment begins with /* and needs */ where it ends; one of a single line begins with #."),
		rule(definition, "", `(\d[\w-]*)`, "Invalid name", "$1 cannot be a name here: a name starts with a letter or underscore."),
		rule(definition, "", `<%|\{%|\{\{`, "Template outside a text", "A configuration file is no template. Use variables, locals and for_each instead."),
		rule(definition, "", `(\S+)`, "Argument or block needed", "$1 cannot stand here. Write an argument, as in name = VALUE, or a block, as in name { … }."),
		rule("Invalid argument name", "", `"([\w-]+)"\s*[:=]\s*([^\n]*)`, "Quoted name", "An argument's name has no quotes: write $1 = $2"),
		rule("Invalid argument name", "", ``, "Quoted name", "An argument's name has no quotes, as in name = VALUE."),
		rule(noBlock, `^(from\s+[\w.]+\s+)?import\s+\w`, ``, notHCL, "This looks like Python. A flow's code stays in a file of its own, and this one says flow \"metaflow\" \"NAME\" { file = \"flow.py\" }."),
		rule(noBlock, "", onNextLine+`\{`, braceOnNextLine, "The { of a block stands at the end of the line with its name. Put it there."),
		rule(noBlock, `^(variable\s+(?:"[^"]*"|[A-Za-z_][\w-]*))\s*$`, `=\s*([^{\[(\s#][^\n#]*)`, "Equals sign in a block", "A block has arguments in braces, and no =. Write $2 { default = $1 }."),
		rule(noBlock, `^(output\s+(?:"[^"]*"|[A-Za-z_][\w-]*))\s*$`, `=\s*([^{\[(\s#][^\n#]*)`, "Equals sign in a block", "A block has arguments in braces, and no =. Write $2 { value = $1 }."),
		rule(noBlock, `^(pool\s+(?:"[^"]*"|[A-Za-z_][\w-]*))\s*$`, `=\s*([^{\[(\s#][^\n#]*)`, "Equals sign in a block", "A block has arguments in braces, and no =. Write $2 { size = $1 }."),
		rule(noBlock, `^\s*[A-Za-z_]\w*\s+([A-Za-z_]\w*)\s*$`, `=\s*([^{\s#][^\n#]*)`, "Invalid name", "An argument has a name of one word. Write $2 = $1, if that is what is meant."),
		rule(noBlock, `^\s*([A-Za-z_]\w*)((?:\s+"[^"]*")+)\s*$`, `=\s*([^{\[(\s#][^\n#]*)`, "Equals sign in a block", "A block has arguments in braces, and no =. Write $2 $3 { NAME = $1 }, with the name of the argument that is meant."),
		rule(noBlock, "", `=`, "Equals sign in a block", "A block is written without =. Take it away."),
		rule(noBlock, `^\s*(flow|hook|environment|variable|profile|project|pool|output)(\s+"[^"]*")+\s*$`, note+`(\n|$)`, bracesMissing, "A block has braces: write { at the end of this line, and } on a line after its last argument."),
		rule(noBlock, `^\s*[\w-]+\s+"[^"]*"\s*$`, note+`(\n|$)`, "Equals sign missing", "An argument is written with =, as in name = \"text\"; a block has { after its labels, and } at its end."),
		rule(noBlock, "", `:`, "Invalid block", "A block is written without a colon. Take it away."),
		rule(noBlock, "", `\(`, "Invalid block", labelsInQuotes),
		rule(noBlock, "", `,`, "Invalid block", "The labels of a block stand side by side, without commas."),
		rule(noBlock, "", ``, "Invalid block", "A block is written with its labels in quotes and with braces, as in flow \"command\" \"NAME\" { … }."),
		rule(oneLine, "", `(?:(?:#|//)[^\n]*)?(?:[\r\n]|$)`, "Too much for one line", "A block with something on the line of its { ends on that line too. Put each argument, and the }, on a line of its own."),
		rule(oneLine, "", ``, "Too much for one line", "A block on one line has one argument and the }. Put each argument on a line of its own, without commas."),
		rule("Argument definition required", `^\s*locals\s*\{\s*$`, ``, "No block here", "A locals block has only lines such as name = VALUE."),
		rule("Argument definition required", "", ``, "Too much for one line", "A block inside another one stands on a line of its own."),
		rule("Missing newline after block definition", "", `,`, "Comma", "Blocks stand on lines of their own, without commas. Take the comma away."),
		rule("Missing newline after block definition", "", ``, "New line needed", "Nothing more can stand on the line on which a block ends. Put what follows on the next line."),
		rule("Unexpected block", "", ``, "No block here", "This block has only lines such as name = VALUE."),
		rule("Attribute redefined", "", `([\w-]+)`, "Duplicate argument", "This block has the argument \"$1\" already. Take one of them away; a list or an object holds several values."),

		rule("Missing argument separator", `object\(\s*([\w-]+)\s*$`, `=\s*([^,\n]+?)\)[ \t]*(?:\}|\n|$)`, "Braces missing", "The attributes of an object type stand in braces: write object({ $2 = $1 })."),
		rule("Missing argument separator", `object\(\s*[\w-]+\s*$`, `=`, "Braces missing", "The attributes of an object type stand in braces, as in object({ a = string, b = number })."),

		// After a value.
		rule(oneComma, `=\s*(-?\d{1,3})$`, `,(\d{3})(?:,(\d{3}))?[ \t]*(?:[\n#]|$)`, "Invalid number", "A number is written without commas: write $3$1$2, or quotes around a text."),
		rule(oneComma, `=\s*([^=\[{(\n]+)$`, `,[ \t]*([^\s=#][^\n=#]*)(?:[\n#]|$)`, "Comma", "Several values are a list, in brackets: write [$2, $1]."),
		rule(oneComma, "", ``, "Comma", "Arguments stand on lines of their own, without commas. Take the comma away."),
		rule("Extra characters after expression", "", `=`, "Unsupported operator", "An expression has a value, and nothing is assigned to it. Write == to compare."),
		rule(afterValue, `\bos\.(?:getenv|environ\.get)$`, `\(\s*["']([^"'\n]*)["']`, "Invalid call", "A value of the environment is read with env: write env(\"$1\")."),
		rule(afterValue, `\.[A-Za-z]\w*$`, `\(`, "Invalid call", "Values have no functions of their own. A function stands before what it works on, as in upper(var.name)."),
		rule(afterValue, bare+`if\s+$`, `([^\n]+?)\s+then\s+([^\n]+?)\s+else\s+([^\n,\])}]+)`, "Unsupported operator", "A condition is written $1 ? $2 : $3."),
		rule(afterValue, bare+`if\s+$`, ``, "Unsupported operator", "A condition is written CONDITION ? VALUE : OTHER."),
		rule(afterValue, bare+`not\s+$`, `([^\s,\])}]+)`, "Unsupported operator", "Write !$1 for \"not\"."),
		rule(afterValue, "", `and\b`, "Unsupported operator", "Write && for \"and\"."),
		rule(afterValue, "", `or\b`, "Unsupported operator", "Write || for \"or\"."),
		rule(afterValue, "", `(if|else|unless)\b`, "Unsupported operator", "A condition is written CONDITION ? VALUE : OTHER."),
		rule(afterValue, "", `(in|is|not)\b`, "Unsupported operator", "Write == or != to compare, and contains(LIST, VALUE) to look in a list."),
		rule(afterValue, `\d$`, `_[\d_]*`, "Invalid number", "A number is written without underscores, as in 1000 or 1e3."),
		rule(afterValue, `\b0$`, `[xXoObB](\w+)`, "Invalid number", "A number is written in decimal. parseint(\"$1\", 16) reads a hexadecimal one."),
		rule(afterValue, `([\d.]+)$`, `([a-zA-Z]+)`, "Invalid number", "A number has no unit and no other letters. A text stands in double quotes: write \"$2$1\"."),
		rule(afterValue, bare+`[fF]$`, `"[^"\n]*\{`, "Letter before quotes", "A text has no letter before it, and a value in it has a dollar sign: \"${var.name}\"."),
		rule(afterValue, bare+`[fFrRbBuU]$`, `("[^"\n]*")`, "Letter before quotes", "A text has no letter before it: write $1."),
		rule(afterValue, bare+`(\d[\d.]*)\s+$`, `([a-zA-Z]+)[ \t]*(?:[\n,#\])}]|$)`, "Invalid number", "A number has no unit and no other letters. A text stands in double quotes: write \"$2 $1\"."),
		rule(noNewline, "", `=`, "Unsupported operator", "An argument has one value. Write == to compare."),
		rule(afterValue, bare+`(true|false|null|workspace)\s+$`, `([^\s,\])}]+)`, "Invalid value", "The value ends before $1. What follows stands on a line of its own, or after a comma or an operator."),
		rule(afterValue, `""$`, `"([^"\n]*)"""`, "Triple quotes", "There are no triple quotes: write \"$1\", and a text of several lines with <<EOT; it ends with a line that has EOT alone."),
		rule(afterValue, `"$`, `([^\s",()\[\]{}=?:&|+*/%<>!-][^"\n]*)"`, "Quotes in a text", "A text ends at the next quote. Write \\\" for one that belongs to it, or ' in its place: '$1'."),
		rule(afterValue, bare+`[A-Za-z_]\w*\s*$`, `"`, "Invalid call", "Functions have brackets around their arguments, as in upper(\"a\")."),
		rule(noNewline, "", `\}`, "New line needed", "In a block of several lines the } stands on a line of its own."),
		rule(noNewline, "", `([\w-]+\s*=[^\n]*)`, "New line needed", "Each argument stands on a line of its own. Put this on the next line: $1"),
		rule("Missing attribute separator", "", `("[^"\n]*"|[\w-]+)\s*[=:]`, commaMissing, "The attributes of an object are separated by commas or lines. Write a comma before $1."),
		rule(afterValue, `\[\s*([^\[\]]+)\s+$`, `for\s+([\w, ]+?)\s+in\s+`+listed+`\s*\]`, "Invalid for expression", "The value of a for expression stands behind it: write [for $1 in $2 : $3]."),
		rule(afterValue, `\[\s*([^\[\]]+)\s+$`, `for\s+([\w, ]+?)\s+in\s+`+listed+`\s+if\s+([^\]\n]+)\]`, "Invalid for expression", "The value of a for expression stands behind it: write [for $1 in $2 : $4 if $3]."),
		rule(afterValue, `\{\s*([^{}:]+?)\s*:\s*([^{}]+)\s+$`, `for\s+([\w, ]+?)\s+in\s+(\S+?)\s*\}`, "Invalid for expression", "The value of a for expression stands behind it: write { for $1 in $2 : $3 => $4 }."),
		rule(afterValue, bare+`for\s+$`, ``, "Invalid for expression", forExpression),
		rule(afterValue, "", `for\s+[\w, ]+?\s+in\s`, "Invalid for expression", forExpression),
		rule(afterValue, bare+`(var|local|flow|hook|environment|project)\s+$`, `([A-Za-z_][\w-]*)`, "Invalid reference", "The parts of a reference have a dot between them: write $2.$1."),
		rule(afterValue, bare+`([A-Za-z_][\w-]*)\s+$`, `([A-Za-z_][^\n,"#\])}=]*)(?:[\n,#\])}]|$)`, "Quotes missing", "A text stands in double quotes: write \"$2 $1\"."),
		rule(noNewline, "", `(\S+)`, "New line needed", "The value ends before $1. Put what follows on a line of its own, or connect it: two texts with \"${a}${b}\", items of a list with [a, b]."),
		rule("Extra characters after expression", "", `(\S+)`, "Invalid expression", "The expression ends before $1. Write an operator between two values, or commas and [ ] around a list."),
		rule("Unbalanced parentheses", "", `,`, "Invalid expression", "The expression ends before the comma, and a ) or an operator should follow."),
		rule("Unbalanced parentheses", "", `([^\s)]+)`, "Invalid expression", "The expression ends before $1, and a ) or an operator should follow."),

		// Values.
		rule(noValue, `(?:^|[^=!<>])=\s*$`, `(\s*`+note+`\n|\s*$|\})`, "Value missing", "There is no value after =. Write one, null for none, or take the line away."),
		rule(noValue, `(?:^|[{,])\s*("[^"\n]*"|[A-Za-z_][\w-]*)\s*:\s*$`, `\s*(?:[},#]|\n|$)`, "Value missing", "The attribute $1 has no value. Write one, or take it away."),
		rule(noValue, `\$\{\s*$`, `\}`, "Value missing", "There is nothing between ${ and }. Write an expression there, or $${ for these characters as they are."),
		rule(noValue, `<<-?$|=\s*$`, `<<?-?\s*"`, "Invalid text", "The word after << has no quotes, as in <<EOT."),
		rule(noValue, `=.*==$`, `=`, "Unsupported operator", "Write == to compare."),
		rule(noValue, `!=$`, `=`, "Unsupported operator", "Write != to compare."),
		rule(noValue, `=\s*$`, `=`, "Equals sign missing", "An argument is written with one =."),
		rule(noValue, `=\s*$`, `>`, "Invalid expression", "An argument is written with =, not =>."),
		rule(noValue, `\*$`, `\*\s*(\w+)`, "Unsupported operator", "Write pow(2, $1) for a power."),
		rule(noValue, `\+$`, `\+`, "Unsupported operator", "There is no ++. Texts are put together as in \"${a}${b}\", lists with concat(a, b)."),
		rule(noValue, `,\s*$`, `,`, "Value missing", "There is nothing between two commas. Take one of them away."),
		rule(noValue, "", `\)`, "Value missing", "Something is missing before this ). Write a value, or take the comma or operator before it away."),
		rule(noValue, `\?$`, `\?`, "Unsupported operator", "There is no ??. Write coalesce(a, b) for the first of two values that is not null."),
		rule(noValue, "", `\.(\d+)`, "Invalid number", "A number has a digit before its point: write 0.$1."),
		rule(noValue, `\d%\s*$`, ``, "Invalid number", "A number has no percent sign: write 0.1 for 10%, or \"10%\" for a text."),
		rule(noValue, `([-+*/%&|<>!?:]|[=!<>]=)\s*$`, ``, "Value missing", "An operator needs a value on both of its sides. Write what comes after it, or take it away."),
		rule(noValue, "", `(<<\S*)`, "Invalid text", "A text of several lines begins with << and a word, as in <<EOT, at the end of a line, and ends with a line that has that word alone."),
		rule(noValue, "", `[\[{]\s*for\b`, "Invalid for expression", forExpression),
		rule(noValue, "", `\*`, "Unsupported operator", "Nothing is spread out by *. Lists are put together with concat(a, b), objects with merge(a, b); in a call a list is spread out by dots, as in max(var.list...)."),
		rule(noValue, "", `'([^'\n]*)'`, singleQuotes, "A text stands in double quotes: write \"$1\"."),
		rule(noValue, "", "`([^`\n]*)`", "Backquotes", "A text stands in double quotes: write \"$1\"."),
		rule(noValue, "", `([^\s,\])}]+)`, "Value missing", "A value should stand here, and $1 is none: write a text in double quotes, a number, true, false, a list in [ ], an object in { } or a reference, as in var.name."),
		rule(noValue, "", ``, "Value missing", "A value should stand here: a text in double quotes, a number, true, false, a list in [ ], an object in { } or a reference, as in var.name."),
		rule("Missing item separator", `\[\s*([^\[\]]+?)\s*,\s*([\w.]+)$`, `\.\.\.\s*\]`, "Unsupported operator", spreadOnlyInCalls+" Write concat([$1], $2)."),
		rule("Missing item separator", `\[\s*([\w.]+)$`, `\.\.\.\s*,\s*([^\[\]\n]+?)\s*\]`, "Unsupported operator", spreadOnlyInCalls+" Write concat($2, [$1])."),
		rule("Missing item separator", "", `\.\.\.`, "Unsupported operator", spreadOnlyInCalls+" Lists are put together with concat(a, b)."),
		rule("Missing item separator", "", `=`, "Unsupported operator", "Nothing is assigned in a list. Write == to compare."),
		rule("Missing item separator", "", `([^\s,\]]+)`, commaMissing, "The items of a list are separated by commas. Write one before $1."),
		rule("Missing attribute separator", "", `([^\s,}]+)`, commaMissing, "The attributes of an object are separated by commas or lines. Write a comma before $1."),
		rule("Missing argument separator", `[(,]\s*[A-Za-z_]\w*\s*$`, `=\s*([^,)\n]+)`, "Unsupported operator", "The arguments of a function have no names. Write $1 alone, or an object, as in { a = 1 }."),
		rule("Missing closing parenthesis", "", ``, "Invalid call", "The list that ... spreads out is the last argument of a call. Put the others before it, or all of them together: concat([a], var.list)..."),
		rule("Missing argument separator", "", `=`, "Unsupported operator", "Nothing is assigned in a call. Write == to compare."),
		rule("Missing argument separator", "", `([^\s,)]+)`, commaMissing, "The arguments of a function are separated by commas. Write one before $1."),
		rule(noPair, `\$\{\{\s*([\w.]+)\s*$`, `\}\}`, "Invalid template", "A value is put into a text with one pair of braces: write ${$1}."),
		rule(noPair, `\{\{\s*([\w.]+)\s*$`, `\}\}`, "Template outside a text", "A configuration file is no template. Write the expression alone: $1."),
		rule(noPair, `(?:^|[{,])\s*"?([\w.-]+)"?\s*([<>=!]=|[<>])\s*(?:"(\d[^"\s]*)"|(\d+\.[\w.]+))\s*$`, ``, "Equals sign missing", "The version of a package is a text, with its operator: write $1 = \"$2$3$4\"."),
		rule(noPair, "", `=>`, "Equals sign missing", "An object is written with = or a colon, as in { a = 1 }; => stands in for expressions alone."),
		rule(noPair, "", `[},]`, "Value missing", "An attribute of an object has a value, as in { a = 1 }. A list or a set of values is written in [ ]."),
		rule(noPair, "", ``, "Equals sign missing", "An attribute of an object is written with =, as in { a = 1 }."),
		rule("Invalid 'for' expression", "", ``, "Invalid for expression", forExpression),
		rule("Invalid number literal", "", `([\w.]+)`, "Invalid number", "$1 is no number. If a text is meant, as for a version, write \"$1\"."),
		rule("Invalid escape sequence", "", `\\([^\n])`, "Invalid backslash", "In a text \\ is written twice: \\\\$1. After a single one n, r, t, \", \\, u and U may stand."),
		rule("Missing false expression in conditional", `\?\?[^?]*$`, ``, "Unsupported operator", "There is no ??. Write coalesce(a, b) for the first of two values that is not null."),
		rule("Missing false expression in conditional", `([\w.]+)\?\.([\w.]+)\s*$`, ``, "Unsupported operator", "There is no ?. for what may be null. Write try($1.$2, null)."),
		rule("Missing false expression in conditional", "", ``, "Half a condition", "A condition has two values: CONDITION ? VALUE : OTHER. Write null for no value."),
		rule("Invalid legacy index syntax", "", `(\d+)\.(\d+)`, "Invalid index", "Write the indexes in brackets: [$1][$2]."),
		rule("Missing close bracket on splat index", "", ``, "Bracket not closed", "All elements are meant by [*]: write the ] after the *."),
		rule("Missing close bracket on index", "", ``, "Bracket not closed", "An index ends with ]: write it after the key."),
		rule(noName, "", `\[`, "Name missing", "After a dot comes a name, as in var.n. A key in brackets has no dot before it: var.n[\"key\"]."),
		rule(noName, "", `"([^"\n]*)"`, "Name missing", "After a dot comes a name without quotes: .$1. A key that is no name stands in brackets: [\"$1\"]."),
		rule(noName, "", ``, "Name missing", "After a dot comes a name, as in var.n."),
		rule("Invalid string literal", "", `[$%]\{`, "Template in a name", "The labels of a block are written out, without ${ }. For several flows of one kind write one block with for_each."),
		rule("Extra characters after interpolation expression", `\$\{(\w+)$`, `([:#%/][^}\n]*)\}`, "Invalid template", "What is left to the shell has two dollar signs: write $${$2$1}."),
		rule("Extra characters after interpolation expression", "", ``, "Invalid template", "The expression ends before this. Put operators between values, and } at its end; in a text of its own, quotes in ${ } need no backslash."),
		rule("Invalid template directive", "", ``, "Invalid template", "%{ } takes if, else, endif, for and endfor, and none of them stands here. Write %%{ for these characters as they are."),
		rule("Invalid template control keyword", "", `(\w+)`, "Invalid template", "%{ } takes if, else, endif, for and endfor, and $1 is none of them. Write %%{ for these characters as they are."),
		rule("Extra characters in marker", "", `(\S+)`, "Invalid template", "The expression of this %{ } ends before $1. Put operators between values, and } at its end."),
		rule(endOfTemplate, "", `%\{~?\s*(if|for)\b`, "Invalid template", "This %{ $1 } has no %{ end$1 }. Write one where what it is about ends."),
		rule(endOfTemplate, "", ``, "Invalid template", "A %{ if } ends with %{ endif }, and a %{ for } with %{ endfor }. Write what is missing."),
		rule("Unexpected endif directive", "", ``, "Invalid template", "There is no %{ if } that this could end."),
		rule("Unexpected endfor directive", "", ``, "Invalid template", "There is no %{ for } that this could end."),
		rule("Unexpected else directive", "", ``, "Invalid template", "There is no %{ if } that this could belong to."),

		// JSON.
		rule("Invalid JSON keyword", "", `True`, "Invalid value", "JSON writes true."),
		rule("Invalid JSON keyword", "", `False`, "Invalid value", "JSON writes false."),
		rule("Invalid JSON keyword", "", `None|undefined|nil|NULL`, "Invalid value", "JSON writes null."),
		rule("Invalid JSON keyword", `[{,]\s*$|^\s*$`, `([\w-]+)\s*:`, "Quotes missing", "The name of a property stands in double quotes in JSON: write \"$1\"."),
		rule("Invalid JSON keyword", "", `([\w.]+)`, "Invalid value", "$1 is no value in JSON. A text stands in double quotes, and so does a reference: \"${$1}\"."),
		rule("Trailing comma in object", "", ``, "Comma", "After the last property of an object there is no comma in JSON. Take it away."),
		rule("Trailing comma in array", "", ``, "Comma", "After the last item of an array there is no comma in JSON. Take it away."),
		rule(noJSONComma, "", `//|#|/\*`, "Comment", noJSONComment),
		rule(noJSONComma, "", ``, commaMissing, "The properties of an object, and the items of an array, are separated by commas in JSON. Write one here."),
		rule("Missing object value", "", ``, "Value missing", "A property has a value in JSON, after a colon. What has none is an item of an array, in [ ]."),
		rule("Mismatched braces", "", ``, "Wrong bracket", "An object is closed by }. Write it before this, or in its place."),
		rule("Mismatched brackets", "", ``, "Wrong bracket", "An array is closed by ]. Write it before this, or in its place."),
		rule("Missing property value colon", "", `=`, "Colon missing", "JSON writes a colon after a property's name, not =."),
		rule("Missing property value colon", "", ``, "Colon missing", "JSON writes a colon between a property's name and its value."),
		rule("Missing array element value", "", ``, "Value missing", "There is nothing between two commas. Take one of them away."),
		rule("Invalid array value", "", ``, "Colon", "The items of an array are separated by commas in JSON. What has names stands in an object, in { }."),
		rule("Invalid object property name", "", `//|#|/\*`, "Comment", noJSONComment),
		rule("Invalid object property name", "", `([\w-]+)`, "Quotes missing", "The name of a property stands in double quotes in JSON: write \"$1\"."),
		rule("Invalid object property name", "", ``, "Quotes missing", "The name of a property stands in double quotes in JSON."),
		rule("Unclosed object", "", ``, "Bracket not closed", "This object needs a } where it ends."),
		rule("Extraneous data after value", "", `//|#|/\*`, "Comment", noJSONComment),
		rule("Extraneous data after value", "", ``, "Closed twice", "The file has ended before this. Take it away, or look for a bracket that is closed too early."),
		rule("Invalid JSON number", "", `([\w.+-]+)`, "Invalid number", "$1 is no number in JSON. If a text is meant, write \"$1\"."),
		rule("Invalid JSON string", "", ``, "Invalid text", "This text is not closed on its line, or has a backslash that stands for nothing: JSON writes \\\\ for one, and \\n for a new line."),
		rule("Invalid start of value", "", `'`, singleQuotes, "A text stands in double quotes in JSON."),
		rule("Invalid start of value", "", `//|#|/\*`, "Comment", noJSONComment),
		rule("Invalid start of value", "", ``, "Invalid value", "No value begins like this in JSON: write a text in double quotes, a number, true, false, null, an array or an object."),
		rule("Missing JSON value", "", ``, "Value missing", "A value is missing before this, or the file is empty. Write one, null for none."),
		rule("Missing value", "", ``, "Value missing", "A value is missing here. Write one, null for none."),
		rule("Root value must be object", "", ``, "Not an object", "The file is an object whose properties are blocks, as in {\"flow\": {\"command\": {\"NAME\": {\"argv\": [\"program\"]}}}}."),
		rule("Duplicate argument", "", ``, "Duplicate argument", "This block has the argument already. Take one of them away; an array or an object holds several values."),
		rule("Duplicate object attribute", "", ``, "Duplicate argument", "This object has the property already. Take one of them away."),
		rule(noJSONTwice, "", ``, "Duplicate argument", "This block has the property already. Take one of them away."),
		rule("Duplicate object key", "", ``, "Duplicate argument", "This object has the property already. Take one of them away."),
	}
})
