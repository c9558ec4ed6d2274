package pip

import (
	"context"
	"io"
	"strings"
)

// FindUV is uv for tests that bring their own cache.
func (e *Environment) FindUV(ctx context.Context, log io.Writer) (string, error) {
	python, _, err := e.choose(nil, nil)
	if err != nil {
		return "", err
	}
	return e.uv(ctx, python, log)
}

// Sealed is a lock's text with the checksum that fits it.
func Sealed(text string) string {
	file, err := parseLock(text)
	if err != nil {
		panic(err)
	}
	return strings.Replace(text, file.checksum, file.sum(), 1)
}
