package eval

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// stand marks a whole text that an expression was given and what is hashed in
// its place: a run ID and "@<data version>". It rides along with the text, so
// that a leaf shows what it is made of.
type stand struct{ real, hashed string }

// stands are the whole texts that a leaf may have in it.
type stands struct {
	list []stand // the longest text first
	mask fact    // Sensitive, Ambient or Local: the real text may not be hashed
}

func standsOf(marks cty.ValueMarks) stands {
	var s stands
	for mark := range marks {
		if mark, ok := mark.(stand); ok {
			s.list = append(s.list, mark)
			if escaped := (stand{inJSON(mark.real), inJSON(mark.hashed)}); escaped != mark {
				s.list = append(s.list, escaped)
			}
		}
	}
	slices.SortFunc(s.list, func(a, b stand) int {
		return cmp.Or(len(b.real)-len(a.real), strings.Compare(a.real, b.real), strings.Compare(a.hashed, b.hashed))
	})
	s.list = slices.Compact(s.list)
	if s.mask = constantFact(marks); s.mask == "" && marked(marks, Local) {
		s.mask = Local
	}
	return s
}

// withoutStands are the other marks.
func withoutStands(marks cty.ValueMarks) cty.ValueMarks {
	left := cty.ValueMarks{}
	for mark := range marks {
		if _, ok := mark.(stand); !ok {
			left[mark] = struct{}{}
		}
	}
	return left
}

func marked(marks cty.ValueMarks, mark any) bool {
	_, found := marks[mark]
	return found
}

// inJSON is a text as jsonencode writes it inside of another.
func inJSON(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text always encodes
	}
	return string(out[1 : len(out)-1])
}

// explain says whether the hashed text is the real one with whole texts
// replaced by what stands for them, and nothing lost: what the expression does
// to the texts, it does to all of each. A text may stand for itself too. A
// constant for what is sensitive or ambient stands for any text.
func (s stands) explain(real, hashed string) bool {
	if real == hashed || s.replace(real) == hashed {
		return true
	}
	constant := ""
	if s.mask != "" && s.mask != Local {
		constant = "(" + string(s.mask) + ")"
	}
	at := make([]map[int]bool, len(real)+1) // how much of hashed is explained by so much of real
	at[0] = map[int]bool{0: true}
	reach := func(i, j int) {
		if at[i] == nil {
			at[i] = map[int]bool{}
		}
		at[i][j] = true
	}
	anyFrom := map[int]bool{} // ends of constants: each goes on from wherever the text may end that it stands for
	for i := range at {
		for j := range at[i] {
			if constant != "" && strings.HasPrefix(hashed[j:], constant) {
				anyFrom[j+len(constant)] = true
			}
		}
		for j := range anyFrom {
			reach(i, j)
		}
		for j := range at[i] {
			if i < len(real) && j < len(hashed) && real[i] == hashed[j] {
				reach(i+1, j+1)
			}
			for _, stand := range s.list {
				if strings.HasPrefix(real[i:], stand.real) && strings.HasPrefix(hashed[j:], stand.hashed) {
					reach(i+len(stand.real), j+len(stand.hashed))
				}
			}
		}
		if i < len(real) {
			at[i] = nil
		}
	}
	return at[len(real)][len(hashed)]
}

// replace is the real text with each whole text replaced, the longest first.
// One text that stands for several results is replaced by all of them.
func (s stands) replace(real string) string {
	var pairs []string
	for i := 0; i < len(s.list); {
		text, all := s.list[i].real, []string(nil)
		for ; i < len(s.list) && s.list[i].real == text; i++ {
			all = append(all, s.list[i].hashed)
		}
		pairs = append(pairs, text, strings.Join(all, "|"))
	}
	return strings.NewReplacer(pairs...).Replace(real)
}

// literal is what counts of a text that is not explained: the text itself,
// with whole texts replaced. Of one that may not be hashed, it is the hashed
// form and all that it is made of.
func (s stands) literal(real, hashed string) string {
	if s.mask == "" || s.mask == Local && s.covers(real) {
		return s.replace(real)
	}
	versions := []string{}
	for _, stand := range s.list {
		versions = append(versions, stand.hashed)
	}
	slices.Sort(versions)
	return strings.Join(append([]string{hashed, "of"}, slices.Compact(versions)...), " ")
}

// covers says whether all paths in a text are whole ones.
func (s stands) covers(real string) bool {
	rest := real
	for _, stand := range s.list {
		rest = strings.ReplaceAll(rest, stand.real, "")
	}
	return rest != real && !strings.ContainsAny(rest, `/\`)
}
