package draft

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"
)

// nameFlows gives each flow a name of its own: by its class, else by its file,
// else by its folder.
func nameFlows(flows []*flow) {
	taken := map[string]bool{}
	for _, f := range flows {
		stem := strings.TrimSuffix(path.Base(f.File), ".py")
		if stem == "flow" || stem == "main" || stem == "run" || stem == "__main__" {
			stem = "" // it says nothing
		}
		folder := path.Base(path.Dir(f.File))
		f.name = unique(taken, snake(strings.TrimSuffix(f.Class, "Flow")), snake(stem), snake(folder), snake(folder)+"_"+snake(stem))
	}
}

// unique is the first of the names that is not taken, or the first of all with
// a number.
func unique(taken map[string]bool, names ...string) string {
	first := ""
	for _, name := range names {
		if name == "" {
			continue
		}
		if first == "" {
			first = name
		}
		if !taken[name] {
			taken[name] = true
			return name
		}
	}
	if first == "" {
		first = "flow"
	}
	for n := 2; ; n++ {
		if name := fmt.Sprintf("%s_%d", first, n); !taken[name] {
			taken[name] = true
			return name
		}
	}
}

var (
	words     = regexp.MustCompile(`[A-Z]+[a-z0-9]*|[a-z0-9]+`)
	beginning = regexp.MustCompile(`^[0-9_]+`)
)

// snake writes a name as names are written in flowrider.hcl: movie_stats for
// MovieStats and 02-movie-stats. It is "" where no letter is left.
func snake(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, name)
	var parts []string
	for _, word := range words.FindAllString(plain, -1) {
		// of HTTPServer the last capital belongs to the next word
		if n := len(word); n > 2 {
			if up := strings.IndexFunc(word, unicode.IsLower); up > 1 {
				parts = append(parts, word[:up-1])
				word = word[up-1:]
			}
		}
		parts = append(parts, word)
	}
	return beginning.ReplaceAllString(strings.ToLower(strings.Join(parts, "_")), "")
}
