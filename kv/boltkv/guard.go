package boltkv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// ErrDamaged is returned by Open for a store file that bbolt must not be given:
// it would start an empty database, roll back silently, or crash.
var ErrDamaged = errors.New("boltkv: the store file is damaged")

// ErrRolledBack is returned by Open for a store file that is not the one, or not
// as new as the one, that was last used at this path.
var ErrRolledBack = errors.New("boltkv: the store file is not the newest")

// cureDamaged ends the messages of [ErrDamaged]. Side files are put back together
// with their store: one that is newer would refuse it.
const cureDamaged = "Cure: move the data folder aside for inspection, and put back the newest copy of it that was made while the server was stopped."

// meta is what the guard reads of bbolt's meta pages; each commit overwrites the
// older of the two, and its checksum makes the commit.
type meta struct {
	err      error // why the page does not count
	pageSize int64
	root     uint64 // page of the root bucket
	freelist uint64
	pages    uint64 // high-water mark: pages in use end here
	txid     uint64
}

// Layout of bbolt's file format, version 2, in the byte order of the machine.
const (
	boltMagic      = 0xED0CDAED
	boltVersion    = 2
	pageHeader     = 16
	metaSize       = 64 // magic, version, page size, flags, root, sequence, freelist, pages, txid, checksum
	metaSumAt      = 56
	noFreelist     = ^uint64(0)
	flagBranch     = 0x01
	flagLeaf       = 0x02
	flagFreelist   = 0x10
	bigFreelist    = 0xFFFF // count saying that the first id is the count
	minPageSize    = 512
	maxPageSize    = 64 << 10
	firstDataPage  = 2
	metaPageNumber = 2
)

var order = binary.NativeEndian

// checkFile looks at a store file before bbolt maps it, and returns its newest
// meta page. damagedMeta says that the other one does not count, as after a power
// cut in the middle of a commit that was never acknowledged, or after damage.
func checkFile(f *os.File) (newest meta, damagedMeta error, err error) {
	info, err := f.Stat()
	if err != nil {
		return meta{}, nil, err
	}
	size := info.Size()
	if size == 0 {
		return meta{}, nil, fmt.Errorf("%w: it is empty (0 bytes), and starting with it would start without any data. %s", ErrDamaged, cureDamaged)
	}
	metas, err := readMetas(f)
	if err != nil {
		return meta{}, nil, fmt.Errorf("%w: %d bytes are too few for its two meta pages: %w. %s", ErrDamaged, size, err, cureDamaged)
	}
	a, b := metas[0], metas[1]
	switch {
	case a.err != nil && b.err != nil:
		return meta{}, nil, fmt.Errorf("%w, or is no store at all: meta page 0: %w; meta page 1: %w. %s", ErrDamaged, a.err, b.err, cureDamaged)
	case a.err != nil:
		newest, damagedMeta = b, fmt.Errorf("meta page 0: %w", a.err)
	case b.err != nil:
		newest, damagedMeta = a, fmt.Errorf("meta page 1: %w", b.err)
	case a.txid >= b.txid:
		newest = a
	default:
		newest = b
	}
	if err := newest.check(f, size); err != nil {
		return meta{}, nil, fmt.Errorf("%w: %w. %s", ErrDamaged, err, cureDamaged)
	}
	return newest, damagedMeta, nil
}

// check compares what the meta page claims with the file.
func (m meta) check(f *os.File, size int64) error {
	if want := int64(m.pages) * m.pageSize; m.pages > 1<<47 || size < want {
		return fmt.Errorf("it was truncated: %d bytes, but its pages end at %d", size, want)
	}
	if _, err := m.page(f, m.root, flagBranch, flagLeaf); err != nil {
		return fmt.Errorf("root page: %w", err)
	}
	if m.freelist == noFreelist {
		return nil
	}
	if err := m.checkFreelist(f); err != nil {
		return fmt.Errorf("free list: %w", err)
	}
	return nil
}

