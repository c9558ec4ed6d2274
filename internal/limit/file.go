package limit

import (
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
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(content)) > most {
		return nil, TooLarge{Most: most}
	}
	return content, err
}

// TooLarge is the error of a file that has too many bytes.
type TooLarge struct{ Most int64 }

func (t TooLarge) Error() string { return fmt.Sprintf("it has more than %d MiB", t.Most>>20) }
