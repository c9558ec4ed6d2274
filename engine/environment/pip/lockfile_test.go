package pip

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/environment"
)

var (
	hashA = "sha256:" + strings.Repeat("a", 64)
	hashB = "sha256:" + strings.Repeat("b", 64)
)

const header = "# flowrider lock: 1\n# specification: h1:00\n# python: 3.11\n# from python: 3.10\n"

func TestParseLock(t *testing.T) {
	file := mustParse(t, header+`
numpy==2.2.6 ; python_full_version < '3.11' \
    --hash=`+hashB+` \
    --hash=`+hashA+`
numpy==2.4.0 ; python_full_version >= '3.11' \
    --hash=`+hashA+`
# a comment
Dask.Core[array,dataframe]==2024.1 --hash=`+hashA+`
lib @ https://example.org/lib-1.tar.gz#egg=lib \
    --hash=`+hashB+`
`)
	want := []environment.Package{{Name: "dask-core", Version: "2024.1"}, {Name: "lib", Version: "@ https://example.org/lib-1.tar.gz#egg=lib"}, {Name: "numpy", Version: "2.2.6"}, {Name: "numpy", Version: "2.4.0"}}
	if diff := cmp.Diff(want, file.packages()); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	wantText := "dask-core[array,dataframe]==2024.1 --hash=" + hashA + "\n" +
		"lib @ https://example.org/lib-1.tar.gz#egg=lib --hash=" + hashB + "\n" +
		"numpy==2.2.6 ; python_full_version < '3.11' --hash=" + hashA + " --hash=" + hashB + "\n" +
		"numpy==2.4.0 ; python_full_version >= '3.11' --hash=" + hashA + "\n"
	if diff := cmp.Diff(wantText, file.requirements()); diff != "" {
		t.Errorf("requirements (-want +got):\n%s", diff)
	}
	if file.python != "3.11" || file.floor != (version{3, 10}) || file.specification != "h1:00" {
		t.Errorf("header is %q, %v, %q", file.python, file.floor, file.specification)
	}
}

// The digest decides whether flows run again: it changes with what is
// installed, and with nothing else.
func TestDigestCountsWhatIsInstalled(t *testing.T) {
	base := header + "a==1 --hash=" + hashA + " --hash=" + hashB + "\nb==2 ; sys_platform == 'linux' --hash=" + hashA + "\n"
	digest := mustParse(t, base).digest("3.11")
	same := map[string]string{
		"order":           header + "b==2 ; sys_platform == 'linux' --hash=" + hashA + "\na==1 --hash=" + hashA + " --hash=" + hashB + "\n",
		"order of hashes": header + "a==1 --hash=" + hashB + " --hash=" + hashA + "\nb==2 ; sys_platform == 'linux' --hash=" + hashA + "\n",
		"layout":          header + "a==1 \\\n  --hash=" + hashA + " \\\n    --hash=" + hashB + "\n\n# why\nb==2 ;  sys_platform  ==  'linux'  --hash=" + hashA + "\n",
		"line ends":       strings.ReplaceAll(base, "\n", "\r\n"),
		"spelling":        strings.Replace(base, "a==1", "A==1", 1),
		"specification":   strings.Replace(base, "h1:00", "h1:11", 1),
		"preference":      strings.Replace(base, "# python: 3.11", "# python: 3.12", 1),
	}
	for name, text := range same {
		if got := mustParse(t, text).digest("3.11"); got != digest {
			t.Errorf("%s changes the digest", name)
		}
	}
	other := map[string]string{
		"version": strings.Replace(base, "a==1", "a==1.1", 1),
		"package": base + "c==1 --hash=" + hashA + "\n",
		"hash":    strings.Replace(base, hashB, "sha256:"+strings.Repeat("c", 64), 1),
		"marker":  strings.Replace(base, "'linux'", "'darwin'", 1),
		"extra":   strings.Replace(base, "a==1", "a[x]==1", 1),
	}
	for name, text := range other {
		if got := mustParse(t, text).digest("3.11"); got == digest {
			t.Errorf("another %s does not change the digest", name)
		}
	}
	if mustParse(t, base).digest("3.12") == digest {
		t.Error("another Python does not change the digest")
	}
}

