package directory

import (
	"bytes"

	"scimedge/kv"
	"scimedge/scimcore"
)

// Query selects resources, orders them and says which part of them is wanted.
type Query struct {
	// Sources are the types to look in. Without a sort their resources come one
	// type after the other, each in the order of creation.
	Sources []Source
	// Count is the most resources to hand over; 0 counts only.
	Count int
	// StartIndex is the 1-based place, among all matches, of the first one wanted;
	// less than 1 means 1. With After it only says how many the client has seen.
	StartIndex int
	// After is where the former page ended; nil for the first page, and for a
	// place that StartIndex alone names.
	After *Position
	// Total says what is to be known of the number of matches.
	Total Totals
	// Known is the total as it was counted at the Seq KnownAt; it holds as long as
	// nothing was written since. 0 for KnownAt means that nothing is known.
	Known   int
	KnownAt kv.Seq
	// Base is the SCIM root the client sees, for filters on meta.location.
	Base string
}

// Source is one type to look in, with the filter and the order compiled for it.
type Source struct {
	Type   *scimcore.Type
	Filter *scimcore.Filter // nil selects all
	Order  scimcore.Order
}

// Totals says what a query has to find out about the number of matches.
type Totals uint8

const (
	// TotalCounted counts every match, whatever that costs.
	TotalCounted Totals = iota
	// TotalCheap tells the number where it is kept, and -1 elsewhere. A page may
	// then end before it is full, rather than look at more than one request may.
	TotalCheap
)

// Page is what List found beside the resources it handed over.
type Page struct {
	// Total is the number of matches; -1 when it was not counted. On the way
	// through pages by StartIndex and After it is never less than what the client
	// has seen, plus one if there is more: a client that stops at the total does
	// not stop early because others were deleted meanwhile.
	Total int
	Count int  // resources handed over
	More  bool // there are matches after this page
	// Next is where the following page begins; of use when More.
	Next Position
	// Seq is the tenant's sequence number that the page speaks of.
	Seq kv.Seq
}

// Position is a place in the order of a query, just behind one of its matches.
// It means something only for the same sources and order.
type Position struct {
	// Began is the Seq of the first page. A sorted walk keeps to the values of
	// that moment, so that a resource whose value changes is neither lost nor
	// seen twice.
	Began  kv.Seq
	Source int    // index into Query.Sources, without a sort
	Key    []byte // sort key, with one
	ID     ID
}

// Encode writes p in the form ParsePosition reads.
func (p Position) Encode(dst []byte) []byte {
	k := kv.Key(dst).Uint64(uint64(p.Began)).Byte(byte(p.Source)).Raw(p.ID[:])
	return append(k, p.Key...)
}

// ParsePosition reads what Encode wrote. It copies nothing.
func ParsePosition(b []byte) (p Position, ok bool) {
	began, rest, ok := kv.CutUint64(b)
	if !ok || len(rest) < 1+len(ID{}) {
		return p, false
	}
	p = Position{Began: kv.Seq(began), Source: int(rest[0]), ID: ID(rest[1 : 1+len(ID{})])}
	if key := rest[1+len(ID{}):]; len(key) > 0 {
		p.Key = key
	}
	return p, true
}

// compare orders two places of a sorted query: by key, ties by id (SRT-A01).
func (p Position) compare(q *Position) int {
	if c := bytes.Compare(p.Key, q.Key); c != 0 {
		return c
	}
	return bytes.Compare(p.ID[:], q.ID[:])
}
