package boltkv

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

// formatVersion is the number of this package's own layout of buckets and records.
const formatVersion = 1

var (
	storeIDKey = []byte("id")
	formatKey  = []byte("format")
)

// ErrLocked is returned by Open while another process has the store open.
var ErrLocked = errors.New("another scimedge process has the store open")

// ErrNewerFormat is returned by Open for a store that a newer program has written.
var ErrNewerFormat = errors.New("boltkv: the store was written by a newer program")

// Open opens the store at path, or makes a new one where neither it nor its side
// file exists. It refuses what would lose data silently: see [ErrDamaged],
// [ErrRolledBack] and [Options].AcceptRollback.
func Open(path string, opts Options) (*Store, error) {
	s := &Store{opts: opts.withDefaults(), path: path}
	s.queue = make(chan *request, s.opts.QueueLength)
	s.turnOver = make(chan struct{}, 1)
	s.sweep = make(chan struct{}, 1)
	s.quit = make(chan struct{})
	if err := s.open(); err != nil {
		return nil, err
	}
	s.startSweep() // what a crash left over
	s.workers.Add(2)
	go s.commitLoop()
	go s.housekeep()
	return s, nil
}

func (s *Store) open() (err error) {
	file, err := s.openFile()
	if err != nil {
		return err
	}
	defer func() {
		switch {
		case err == nil:
		case s.db != nil:
			_ = s.db.Close()
		default:
			_ = file.Close()
		}
		if err != nil && s.side != nil {
			_ = s.side.file.Close()
		}
	}()
	// The lock comes before the first look: what another process is writing
	// would look like damage.
	if err := lockFile(file, s.opts.LockTimeout); err != nil {
		return fmt.Errorf("boltkv: %s: %w", s.path, err)
	}
	newest, damagedMeta, err := checkFile(file)
	if err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	side, sideFound, err := openSide(s.path + ".txid")
	s.side = side
	if err != nil && !errors.Is(err, errSideDamaged) {
		return err
	}
	if err := s.accept(s.compareTxid(newest, damagedMeta, sideFound, err)); err != nil {
		return err
	}
	if s.db, err = openBolt(s.path, file, s.opts); err != nil {
		return fmt.Errorf("%s: %w: %w. %s", s.path, ErrDamaged, err, cureDamaged)
	}
	s.file = file
	id, err := s.readIdentity()
	if err != nil {
		return err
	}
	if sideFound && s.side.rec.id != (storeID{}) && s.side.rec.id != id {
		if err := s.accept(fmt.Errorf("%w: %s is another store than the one last used here (store id %x, the side file says %x). %s",
			ErrRolledBack, s.path, id[:4], s.side.rec.id[:4], cureRolledBack)); err != nil {
			return err
		}
	}
	if err := s.side.reset(sideRecord{id: id, txid: newest.txid}); err != nil {
		return fmt.Errorf("boltkv: side file: %w", err)
	}
	s.reserve = openReserve(s.path+".reserve", s.opts.ReserveBytes)
	return s.loadHeads()
}

// The cures name the command of the program that this engine is for, as an
// operator would type it; cmd/scimedge runs what they say in a test.
const (
	cureRolledBack = "Cure: put the newest file back. If there is none, and this one is meant, such as one out of a copy of the data folder, start once with `scimedge serve --accept-rollback`; what was committed after it is lost."
	cureMissing    = "Cure: put the file back, from a copy of the data folder if need be. To begin without any data instead, start once with `scimedge serve --accept-rollback`."
	cureSide       = "Cure: if the store file is the newest there is, start once with `scimedge serve --accept-rollback`, which makes the side file anew; else put both files back from a copy of the data folder."
)

// accept lets a finding pass if the operator said so.
func (s *Store) accept(err error) error {
	if err == nil || !s.opts.AcceptRollback {
		return err
	}
	s.opts.Logger.Warn("accepted by option", "finding", err)
	return nil
}

