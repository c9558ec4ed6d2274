package limit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// ReadFile reads a regular file below a folder that has at most so many bytes.
// It does not wait for what is at the other end of a pipe.
func ReadFile(folder *os.Root, name string, most int64) ([]byte, error) {
	file, err := folder.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a folder")
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	}
	var content bytes.Buffer
	content.Grow(int(min(info.Size(), most)) + bytes.MinRead) // with room for its end, so that nothing is copied
	if _, err := content.ReadFrom(io.LimitReader(file, most+1)); err != nil {
		return nil, err
	}
	if int64(content.Len()) > most {
		return nil, TooLarge{Most: most}
	}
	return content.Bytes(), nil
}

// TooLarge is the error of a file that has too many bytes.
type TooLarge struct{ Most int64 }

func (t TooLarge) Error() string { return fmt.Sprintf("it has more than %d MiB", t.Most>>20) }
