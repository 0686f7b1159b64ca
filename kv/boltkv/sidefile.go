package boltkv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// sideFile remembers, outside the store file, which store it is and how far it
// had come: a store file that was lost, emptied, replaced or taken back to an
// older state looks healthy in itself.
//
// It is written after each commit without fsync. The store's own fsync came
// first, so the number here is never ahead of what the store holds; a killed
// process leaves it exact, for the page cache stays, and a power cut may leave it
// behind, which makes the check weaker and never wrong. One record of less than
// a sector, written in place, is not torn.
type sideFile struct {
	path string
	file *os.File

	mu     sync.Mutex // record is the committer's, sync the housekeeper's
	rec    sideRecord
	synced uint64
}

type sideRecord struct {
	id   storeID
	txid uint64 // the highest committed
}

type storeID [16]byte

const (
	sideMagic = "SCIMTXID"
	sideSize  = 8 + 16 + 8 + 4 // magic, store id, txid, CRC32C of these
)

var errSideDamaged = errors.New("its record is damaged")

func (r sideRecord) encode() []byte {
	b := append(make([]byte, 0, sideSize), sideMagic...)
	b = append(b, r.id[:]...)
	b = binary.BigEndian.AppendUint64(b, r.txid)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func decodeSide(b []byte) (r sideRecord, err error) {
	if len(b) != sideSize || string(b[:8]) != sideMagic ||
		binary.BigEndian.Uint32(b[sideSize-4:]) != crc32.Checksum(b[:sideSize-4], castagnoli) {
		return r, errSideDamaged
	}
	copy(r.id[:], b[8:24])
	r.txid = binary.BigEndian.Uint64(b[24:32])
	return r, nil
}

// openSide opens or creates the side file; found is false when it is new.
func openSide(path string) (s *sideFile, found bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, fmt.Errorf("boltkv: side file: %w", err)
	}
	s = &sideFile{path: path, file: f}
	b, err := io.ReadAll(io.LimitReader(f, sideSize+1))
	if err != nil {
		_ = f.Close()
		return nil, false, fmt.Errorf("boltkv: side file: %w", err)
	}
	if len(b) == 0 {
		return s, false, nil // made a moment ago, or by a start that got no further
	}
	s.rec, err = decodeSide(b)
	return s, true, err
}

// reset makes the record that of the store at hand, durably.
func (s *sideFile) reset(rec sideRecord) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rec = rec
	if err := s.file.Truncate(sideSize); err != nil {
		return err
	}
	if _, err := s.file.WriteAt(rec.encode(), 0); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	s.synced = rec.txid
	return syncDir(filepath.Dir(s.path))
}

// record notes a commit that has reached the disk.
func (s *sideFile) record(txid uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rec.txid = txid
	_, err := s.file.WriteAt(s.rec.encode(), 0)
	return err
}

// sync writes the record through to the disk, off the path of any commit.
func (s *sideFile) sync() error {
	s.mu.Lock()
	txid, synced := s.rec.txid, s.synced
	s.mu.Unlock()
	if txid == synced {
		return nil
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	s.mu.Lock()
	s.synced = txid
	s.mu.Unlock()
	return nil
}

func (s *sideFile) close() error {
	return errors.Join(s.sync(), s.file.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
