package metaflow

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// errNotPlain is the error of a pickle of anything but plain data.
var errNotPlain = errors.New("it is no plain data")

// mostLeaves bounds what a pickle may grow to that names its parts again and
// again.
const mostLeaves = 100_000

// unpickle reads plain data: what JSON has, and tuples. It is a machine that
// knows no opcode that names a class or calls anything, so that whatever a
// pickle holds nothing is run.
func unpickle(data []byte) (v cty.Value, err error) {
	m := &machine{data: data}
	defer func() {
		if recover() != nil { // it reads beyond its end, or takes what is not there
			v, err = cty.NilVal, errNotPlain
		}
	}()
	for {
		done, err := m.step()
		if err != nil {
			return cty.NilVal, err
		}
		if done {
			return m.value(m.pop(), 0)
		}
	}
}

// machine is the state of a pickle that is being read.
type machine struct {
	data   []byte
	stack  []any // cty.Value, *list, *dict or mark
	memo   []any
	leaves int
}

type (
	list struct{ items []any }
	dict struct{ values map[string]any }
	mark struct{}
)

func (m *machine) take(n int) []byte {
	taken := m.data[:n:n]
	m.data = m.data[n:]
	return taken
}

func (m *machine) number(width int) int {
	var wide [8]byte
	copy(wide[:], m.take(width))
	return int(binary.LittleEndian.Uint64(wide[:]))
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

func (m *machine) pop() any {
	last := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return last
}

// popToMark takes all that was pushed since the last mark.
func (m *machine) popToMark() []any {
	for i := len(m.stack) - 1; ; i-- {
		if _, ok := m.stack[i].(mark); ok {
			items := slices.Clone(m.stack[i+1:])
			m.stack = m.stack[:i]
			return items
		}
	}
}

// popLast takes the last n.
func (m *machine) popLast(n int) []any {
	items := slices.Clone(m.stack[len(m.stack)-n:])
	m.stack = m.stack[:len(m.stack)-n]
	return items
}

// step does one opcode; done at the end of the pickle.
func (m *machine) step() (done bool, err error) {
	switch op := m.take(1)[0]; op {
	case 0x80: // PROTO
		m.take(1)
	case 0x95: // FRAME
		m.take(8)
	case '.':
		return true, nil
	case 'N':
		m.push(cty.NullVal(cty.DynamicPseudoType))
	case 0x88, 0x89: // NEWTRUE, NEWFALSE
		m.push(cty.BoolVal(op == 0x88))
	case 'K', 'M': // BININT1, BININT2
		m.push(cty.NumberIntVal(int64(m.number(map[byte]int{'K': 1, 'M': 2}[op]))))
	case 'J': // BININT
		m.push(cty.NumberIntVal(int64(int32(m.number(4)))))
	case 0x8a: // LONG1
		m.push(long(m.take(m.number(1))))
	case 'G': // BINFLOAT
		f := math.Float64frombits(binary.BigEndian.Uint64(m.take(8)))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return false, errNotPlain
		}
		m.push(cty.NumberFloatVal(f))
	case 0x8c: // SHORT_BINUNICODE
		m.push(cty.StringVal(string(m.take(m.number(1)))))
	case 'X': // BINUNICODE
		m.push(cty.StringVal(string(m.take(m.number(4)))))
	case 0x94: // MEMOIZE
		m.memo = append(m.memo, m.stack[len(m.stack)-1])
	case 'h': // BINGET
		m.push(m.memo[m.number(1)])
	case 'j': // LONG_BINGET
		m.push(m.memo[m.number(4)])
	default:
		return false, m.collect(op)
	}
	return false, nil
}

// collect does the opcodes of lists, tuples and objects.
func (m *machine) collect(op byte) error {
	switch op {
	case '(':
		m.push(mark{})
	case ']', ')': // EMPTY_LIST, EMPTY_TUPLE
		m.push(&list{})
	case 0x85, 0x86, 0x87: // TUPLE1 to TUPLE3
		m.push(&list{m.popLast(int(op - 0x84))})
	case 't': // TUPLE
		m.push(&list{m.popToMark()})
	case 'a': // APPEND
		m.append(m.popLast(1))
	case 'e': // APPENDS
		m.append(m.popToMark())
	case '}':
		m.push(&dict{values: map[string]any{}})
	case 's': // SETITEM
		return m.set(m.popLast(2))
	case 'u': // SETITEMS
		return m.set(m.popToMark())
	default:
		return errNotPlain
	}
	return nil
}

func (m *machine) append(items []any) {
	to := m.stack[len(m.stack)-1].(*list)
	to.items = append(to.items, items...)
}

// set puts keys and values, one after the other, into the object below them.
func (m *machine) set(items []any) error {
	to := m.stack[len(m.stack)-1].(*dict)
	for i := 0; i < len(items); i += 2 {
		key, ok := items[i].(cty.Value)
		if !ok || key.Type() != cty.String || key.IsNull() {
			return errNotPlain
		}
		to.values[key.AsString()] = items[i+1]
	}
	return nil
}

// long is a number of any size, in two's complement, least byte first.
func long(digits []byte) cty.Value {
	big2 := slices.Clone(digits)
	slices.Reverse(big2)
	n := new(big.Int).SetBytes(big2)
	if len(big2) > 0 && big2[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(big2))))
	}
	return cty.NumberVal(new(big.Float).SetInt(n))
}

// value is what was read as a value of the configuration.
func (m *machine) value(v any, depth int) (cty.Value, error) {
	if m.leaves++; m.leaves > mostLeaves || depth > 100 {
		return cty.NilVal, errNotPlain
	}
	switch v := v.(type) {
	case cty.Value:
		return v, nil
	case *list:
		var items []cty.Value
		for _, item := range v.items {
			value, err := m.value(item, depth+1)
			if err != nil {
				return cty.NilVal, err
			}
			items = append(items, value)
		}
		return cty.TupleVal(items), nil
	case *dict:
		members := map[string]cty.Value{}
		for key, item := range v.values {
			value, err := m.value(item, depth+1)
			if err != nil {
				return cty.NilVal, err
			}
			members[key] = value
		}
		return cty.ObjectVal(members), nil
	}
	return cty.NilVal, errNotPlain
}
