package attempt

import (
	"path/filepath"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
)

// byteCode is the variable that says where Python keeps byte code: neither in
// a bundle nor beside the outputs of others, which must stay as they are. It is
// not hashed, and what a flow's own env says goes before it.
const byteCode = "PYTHONPYCACHEPREFIX"

// byteCode is where it is for flows without an environment, which has a folder
// of its own. It is one for all attempts, since with it Python does not look
// for the byte code of its own library anywhere else.
func (m *Maker) byteCode() string {
	return filepath.Join(m.Session.Config.Root, record.Local, "cache", "bytecode")
}

// byteCodeOf is where it is for the flows of an environment; nil is none.
func (m *Maker) byteCodeOf(e *plan.Environment) string {
	if e != nil {
		if prefix, built := e.Prefix(); built && prefix.Env[byteCode] != "" {
			return prefix.Env[byteCode]
		}
	}
	return m.byteCode()
}
