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
// of turn, or after the walk was forgotten, gets the place.
type walks struct {
	ended *lru.Cache[walkKey, walk]
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

const (
	maxWalks = 10_000 // some 3 MB
	walkLife = 15 * time.Minute
)

func newWalks() (walks, error) {
	ended, err := lru.New[walkKey, walk](maxWalks)
	return walks{ended}, err
}

func newWalkKey(q fingerprint, remote netip.Addr, startIndex int) walkKey {
	b := append(make([]byte, 0, 64), q[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(startIndex))
	addr := remote.As16()
	return sha256.Sum256(append(b, addr[:]...))
}

// recall says where the page before ended, if that is remembered.
func (w walks) recall(k walkKey, now time.Time) (kept walk, ok bool) {
	kept, ok = w.ended.Get(k)
	return kept, ok && now.Before(kept.until)
}

func (w walks) remember(k walkKey, p *directory.Page, now time.Time) {
	w.ended.Add(k, walk{at: p.Next, total: p.Total, seq: p.Seq, until: now.Add(walkLife)})
}
