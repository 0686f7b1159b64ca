package proxy

import (
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"scimedge/directory"
	"scimedge/kv"
)

// walks remembers where pages by startIndex ended. A client that asks for place
// 101 after the page of the first 100 means "what comes next": it gets that, even
// though somebody was deleted meanwhile and place 101 is another's now, and it
// gets it without the first 100 being counted again. Whoever asks for a place out
// of turn, or after the walk was forgotten, gets the place. Each tenant has room
// of its own, so that none makes another's walks forgotten.
type walks struct {
	tenants *lru.Cache[string, *lru.Cache[walkKey, walk]]
}

// walkKey is a query of a token at one address, and the startIndex that follows.
type walkKey [sha256.Size]byte

// walk is the end of a page.
type walk struct {
	at    directory.Position
	total int    // of the whole query
	seq   kv.Seq // that the total is of
	until time.Time
}

// A walk needs only its last page remembered; the one before, if that is asked for
// again. All of it takes 60 MB at most, if a thousand tenants are walked at once.
const (
	maxWalked = 1000 // tenants
	maxWalks  = 128  // pages of each
	walkLife  = 15 * time.Minute
)

func newWalks() (walks, error) {
	tenants, err := lru.New[string, *lru.Cache[walkKey, walk]](maxWalked)
	return walks{tenants}, err
}

func newWalkKey(q fingerprint, remote netip.Addr, startIndex int) walkKey {
	b := append(make([]byte, 0, 64), q[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(startIndex))
	addr := remote.As16()
	return sha256.Sum256(append(b, addr[:]...))
}

// recall says where the page before ended, if that is remembered.
func (w walks) recall(tenant string, k walkKey, now time.Time) (kept walk, ok bool) {
	ended, ok := w.tenants.Get(tenant)
	if !ok {
		return kept, false
	}
	kept, ok = ended.Get(k)
	return kept, ok && now.Before(kept.until)
}

func (w walks) remember(tenant string, k walkKey, p *directory.Page, now time.Time) {
	ended, ok := w.tenants.Get(tenant)
	if !ok {
		fresh, err := lru.New[walkKey, walk](maxWalks)
		if err != nil { // of a size below 1 only
			return
		}
		if ended, ok, _ = w.tenants.PeekOrAdd(tenant, fresh); !ok {
			ended = fresh
		}
	}
	ended.Add(k, walk{at: p.Next, total: p.Total, seq: p.Seq, until: now.Add(walkLife)})
}