// page reads the header of a page and checks that it is what it should be.
func (m meta) page(f *os.File, id uint64, flags ...uint16) (h [pageHeader]byte, err error) {
	if id < firstDataPage || id >= m.pages {
		return h, fmt.Errorf("page %d is outside of the file's %d", id, m.pages)
	}
	if _, err := f.ReadAt(h[:], int64(id)*m.pageSize); err != nil {
		return h, err
	}
	if got := order.Uint64(h[:]); got != id {
		return h, fmt.Errorf("page %d says that it is page %d", id, got)
	}
	if over := uint64(order.Uint32(h[12:])); id+over >= m.pages {
		return h, fmt.Errorf("page %d runs over the end of the file", id)
	}
	for _, flag := range flags {
		if order.Uint16(h[8:]) == flag {
			return h, nil
		}
	}
	return h, fmt.Errorf("page %d is of the wrong kind (flags %#x)", id, order.Uint16(h[8:]))
}

// checkFreelist reads the list of free pages. It has no checksum, and a wrong
// entry would let bbolt write over live pages.
func (m meta) checkFreelist(f *os.File) error {
	h, err := m.page(f, m.freelist, flagFreelist)
	if err != nil {
		return err
	}
	room := (int64(order.Uint32(h[12:]))+1)*m.pageSize - pageHeader
	body := io.NewSectionReader(f, int64(m.freelist)*m.pageSize+pageHeader, room)
	count := uint64(order.Uint16(h[10:]))
	var word [8]byte
	if count == bigFreelist {
		if _, err := io.ReadFull(body, word[:]); err != nil {
			return err
		}
		count = order.Uint64(word[:])
		room -= 8
	}
	if count > uint64(room)/8 {
		return fmt.Errorf("%d entries do not fit its pages", count)
	}
	ids := make([]byte, count*8)
	if _, err := io.ReadFull(body, ids); err != nil {
		return err
	}
	last := uint64(firstDataPage - 1)
	for ; len(ids) > 0; ids = ids[8:] {
		id := order.Uint64(ids)
		if id <= last || id >= m.pages {
			return fmt.Errorf("entry %d is out of order or range", id)
		}
		last = id
	}
	return nil
}

// readMetas reads both meta pages. The second lies one page behind the first, and
// where the first is damaged its page size is guessed like bbolt does.
func readMetas(f io.ReaderAt) (metas [metaPageNumber]meta, err error) {
	if metas[0], err = readMeta(f, 0); err != nil {
		return metas, err
	}
	if metas[0].err == nil {
		metas[1], err = readMeta(f, metas[0].pageSize)
		return metas, err
	}
	metas[1].err = errors.New("not found")
	for size := int64(minPageSize); size <= maxPageSize; size *= 2 {
		m, err := readMeta(f, size)
		if err == nil && m.err == nil && m.pageSize == size {
			metas[1] = m
			break
		}
	}
	return metas, nil
}

func readMeta(f io.ReaderAt, at int64) (m meta, err error) {
	var b [pageHeader + metaSize]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		return m, err
	}
	raw := b[pageHeader:]
	sum := fnv.New64a()
	_, _ = sum.Write(raw[:metaSumAt])
	m = meta{
		pageSize: int64(order.Uint32(raw[8:])),
		root:     order.Uint64(raw[16:]),
		freelist: order.Uint64(raw[32:]),
		pages:    order.Uint64(raw[40:]),
		txid:     order.Uint64(raw[48:]),
	}
	switch {
	case order.Uint32(raw) != boltMagic:
		m.err = errors.New("wrong magic number: no bbolt file")
	case order.Uint32(raw[4:]) != boltVersion:
		m.err = fmt.Errorf("file format version %d, want %d", order.Uint32(raw[4:]), boltVersion)
	case order.Uint64(raw[metaSumAt:]) != sum.Sum64():
		m.err = errors.New("checksum mismatch")
	case m.pageSize < minPageSize || m.pageSize > maxPageSize || m.pageSize&(m.pageSize-1) != 0:
		m.err = fmt.Errorf("impossible page size %d", m.pageSize)
	}
	return m, nil
}
