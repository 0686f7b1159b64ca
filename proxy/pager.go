package proxy

import (
	"crypto/sha256"
	"encoding/binary"
	"io"

	"scimedge/directory"
	"scimedge/scimcore"
)

// pager finds out where the page of a query begins, by cursor or by index, and
// what its answer tells of the page after it.
type pager struct {
	r     *request
	query *directory.Query
}

func (p *pager) begin() error {
	params := &p.r.params
	switch {
	case params.HasCursor:
		p.query.Total = directory.TotalCheap
		if params.Cursor != "" {
			return p.beginAt(params.Cursor)
		}
	case p.query.StartIndex > 1:
		kept, ok := p.r.edge.walks.recall(p.r.tenant.ID, p.walk(p.query.StartIndex), p.r.began)
		if ok {
			p.query.After, p.query.Known, p.query.KnownAt = &kept.at, kept.total, kept.seq
		}
	}
	return nil
}

// beginAt goes on where a cursor says. The page size is that of the first page; a
// request may leave it out, and may not change it (CUR-09).
func (p *pager) beginAt(cursor string) error {
	after, count, err := p.r.edge.cursors.open(cursor, p.fingerprint(), p.r.began)
	if err != nil {
		return err
	}
	if p.r.params.HasCount && p.query.Count != count {
		return scimcore.Bad(scimcore.InvalidCount, "count was %d on the first page of this walk. Keep it, or start again without a cursor.", count)
	}
	p.query.After, p.query.Count = &after, count
	return nil
}

func (p *pager) end(found *directory.Page) (counts scimcore.ListCounts, err error) {
	counts.Total = found.Total
	more := found.More && p.query.Count > 0
	switch {
	case p.r.params.HasCursor && more:
		counts.Next, err = p.r.edge.cursors.seal(p.fingerprint(), p.query.Count, found.Next, p.r.began)
	case !p.r.params.HasCursor:
		counts.StartIndex = p.query.StartIndex
		if more {
			p.r.edge.walks.remember(p.r.tenant.ID, p.walk(p.query.StartIndex+found.Count), found, p.r.began)
		}
	}
	return counts, err
}

func (p *pager) walk(startIndex int) walkKey {
	return newWalkKey(p.fingerprint(), p.r.remote, startIndex)
}

// fingerprint tells queries apart: it is made of all that decides who asks, which
// resources a walk meets, and in which order.
type fingerprint [sha256.Size]byte

func (p *pager) fingerprint() fingerprint {
	h := sha256.New()
	part := func(s string) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		_, _ = h.Write(n[:]) // a hash takes everything
		_, _ = io.WriteString(h, s)
	}
	part(p.r.tenant.ID)
	part(p.r.principal.Token.ID)
	for _, s := range p.query.Sources {
		part(s.Type.Name)
	}
	params := &p.r.params
	part(params.Filter)
	part(params.SortBy)
	part(params.SortOrder)
	return fingerprint(h.Sum(nil))
}
