package pip

import (
	"context"
	"io"
)

// FindUV is uv for tests that bring their own cache.
func (e *Environment) FindUV(ctx context.Context, log io.Writer) (string, error) {
	python, _, err := e.choose(nil, nil)
	if err != nil {
		return "", err
	}
	return e.uv(ctx, python, log)
}
