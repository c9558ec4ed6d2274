package record_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/record"
)

// texts are two records of one flow, as text.
func texts(t *testing.T) (ours, theirs string) {
	root := t.TempDir()
	s := open(root)
	must(t, s.Select(sample("flow.clean", "17")))
	ours = read(t, root, "runs/clean.json")
	other := sample("flow.clean", "18")
	other.ConfigHash, other.GitCommit = hash("7"), "fedcba9876543210fedcba9876543210fedcba98"
	must(t, s.Select(other))
	return ours, read(t, root, "runs/clean.json")
}

// conflictBetween marks each line that differs, as git does, with a base if
// there is one.
func conflictBetween(ours, theirs, base string) string {
	var text strings.Builder
	mine, others := strings.SplitAfter(ours, "\n"), strings.SplitAfter(theirs, "\n")
	for i := range mine {
		if mine[i] == others[i] {
			text.WriteString(mine[i])
			continue
		}
		text.WriteString("<<<<<<< HEAD\n" + mine[i] + base + "=======\n" + others[i] + ">>>>>>> side\n")
	}
	return text.String()
}

// What can be taken out of a file that git could not merge: whole records, or
// nothing.
func TestConflictSides(t *testing.T) {
	ours, theirs := texts(t)
	several := conflictBetween(ours, theirs, "")
	mergedByGit := strings.Replace(several, "<<<<<<< HEAD\n  \"git_commit\": \"0123456789abcdef0123456789abcdef01234567\",\n=======\n", "", 1)
	mergedByGit = strings.Replace(mergedByGit, "fedcba98\",\n>>>>>>> side\n", "fedcba98\",\n", 1)
	if n := strings.Count(several, "<<<<<<<"); n != 5 {
		t.Fatalf("%d hunks", n)
	}
	for name, c := range map[string]struct {
		text         string
		ours, theirs bool // whether they are whole
	}{
		"one hunk":             {"<<<<<<< HEAD\n" + ours + "=======\n" + theirs + ">>>>>>> side\n", true, true},
		"several hunks":        {several, true, true},
		"with the base":        {conflictBetween(ours, theirs, "||||||| 1234567\n  \"x\": 1,\n"), true, true},
		"a base in conflict":   {conflictBetween(ours, theirs, "||||||| merged common ancestors\n<<<<<<<<< Temporary merge branch 1\n1\n=========\n2\n>>>>>>>>> Temporary merge branch 2\n"), true, true},
		"line ends of Windows": {strings.ReplaceAll(several, "\n", "\r\n"), true, true},
		"no names of branches": {strings.NewReplacer("< HEAD", "<", "> side", ">").Replace(several), true, true},
		"a line merged by git": {mergedByGit, false, true},
		"ours edited":          {strings.Replace(several, `"17"`, `"16"`, 1), false, true},
		"cut":                  {several[:strings.LastIndex(several, "=======")], false, false},
		"garbage between":      {strings.Replace(several, "<<<<<<<", "x\n<<<<<<<", 1), false, false},
		"marks in marks":       {strings.Replace(several, "=======\n", "<<<<<<< HEAD\n{\n=======\n", 1), false, true},
		"marks in disorder":    {strings.Replace(several, "<<<<<<< HEAD", ">>>>>>> HEAD", 1), true, true}, // the checksum of ours stands twice, and loses
		"marks alone":          {"<<<<<<< a\n=======\n>>>>>>> b\n", false, false},
		"marks after a record": {ours + "<<<<<<< a\n=======\n>>>>>>> b\n", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, "runs/clean.json", c.text)
			rec, problem := open(root).Selected(address(t, "flow.clean"))
			if rec != nil || problem == nil || !strings.HasPrefix(problem.Error(), "runs/clean.json has git conflict markers") || problem.Newer {
				t.Fatalf("%v, %v", rec, problem)
			}
			for i, want := range []bool{c.ours, c.theirs} {
				side := problem.Sides[i]
				if (side.Record != nil) != want {
					t.Errorf("%s is whole: %v", side.Name, !want)
				}
				if side.Record == nil {
					continue
				}
				text, err := record.Encode(side.Record)
				must(t, err)
				if string(text) != ours && string(text) != theirs {
					t.Errorf("%s is neither:\n%s", side.Name, text)
				}
			}
			equal(t, c.ours && c.theirs, problem.Whole())

			// What git still has makes it whole, unless that is none of this flow's.
			problem.Complete(address(t, "flow.clean"), []byte(ours), []byte(theirs))
			equal(t, true, problem.Whole())
			for _, text := range []string{"", ours[:100], several, strings.Replace(ours, "17", "16", 1)} {
				_, problem = open(root).Selected(address(t, "flow.clean"))
				problem.Complete(address(t, "flow.clean"), []byte(text), []byte(text))
				equal(t, c.ours && c.theirs, problem.Whole())
			}
		})
	}
}

// git takes a record that was removed for one that was renamed.
func TestConflictWithAnotherFlow(t *testing.T) {
	ours, theirs := texts(t)
	root := t.TempDir()
	write(t, root, "runs/dirty.json", conflictBetween(ours, theirs, ""))
	_, problem := open(root).Selected(address(t, "flow.dirty"))
	if problem == nil || problem.Sides[0].Record != nil || problem.Sides[1].Record != nil {
		t.Errorf("%+v", problem)
	}
	problem.Complete(address(t, "flow.dirty"), []byte(ours), []byte(theirs))
	if problem.Sides[0].Record != nil || problem.Sides[1].Record != nil {
		t.Errorf("%+v", problem)
	}
}

// A side of a newer flowrider is left as it is.
func TestConflictWithANewerFlowrider(t *testing.T) {
	ours, _ := texts(t)
	root := t.TempDir()
	text := "<<<<<<< HEAD\n" + ours + "=======\n{\"schema\": 2, \"run_id\": \"18\"}\n>>>>>>> side\n"
	write(t, root, "runs/clean.json", text)
	_, problem := open(root).Selected(address(t, "flow.clean"))
	equal(t, "runs/clean.json has git conflict markers (run 17 against run 18); one of them was written by a newer flowrider, use that one", problem.Error())
	equal(t, true, problem.Newer)
	if err := open(root).Select(sample("flow.clean", "19")); err == nil {
		t.Error("it was replaced")
	}
	equal(t, text, read(t, root, "runs/clean.json"))
}

// A file in conflict that was changed anywhere: a
// side is one of the two records, or none.
func TestConflictMutations(t *testing.T) {
	ours, theirs := texts(t)
	text := []byte(conflictBetween(ours, theirs, ""))
	whole := 0
	count := mutations(text, func(kind string, mutant []byte) {
		rec, problem := record.Parse(mutant)
		if rec != nil || problem == nil {
			t.Errorf("%s: believed:\n%s", kind, mutant)
			return
		}
		for _, side := range problem.Sides {
			if side.Record == nil {
				continue
			}
			whole++
			encoded, err := record.Encode(side.Record)
			if err != nil || !bytes.Equal(encoded, []byte(ours)) && !bytes.Equal(encoded, []byte(theirs)) {
				t.Errorf("%s: %s is believed:\n%s", kind, side.Name, encoded)
			}
		}
	})
	t.Logf("%d mutations, %d sides are whole", count, whole)
}
