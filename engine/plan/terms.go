package plan

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// Terms are how a flow is run: when, how long and how often. None of it counts
// in its config hash.
type Terms struct {
	Pools   map[string]int64 // how much it takes of each pool
	CPU     int64            // thousandths of a processor
	Memory  int64            // bytes
	Written string           // the memory as it is written
	GPU     int64
	Timeout time.Duration // 0 is none
	Retry   Retry
}

// Terms are those of the instance with an address.
func (s *Session) Terms(address string) *Terms { return s.terms[address] }

// Pools is how much there is of each pool.
func (s *Session) Pools() map[string]int64 { return s.pools }

// declareTerms evaluates the pools, and the terms of all instances.
func (s *Session) declareTerms(instances []*eval.Instance) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, pool := range s.Config.Pools {
		s.pools[pool.Address.Name] = 0
		values, moreDiags := s.eval.Block(&pool.Block)
		if size, ok := values["size"]; ok && !moreDiags.HasErrors() {
			s.pools[pool.Address.Name], moreDiags = whole(size, 1, "size", pool.Element("size", ""))
		}
		diags = append(diags, moreDiags...)
	}
	told := newTold()
	for _, instance := range instances {
		terms, moreDiags := s.termsOf(instance)
		s.terms[instance.Address.String()] = terms
		diags = append(diags, told.others(instance, moreDiags)...)
	}
	told.sayWhere()
	return diags
}

// termsOf evaluates the terms of one instance.
func (s *Session) termsOf(instance *eval.Instance) (*Terms, hcl.Diagnostics) {
	terms := &Terms{}
	diags := s.takePools(terms, instance)
	if argument := instance.Flow.Argument("timeout"); argument != nil {
		value, moreDiags := s.eval.Evaluate(argument.Expr, cty.String, instance.Each)
		if text, ok := value.Text(); ok && !moreDiags.HasErrors() {
			terms.Timeout, moreDiags = duration(text, argument)
		}
		diags = append(diags, moreDiags...)
	}
	values, moreDiags := s.eval.Settled(instance.Flow.Resources, instance.Each)
	if diags = append(diags, moreDiags...); !moreDiags.HasErrors() {
		diags = append(diags, takeResources(terms, values, instance)...)
	}
	values, moreDiags = s.eval.Settled(instance.Flow.Retry, instance.Each)
	if diags = append(diags, moreDiags...); !moreDiags.HasErrors() {
		diags = append(diags, takeRetry(terms, values, instance)...)
		for _, doubt := range terms.Retry.doubts {
			s.note(doubt)
		}
	}
	return terms, diags
}

// takePools reads pools, which names pools with how much of each is taken.
func (s *Session) takePools(terms *Terms, instance *eval.Instance) hcl.Diagnostics {
	argument := instance.Flow.Argument("pools")
	if argument == nil {
		return nil
	}
	value, diags := s.eval.Evaluate(argument.Expr, cty.Map(cty.Number), instance.Each)
	if diags.HasErrors() || value.Unmarked().IsNull() {
		return diags
	}
	terms.Pools = map[string]int64{}
	for it := value.Unmarked().ElementIterator(); it.Next(); {
		key, element := it.Element()
		name := key.AsString()
		size, known := s.pools[name]
		if !known {
			diags = append(diags, s.unknownPool(name, instance.Flow.Key("pools", name)))
			continue
		}
		place := instance.Flow.Element("pools", name)
		amount, moreDiags := whole(eval.Plain(element), 0, argument.Name, place)
		if diags = append(diags, moreDiags...); amount > size && size > 0 {
			diags = append(diags, problemIn(place, "More than there is", fmt.Sprintf(
				"%s takes %d of the pool %q, which has the size %d, so it could never run. Write %s = %d, or a greater size.", instance.Flow.Address, amount, name, size, name, size)))
		}
		if amount > 0 {
			terms.Pools[name] = amount
		}
	}
	return diags
}

