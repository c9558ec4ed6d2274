package bundle

import (
	"context"

	"golang.org/x/sys/unix"
)

// maxRange is how much one system call copies, so that a cancelled copy ends
// soon.
const maxRange = 64 << 20

// copyRange copies up to size bytes inside the kernel, which shares blocks
// where the file system can, and says how many it copied. The rest, for
// whatever reason, is the caller's.
func copyRange(ctx context.Context, in, out int, size int64) int64 {
	var done int64
	for done < size && ctx.Err() == nil {
		from, to := done, done
		n, err := retry(func() (int, error) {
			return unix.CopyFileRange(in, &from, out, &to, int(min(maxRange, size-done)), 0)
		})
		if err != nil || n <= 0 {
			break
		}
		done += int64(n)
	}
	return done
}
