package eval

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/url"
	"regexp"
	"strings"
	"time"

	yaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

var encodeFunctions = []Function{
	{Name: "base64decode", Signature: "base64decode(text)", Help: "the text that is written in Base64; it must be UTF-8", Example: `base64decode("aGk=")`, Result: `"hi"`, pure: textFunction(fromBase64)},
	{Name: "base64encode", Signature: "base64encode(text)", Help: "the text in Base64", Example: `base64encode("hi")`, Result: `"aGk="`, pure: wholeTextFunction(toBase64)},
	{Name: "csvdecode", Signature: "csvdecode(text)", Help: "a list of objects, one for each line of a CSV text below its header", Example: `csvdecode("a,b\n1,2\n")`, Result: `[{ a = "1", b = "2" }]`, pure: stdlib.CSVDecodeFunc},
	{Name: "jsondecode", Signature: "jsondecode(text)", Help: "the value of a JSON text", Example: `jsondecode("{\"a\": [1]}")`, Result: `{ a = [1] }`, pure: plainNumbers(stdlib.JSONDecodeFunc)},
	{Name: "jsonencode", Signature: "jsonencode(value)", Help: "the value as JSON, on one line, with sorted keys", Example: `jsonencode({ a = [1] })`, Result: `"{\"a\":[1]}"`, pure: stdlib.JSONEncodeFunc},
	{Name: "urlencode", Signature: "urlencode(text)", Help: "the text as it stands in the query of a URL", Example: `urlencode("a b&c")`, Result: `"a+b%26c"`, pure: wholeTextFunction(func(s string) (string, error) { return url.QueryEscape(s), nil })},
	{Name: "yamldecode", Signature: "yamldecode(text)", Help: "the value of a YAML document", Example: `yamldecode("a: [1, x]")`, Result: `{ a = [1, "x"] }`, pure: yamlDecodeFunction},
	{Name: "yamlencode", Signature: "yamlencode(value)", Help: "the value as YAML, in blocks, with texts in quotes", Example: `yamlencode({ a = [1, "x"] })`, Result: `"\"a\":\n- 1\n- \"x\"\n"`, pure: yaml.YAMLEncodeFunc},
}

var hashFunctions = []Function{
	{Name: "base64sha256", Signature: "base64sha256(text)", Help: "the SHA-256 of a text, in Base64", Example: `base64sha256("a")`, Result: `"ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="`, pure: wholeTextFunction(digested(sha256.New, base64.StdEncoding.EncodeToString))},
	{Name: "base64sha512", Signature: "base64sha512(text)", Help: "the SHA-512 of a text, in Base64", Example: `substr(base64sha512("a"), 0, 12)`, Result: `"H0D8ktokFpR1"`, pure: wholeTextFunction(digested(sha512.New, base64.StdEncoding.EncodeToString))},
	{Name: "md5", Signature: "md5(text)", Help: "the MD5 of a text, in hexadecimal", Example: `md5("a")`, Result: `"0cc175b9c0f1b6a831c399e269772661"`, pure: wholeTextFunction(digested(md5.New, hex.EncodeToString))},
	{Name: "sha1", Signature: "sha1(text)", Help: "the SHA-1 of a text, in hexadecimal", Example: `sha1("a")`, Result: `"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"`, pure: wholeTextFunction(digested(sha1.New, hex.EncodeToString))},
	{Name: "sha256", Signature: "sha256(text)", Help: "the SHA-256 of a text, in hexadecimal", Example: `substr(sha256("a"), 0, 12)`, Result: `"ca978112ca1b"`, pure: wholeTextFunction(digested(sha256.New, hex.EncodeToString))},
	{Name: "sha512", Signature: "sha512(text)", Help: "the SHA-512 of a text, in hexadecimal", Example: `substr(sha512("a"), 0, 12)`, Result: `"1f40fc92da24"`, pure: wholeTextFunction(digested(sha512.New, hex.EncodeToString))},
	{Name: "uuidv5", Signature: "uuidv5(namespace, name)", Help: `the UUID of a name in a namespace: "dns", "url", "oid", "x500" or a UUID; always the same one`, Example: `uuidv5("dns", "www.example.com")`, Result: `"2ed6657d-e927-568b-95e1-2665a8aea6a2"`, pure: uuidFunction},
}

