package eval

// Absent is a function of Terraform that the language does not have.
type Absent struct {
	Name string `json:"name"`
	Why  string `json:"why"` // and what to write instead
}

const (
	noTime    = "What differs from call to call would make flows run for ever. A time that matters is a variable, given with --var; one that does not is a hook with ambient = true."
	noNetwork = "flowrider plans no networks. Write the addresses themselves, or get them from a hook."
	noCharset = "Texts are UTF-8. Use base64encode() and base64decode(), and convert in the flow."
)

// AbsentFunctions are those of Terraform that a configuration may ask for in
// vain, sorted.
func AbsentFunctions() []Absent { return absent }

var absent = []Absent{
	{"abspath", "It would differ from machine to machine. Paths are relative to the folder of flowrider.hcl, and \"${path.root}/NAME\" is the absolute one."},
	{"base64gzip", "Its bytes would change with the version of the compressor. Let the flow compress."},
	{"bcrypt", "Its result differs from call to call, which would make flows run for ever. Use sha256()."},
	{"cidrhost", noNetwork}, {"cidrnetmask", noNetwork}, {"cidrsubnet", noNetwork}, {"cidrsubnets", noNetwork},
	{"defaults", "Write optional(TYPE, DEFAULT) in the variable's type."},
	{"ephemeralasnull", "There are no ephemeral values. What must be stored nowhere is sensitive()."},
	{"issensitive", "What is sensitive is known where it is written, and cannot be asked for."},
	{"list", "Write [VALUE, …]."},
	{"map", "Write { KEY = VALUE, … }."},
	{"nonsensitive", "What is sensitive stays so. Give it to the flow in env or secrets."},
	{"pathexpand", "It would differ from machine to machine. Paths are relative to the folder of flowrider.hcl; a home folder is env(\"HOME\")."},
	{"plantimestamp", noTime},
	{"rsadecrypt", "The private key would be in the configuration. Decrypt in the flow, with the key in its secrets."},
	{"templatestring", "Write the template itself, as a text, or use templatefile()."},
	{"textdecodebase64", noCharset}, {"textencodebase64", noCharset},
	{"timestamp", noTime},
	{"type", "It is for looking: flowrider console shows what a value is."},
	{"uuid", "What differs from call to call would make flows run for ever. Use uuidv5(), a variable, or a hook with ambient = true if the value should not count."},
}

// absentElsewhere are what other languages call them.
var absentElsewhere = map[string]string{
	"now": "timestamp", "today": "timestamp", "date": "timestamp", "datetime": "timestamp", "time": "timestamp", "utcnow": "timestamp", "strftime": "timestamp",
	"random": "uuid", "rand": "uuid", "randint": "uuid", "uuid4": "uuid", "uuidv4": "uuid", "guid": "uuid",
}

// absentNames are the names of AbsentFunctions.
func absentNames() (names []string) {
	for _, f := range absent {
		names = append(names, f.Name)
	}
	return names
}

// absentFunction is why there is no function of that name; "" if nobody would
// ask for it.
func absentFunction(name string) string {
	if meant := absentElsewhere[name]; meant != "" {
		name = meant
	}
	for _, f := range absent {
		if f.Name == name {
			return f.Why
		}
	}
	return ""
}