func TestDamagedLocks(t *testing.T) {
	good := "a==1 --hash=" + hashA + "\n"
	cases := []struct{ name, text, want string }{
		{"empty", "", "was not made by flowrider"},
		{"someone else's", good, "was not made by flowrider"},
		{"conflict", header + "<<<<<<< HEAD\n" + good + "=======\n" + good + ">>>>>>> other\n", "has git conflict markers (line 5)"},
		{"conflict with line ends of Windows", header + "<<<<<<< HEAD\r\n" + good + "=======\r\n", "has git conflict markers (line 5)"},
		{"half a conflict", header + "=======\r\n" + good, "has git conflict markers (line 5)"},
		{"no hash", header + "a==1\n", "line 5: a has no hash"},
		{"no version", header + "a>=1 --hash=" + hashA + "\n", "names no exact version"},
		{"an option", header + "--index-url https://example.org\n", "names no exact version"},
		{"torn", header + "a==1 --hash=sha256:12", `"sha256:12" is not a hash`},
		{"no python", "# flowrider lock: 1\n" + good, "is not a version of Python"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseLock(c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "lock it again") {
				t.Errorf("error %v, want %q and a way out", err, c.want)
			}
		})
	}
	var newer *newerFormat
	if _, err := parseLock(strings.Replace(header, "lock: 1", "lock: 2", 1) + good); !errors.As(err, &newer) {
		t.Errorf("a lock of a newer format: error %v, want one that is not mistaken for damage", err)
	}
}

// The checksum is of all that a lock says, and of nothing else.
func TestChecksumOfALock(t *testing.T) {
	body := "a==1 --hash=" + hashA + " --hash=" + hashB + "\nb==2 ; sys_platform == 'linux' --hash=" + hashA + "\n"
	made, err := newLock("h1:00", "3.11", version{3, 10}, body)
	if err != nil {
		t.Fatal(err)
	}
	good := func(text string) bool {
		file, err := parseLock(text)
		return err == nil && file.checksum == file.sum()
	}
	if !good(made.text) || !good(strings.ReplaceAll(made.text, "\n", "\r\n")) || !good(made.text+"\n# a comment\n") {
		t.Errorf("the checksum does not fit:\n%s", made.text)
	}
	for _, edit := range [][2]string{
		{"a==1", "a==1.1"}, {hashB, "sha256:" + strings.Repeat("c", 64)}, {"'linux'", "'darwin'"}, {"b==2", "b[x]==2"},
		{"h1:00", "h1:11"}, {"# python: 3.11", "# python: 3.12"}, {"# from python: 3.10", "# from python: 3.9"},
		{"# checksum: ", "# no sum: "}, {made.checksum, made.checksum[:len(made.checksum)-1]}, {" --hash=" + hashB, ""},
	} {
		if good(strings.Replace(made.text, edit[0], edit[1], 1)) {
			t.Errorf("with %s in the place of %s the checksum still fits", edit[1], edit[0])
		}
	}
}

func TestOursKeepsOneSide(t *testing.T) {
	text := "a\n<<<<<<< HEAD\nmine\n||||||| base\nolder\n=======\ntheirs\n>>>>>>> other\nz\n"
	if diff := cmp.Diff("a\nmine\nz\n", oursOf(text)); diff != "" {
		t.Errorf("oursOf (-want +got):\n%s", diff)
	}
}

// What a lock parses to is written as a lock that parses to the same.
func FuzzParseLock(f *testing.F) {
	f.Add(header + "a==1 ; python_version < '3.11' \\\n --hash=" + hashA + "\n")
	f.Add(header + "lib[x] @ https://example.org/l.zip --hash=" + hashA + " --hash=" + hashB)
	f.Add("<<<<<<< \n=======\n>>>>>>> ")
	f.Add(header + "a==1 ;; --hash=" + hashA)
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parseLock(text)
		if err != nil {
			return
		}
		again, err := newLock(file.specification, file.python, file.floor, file.requirements())
		if err != nil {
			t.Fatalf("%v\n%s", err, file.requirements())
		}
		if diff := cmp.Diff(file.packages(), again.packages()); diff != "" {
			t.Errorf("packages (-want +got):\n%s", diff)
		}
		if file.digest("3.11") != again.digest("3.11") {
			t.Error("digest differs")
		}
	})
}

func mustParse(t *testing.T, text string) *lockFile {
	t.Helper()
	file, err := parseLock(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return file
}