// compareTxid holds the newest meta page against the side file.
func (s *Store) compareTxid(newest meta, damagedMeta error, found bool, sideErr error) error {
	side := s.side.rec
	switch {
	case sideErr != nil:
		return fmt.Errorf("%w, or is: %s cannot tell, %w. %s", ErrRolledBack, s.side.path, sideErr, cureSide)
	case found && newest.txid < side.txid:
		return fmt.Errorf("%w: %s ends at transaction %d, but %d was committed here. %s",
			ErrRolledBack, s.path, newest.txid, side.txid, cureRolledBack)
	case !found && damagedMeta != nil:
		return fmt.Errorf("%w, perhaps: %s has a damaged %w, which may have held its last transaction, and there is no side file to tell. %s",
			ErrRolledBack, s.path, damagedMeta, cureSide)
	case damagedMeta != nil:
		s.opts.Logger.Warn("a commit was cut off before it was acknowledged, or a spare meta page is damaged; nothing is lost",
			"path", s.path, "error", damagedMeta)
	case !found && !s.fresh:
		s.opts.Logger.Warn("no side file; cannot tell whether this is the newest store file", "path", s.path)
	}
	return nil
}

// openFile opens the store file, making it if it is new.
func (s *Store) openFile() (*os.File, error) {
	f, err := os.OpenFile(s.path, os.O_RDWR, 0o600)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if info, err := os.Stat(s.path + ".txid"); err == nil && info.Size() > 0 {
		if err := s.accept(fmt.Errorf("%w: %s is missing, but its side file shows that there was a store. %s",
			ErrRolledBack, s.path, cureMissing)); err != nil {
			return nil, err
		}
	}
	if err := create(s.path, s.opts); err != nil {
		return nil, fmt.Errorf("boltkv: create %s: %w", s.path, err)
	}
	s.fresh = true
	return os.OpenFile(s.path, os.O_RDWR, 0o600)
}

// create makes a new store aside and links it into place when it is whole and
// synced, so that a start cut off at any point leaves nothing or a good store.
func create(path string, opts Options) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	tmp := f.Name()
	defer func() { _ = os.Remove(tmp) }()
	opts.InitialMmapSize = 0
	db, err := openBolt(tmp, f, opts)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return err
		}
		var id storeID
		_, _ = rand.Read(id[:])
		return errors.Join(b.Put(storeIDKey, id[:]),
			b.Put(formatKey, binary.BigEndian.AppendUint64(nil, formatVersion)))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	// A link, unlike a rename, does not replace what another process made meanwhile.
	if err := os.Link(tmp, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// openBolt gives bbolt a file that is open, locked and checked. bbolt locks the
// same handle again, which succeeds at once.
func openBolt(path string, f *os.File, opts Options) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // see rescue
	used := false
	err = recovered(func() error {
		var err error
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:         time.Second,
			InitialMmapSize: opts.InitialMmapSize,
			FreelistType:    bbolt.FreelistArrayType,
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				if used { // a backup wants a handle of its own
					return os.OpenFile(name, flag, mode)
				}
				used = true
				return f, nil
			},
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return db, nil
}

// lockFile takes the lock that bbolt takes too. It polls, as a waiting flock
// could not be given up.
func lockFile(f *os.File, timeout time.Duration) error {
	deadline := time.Now().Add(timeout)
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		if timeout >= 0 && time.Now().After(deadline) {
			return fmt.Errorf("%w: it has not let go of it for %v; stop it first, or open another path", ErrLocked, timeout)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// readIdentity returns the store's id after checking the format.
func (s *Store) readIdentity() (id storeID, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // see rescue
	err = recovered(func() error {
		return s.db.View(func(tx *bbolt.Tx) error {
			b := tx.Bucket(metaBucket)
			if b == nil {
				return errors.New("no scimedge store: its meta bucket is missing")
			}
			format, rawID := b.Get(formatKey), b.Get(storeIDKey)
			if len(format) != 8 || len(rawID) != len(id) {
				return errors.New("no scimedge store, or damaged: its identity is unreadable")
			}
			if n := binary.BigEndian.Uint64(format); n > formatVersion {
				return fmt.Errorf("%w: store format %d, this program knows up to %d. Cure: use the newer program", ErrNewerFormat, n, formatVersion)
			}
			copy(id[:], rawID)
			return nil
		})
	})
	switch {
	case errors.Is(err, ErrNewerFormat):
		return id, fmt.Errorf("%s: %w", s.path, err)
	case err != nil:
		return id, fmt.Errorf("%s: %w: %w. %s", s.path, ErrDamaged, err, cureDamaged)
	}
	return id, nil
}
