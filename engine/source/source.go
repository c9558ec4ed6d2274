// Package source compares what the configuration says of the user's Python code
// with that code: whether a flow's file starts a flow, which parameters it has,
// whether the functions of hooks are there. Of commands it says what is surely not
// meant. Check is the entry point.
//
// The facts are read from the source (internal/pysource), by one reader whether
// Python is at hand or not, and what nobody can see there is not called a
// mistake. Python, where it may be asked, says what it alone knows: whether a
// file compiles, and where a module lies that is not the project's. No code of
// the user's is run or imported.
package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/pysource"
)

// Depth says how far code is looked at.
type Depth int

// The depths, each with all that the one before has.
const (
	None   Depth = iota // not at all
	Static              // the source alone: no process is started
	Asked               // Python is asked, where it is at hand
)

// checker holds what has been read.
type checker struct {
	session *plan.Session
	trees   map[string]*pysource.Tree // by the project's root, absolute
	answers map[string]*answer        // by the interpreter; nil without Python
	diags   hcl.Diagnostics
	told    map[string]bool // what the instances of one flow have in common
}

// Check finds what is wrong with the flows that were decided, and with all
// hooks.
func Check(ctx context.Context, session *plan.Session, flows []*plan.Flow, depth Depth) hcl.Diagnostics {
	if depth == None {
		return nil
	}
	c := &checker{session: session, trees: map[string]*pysource.Tree{}, told: map[string]bool{}}
	hooks := session.HookFunctions()
	if depth == Asked {
		c.ask(ctx, flows, hooks)
	}
	for _, flow := range flows {
		switch {
		case !isRead(flow):
		case flow.Runner == "metaflow":
			c.flow(flow)
		default:
			c.command(flow)
		}
	}
	for _, hook := range hooks {
		c.hook(hook)
	}
	return c.diags
}

// isRead says whether there is something of a flow to look at: one in which
// something else is wrong has no place.
func isRead(flow *plan.Flow) bool {
	return flow.Place != nil && !flow.Place.Unplaced && flow.Listing != nil && (flow.Verdict != plan.Blocked || flow.Instance.Flow.Partial)
}

func (c *checker) tree(root string) *pysource.Tree {
	if c.trees[root] == nil {
		c.trees[root] = pysource.NewTree(root)
	}
	return c.trees[root]
}

// tell adds a diagnostic, once.
func (c *checker) tell(d *hcl.Diagnostic) {
	key := fmt.Sprint(d.Subject, d.Summary, d.Detail)
	if !c.told[key] {
		c.told[key] = true
		c.diags = append(c.diags, d)
	}
}

func (c *checker) wrong(subject hcl.Range, summary, format string, arguments ...any) *hcl.Diagnostic {
	d := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, arguments...), Subject: &subject}
	c.tell(d)
	return d
}

// unreadable tells of a file that is no Python, and says whether it is one. In
// doubt Python has the last word.
func (c *checker) unreadable(subject hcl.Range, address, python, root, file string, err error) bool {
	problem, asked := c.compiled(python, filepath.Join(root, filepath.FromSlash(file)))
	var wrong *pysource.SyntaxError
	switch {
	case problem != nil:
	case asked || err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, pysource.TooLarge):
		return false
	case errors.As(err, &wrong):
		problem = wrong
	default:
		c.wrong(subject, "Unreadable file", "%s: %s cannot be read: %v.", address, file, err)
		return true
	}
	c.wrong(subject, "Not Python", "%s: Python cannot read %s, line %d: %s.", address, file, problem.Line, problem.Reason)
	return true
}