var timeFunctions = []Function{
	{Name: "formatdate", Signature: "formatdate(format, time)", Help: "a time written as a pattern says: YYYY, MM, DD, hh, mm, ss, and others in quotes", Example: `formatdate("DD.MM.YYYY", "2026-01-31T00:00:00Z")`, Result: `"31.01.2026"`, pure: stdlib.FormatDateFunc},
	{Name: "timeadd", Signature: "timeadd(time, duration)", Help: `the time a duration later, such as "10m" or "-1.5h"`, Example: `timeadd("2026-01-31T00:00:00Z", "24h")`, Result: `"2026-02-01T00:00:00Z"`, pure: stdlib.TimeAddFunc},
	{Name: "timecmp", Signature: "timecmp(time, other)", Help: "-1, 0 or 1, as a time is before, at or after another", Example: `timecmp("2026-01-31T00:00:00Z", "2026-01-31T01:00:00+01:00")`, Result: `0`, pure: timeCompareFunction},
}

// maxAliases keeps a document of a few lines, whose aliases stand for others,
// from standing for more than the machine has: three for each of three, and so
// on, is the most that so many can make.
const maxAliases = 30

var yamlAlias = regexp.MustCompile(`(?m)(?:^|[\s\[{,:?-])\*[\pL\pN_-]+`)

var yamlDecodeFunction = plainNumbers(checked(yaml.YAMLDecodeFunc, func(args []cty.Value) error {
	if text := textOf(args[0]); strings.Contains(text, "&") && len(yamlAlias.FindAllStringIndex(text, maxAliases+1)) > maxAliases {
		return function.NewArgErrorf(0, "it has more than %d aliases", maxAliases)
	}
	return nil
}, nil))

func toBase64(text string) (string, error) {
	return base64.StdEncoding.EncodeToString([]byte(text)), nil
}

func fromBase64(text string) (string, error) {
	out, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("it is not Base64: %w", err)
	}
	return string(out), checkText("what is decoded", string(out), "pass it on as it is, and decode it in the flow")
}

// digested is a text's digest, written by encode.
func digested(algorithm func() hash.Hash, encode func([]byte) string) func(string) (string, error) {
	return func(text string) (string, error) {
		h := algorithm()
		h.Write([]byte(text))
		return encode(h.Sum(nil)), nil
	}
}

// namespaces are those of RFC 9562, which differ in one digit.
var namespaces = map[string]byte{"dns": 0x10, "url": 0x11, "oid": 0x12, "x500": 0x14}

var uuidFunction = function.New(&function.Spec{
	Params:       []function.Parameter{{Name: "namespace", Type: cty.String}, {Name: "name", Type: cty.String}},
	Type:         function.StaticReturnType(cty.String),
	RefineResult: notNull,
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		given := args[0].AsString()
		space, err := hex.DecodeString(strings.ReplaceAll(given, "-", ""))
		if digit, ok := namespaces[given]; ok {
			space, err = []byte{0x6b, 0xa7, 0xb8, digit, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}, nil
		}
		if err != nil || len(space) != 16 {
			return cty.NilVal, function.NewArgErrorf(0, `it must be "dns", "url", "oid", "x500" or a UUID`)
		}
		sum := sha1.Sum(append(space, args[1].AsString()...))
		sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80
		return cty.StringVal(fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])), nil
	},
})

var timeCompareFunction = function.New(&function.Spec{
	Params:       []function.Parameter{{Name: "time", Type: cty.String}, {Name: "other", Type: cty.String}},
	Type:         function.StaticReturnType(cty.Number),
	RefineResult: notNull,
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		var times [2]time.Time
		for i := range times {
			var err error
			if times[i], err = time.Parse(time.RFC3339, args[i].AsString()); err != nil {
				return cty.NilVal, function.NewArgErrorf(i, "it is no time such as 2026-01-31T09:30:00Z")
			}
		}
		return cty.NumberIntVal(int64(times[0].Compare(times[1]))), nil
	},
})
