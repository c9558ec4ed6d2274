package plan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/hook"
)

// call makes a group's calls. What a group prints that has a sensitive hook is
// shown afterwards, when it is known what has to be hidden in it.
func (s *Session) call(ctx context.Context, interpreter hook.Interpreter, group *HookCalls) []hook.Result {
	log, printed := interpreter.Log, &bounded{}
	interpreter.Secrets = s.Secrets()
	sensitive := slices.ContainsFunc(group.calls, func(call hook.Call) bool { return call.Sensitive })
	if sensitive {
		interpreter.Log = printed
	}
	results := s.tools.Hooks(ctx, interpreter, group.calls)
	for i, result := range results {
		if real, err := fromJSON(result.Value); group.calls[i].Sensitive && result.Err == nil && err == nil {
			for _, text := range eval.Texts(real) {
				_ = s.Secrets().Add(text) // one that is too short is refused when the answer is put in
			}
		}
	}
	if sensitive && log != nil {
		_, _ = log.Write([]byte(s.Secrets().Text(printed.String()))) // only for whoever watches
	}
	return results
}

// bounded keeps the beginning of what is written to it.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(data []byte) (int, error) {
	const most = 1 << 20
	b.Buffer.Write(data[:min(len(data), most-b.Len())])
	return len(data), nil
}

// checkHidden holds a hook's answer to what the configuration says of it: a
// sensitive one can be hidden, and any other one has nothing sensitive in it.
func (s *Session) checkHidden(answer eval.Value) error {
	texts := eval.Texts(answer.Unmarked())
	if eval.Has(answer.Real, eval.Sensitive) {
		if err := eval.CheckHideable(texts); err != nil {
			return fmt.Errorf("a value in its answer is unsuitable: %w. Mark only what is secret, with sensitive(), where it is used", err)
		}
		return nil
	}
	if slices.ContainsFunc(texts, s.Secrets().In) {
		return errors.New("its answer has a sensitive value in it, and is recorded and shown; give the hook sensitive = true")
	}
	return nil
}
