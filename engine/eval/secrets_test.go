package eval

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

const token = "variable \"token\" {\n default   = \"swordfish\"\n sensitive = true\n}\n"

func TestSecretsAreDeliveredAndNotHashed(t *testing.T) {
	flows, diags := flowsOf(t, token+command(`secrets = { A = "prefix-${var.token}", B = 123456, C = null, D = "", E = { file = var.token }, F = jsondecode("{\"x\":\"${var.token}\"}").x }`), nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	got, err := flows["flow.a"].Arguments["secrets"].Secrets()
	want := []Secret{{"A", "prefix-swordfish", false}, {"B", "123456", false}, {"D", "", false}, {"E", "swordfish", true}, {"F", "swordfish", false}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("secrets, %v (-want +got):\n%s", err, diff)
	}
	if got := hashedOf(flows["flow.a"], "secrets"); strings.Contains(got, "A") {
		t.Errorf("hashed: %s", got)
	}
}

func TestSecretsThatCannotBeDeliveredOrHiddenAreRefusedAtTheirPlace(t *testing.T) {
	for body, want := range map[string]string{
		`secrets = ["swordfish"]`:                              "7: secrets takes an object, as in { TOKEN = var.token }.",
		"env = { A = \"x\" }\nsecrets = { A = \"swordfish\" }": "8: A is in env too; write it in one of them.",
		`secrets = { KEY = { path = "swordfish" } }`:           "7: KEY has to be a text, or { file = TEXT } for a private file.",
		`secrets = { KEY = ["swordfish"] }`:                    "7: KEY has to be a text, or { file = TEXT } for a private file.",
		`secrets = { KEY = "short" }`:                          "7: KEY is unsuitable: it has fewer than 6 characters, and so short a value cannot be hidden where it is printed.",
		`secrets = { "A=B" = "swordfish" }`:                    "7: \"A=B\" cannot be the name of an environment variable.",
		`env = { A = substr(var.token, 0, 3) }`:                "7: A sensitive value in env is unsuitable: it has fewer than 6 characters, and so short a value cannot be hidden where it is printed.",
		`env = { A = sensitive("abc") }`:                       "7: sensitive(value): value is unsuitable: it has fewer than 6 characters, and so short a value cannot be hidden where it is printed.",
		`workdir = var.token`:                                  "7: The argument \"workdir\" is shown",
		`parameters = { t = "x${var.token}" }`:                 "7: The argument \"parameters\" is shown",
		`expires_after = upper(var.token)`:                     "7: The argument \"expires_after\" is shown",
		`pass_env = [var.token]`:                               "7: The argument \"pass_env\" is shown",
		`description = var.token`:                              "7: The argument \"description\" is shown",
		`output "o" { file = "${var.token}.txt" }`:             "7: The argument \"file\" is shown",
		`output "o" { 
 file = "a"
 publish = var.token
}`: "9: The argument \"publish\" is shown",
	} {
		_, diags := flowsOf(t, token+command(body), nil)
		if len(diags) != 1 {
			t.Errorf("%s: got %v", body, diags)
			continue
		}
		if got := fmt.Sprintf("%d: %s", diags[0].Subject.Start.Line, diags[0].Detail); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s\nwant %s", body, got, want)
		}
	}
}

// Whatever is sensitive is known to be so as soon as it is evaluated, and so is
// what is made of it.
func TestWhatIsSensitiveBecomesKnown(t *testing.T) {
	_, e := load(t, token+`
locals { key = sensitive("made-by-hand") }
hook "python" "h" { function = "a:b" }
flow "command" "a" {
  argv    = ["true"]
  env     = { A = base64encode(local.key), B = strrev(var.token), H = hook.h.password }
  secrets = { C = "not-marked" }
}`)
	instances, _ := e.Instances()
	e.SetHook(e.Hooks()[0], Plain(cty.ObjectVal(map[string]cty.Value{"password": cty.StringVal("of-the-hook"), "port": cty.NumberIntVal(543210)})).Sensitive())
	if _, diags := e.Flow(instances[0]); diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, text := range []string{"swordfish", "made-by-hand", "hsifdrows", "of-the-hook", "543210", "not-marked"} {
		if !e.secrets.In("<" + text + ">") {
			t.Errorf("%s is not known to be sensitive", text)
		}
	}
}
