package boltkv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"scimedge/kv"
)

// reserve keeps some of the volume for the system partition, where tokens are
// revoked and accounts locked: a volume filled by one tenant's sync shall not keep
// an administrator from shutting that tenant out. It is a file of zeros, removed
// when a commit meets a full volume; until it can be written again, other
// partitions' writes are refused without a try. It belongs to the committer.
type reserve struct {
	path    string
	size    int64 // 0: no reserve, so that every write is tried
	spent   bool
	retryAt time.Time
}

// Restoring wants some room beyond the reserve, or the first write would spend
// it again; and it is not tried on every request.
const (
	reserveMargin = 1 << 20
	reserveRetry  = 500 * time.Millisecond
)

func openReserve(path string, size int64) *reserve {
	r := &reserve{path: path, size: max(size, 0)}
	if r.size == 0 {
		return r
	}
	if info, err := os.Stat(path); err != nil || info.Size() != r.size {
		r.restore()
	}
	return r
}

func (r *reserve) admit(p kv.Partition) error {
	if !r.spent || p == kv.System {
		return nil
	}
	if now := time.Now(); now.After(r.retryAt) {
		r.restore()
		r.retryAt = now.Add(reserveRetry)
	}
	if r.spent {
		return fmt.Errorf("%w: free some space on the volume of the store; writing resumes by itself", kv.ErrNoSpace)
	}
	return nil
}

func (r *reserve) spend() {
	if r.size > 0 && !r.spent {
		_ = os.Remove(r.path)
		r.spent = true
		r.retryAt = time.Now().Add(reserveRetry)
	}
}

// restore writes real bytes: a sparse file would reserve nothing.
func (r *reserve) restore() {
	err := writeZeros(r.path, r.size+reserveMargin)
	if err == nil {
		err = os.Truncate(r.path, r.size)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		_ = os.Remove(r.path)
	}
	r.spent = err != nil
}

func writeZeros(path string, n int64) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for zeros := make([]byte, 64<<10); n > 0; n -= int64(len(zeros)) {
		if _, err := f.Write(zeros[:min(n, int64(len(zeros)))]); err != nil {
			return err
		}
	}
	return nil
}