func (s *Session) unknownPool(name string, at hcl.Range) *hcl.Diagnostic {
	problem := problemIn(at, "Unknown pool", fmt.Sprintf("There is no pool %q.", name))
	names := s.Config.Names("pool")
	switch best := diag.Suggest(name, names); {
	case best != "":
		problem.Detail += fmt.Sprintf(" Did you mean %q?", best)
		problem.Extra = diag.Suggestion(best)
	case len(names) > 0:
		problem.Detail += " " + diag.There(names)
	default:
		problem.Detail += fmt.Sprintf(" Declare it: pool %q { size = 1 }.", name)
	}
	return problem
}

func takeResources(terms *Terms, values map[string]eval.Value, instance *eval.Instance) hcl.Diagnostics {
	var diags, moreDiags hcl.Diagnostics
	block := instance.Flow.Resources
	if value, ok := values["cpu"]; ok {
		thousandths, _ := new(big.Float).Mul(number(value), big.NewFloat(1000)).Int64()
		if terms.CPU = thousandths; thousandths <= 0 {
			diags = append(diags, problemAt(block.Argument("cpu"), "Unsuitable value", "cpu is a number of processors above 0, such as 4 or 0.5."))
		}
	}
	if value, ok := values["gpu"]; ok {
		terms.GPU, moreDiags = whole(value, 0, "gpu", block.Element("gpu", ""))
		diags = append(diags, moreDiags...)
	}
	if text, ok := values["memory"].Text(); ok {
		terms.Written = text
		if terms.Memory, ok = parseMemory(text); !ok {
			diags = append(diags, problemAt(block.Argument("memory"), "Unsuitable value", fmt.Sprintf("%q is no amount of memory; write one such as \"500MB\" or \"8GiB\".", text)))
		}
	}
	return diags
}

var units = map[string]float64{
	"kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
	"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
}

// parseMemory reads an amount with its unit.
func parseMemory(text string) (bytes int64, ok bool) {
	digits := strings.TrimRight(text, "kKMGTiB")
	unit, known := units[text[len(digits):]]
	amount, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	bytes = int64(amount * unit)
	return bytes, known && err == nil && amount > 0 && amount*unit < 1<<62
}

// duration reads a duration that an argument has.
func duration(text string, argument *schema.Attribute) (time.Duration, hcl.Diagnostics) {
	d, err := schema.ParseDuration(text)
	if seconds, _ := strconv.ParseFloat(text, 64); err != nil && seconds > 0 {
		return 0, hcl.Diagnostics{problemAt(argument, "Unsuitable value", fmt.Sprintf("%s is a duration, which has a unit. Write \"%ss\" for seconds.", argument.Name, text))}
	}
	if err != nil {
		detail := fmt.Sprintf("%s is a duration, such as \"30s\", \"90m\", \"2h\" or \"7d\"; %q is none.", argument.Name, text)
		if better := inHours(text); better != "" {
			detail += fmt.Sprintf(" Write %q.", better)
		}
		return 0, hcl.Diagnostics{problemAt(argument, "Unsuitable value", detail)}
	}
	return d, nil
}

// inHours writes weeks, and days with hours, as a duration; "" for anything else.
func inHours(text string) string {
	match := regexp.MustCompile(`^(?:(\d{1,3})w)?(?:(\d{1,4})d)?(?:(\d{1,5})h)?$`).FindStringSubmatch(strings.ReplaceAll(text, " ", ""))
	if match == nil || text == "" {
		return ""
	}
	number := func(digits string) (n int) { n, _ = strconv.Atoi(digits); return n }
	days := 7*number(match[1]) + number(match[2])
	if match[3] == "" {
		return fmt.Sprintf("%dd", days)
	}
	return fmt.Sprintf("%dh", 24*days+number(match[3]))
}

// whole reads a whole number that is not less than some, and stands at a place in an
// argument.
func whole(value eval.Value, least int64, argument string, at hcl.Range) (int64, hcl.Diagnostics) {
	n, accuracy := number(value).Int64()
	if accuracy != big.Exact || n < least {
		return 0, hcl.Diagnostics{problemIn(at, "Unsuitable value", fmt.Sprintf("%s takes whole numbers of at least %d.", argument, least))}
	}
	return n, nil
}

// number is the number that a value has; -1 for none, which nothing takes.
func number(value eval.Value) *big.Float {
	if real := value.Unmarked(); real.IsKnown() && !real.IsNull() && real.Type() == cty.Number {
		return real.AsBigFloat()
	}
	return big.NewFloat(-1)
}
