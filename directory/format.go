package directory

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"scimedge/kv"
)

// Formats are the versions of the key layout and record codecs. A directory of a
// newer format than this program knows is refused, since it would be misread. A
// partition is marked with a format only when it comes to hold what a program of
// the format before would misread, so one without a head is of the first.
const (
	formatPlain  = 1 // what is there without a head
	formatSchema = 2 // there is a schema row: documents hold attributes that only it explains

	// Format is the newest format this code knows and writes.
	Format = formatSchema
)

// head is the row that says what a partition holds.
type head struct {
	Format  int   `json:"format"`
	Created int64 `json:"created"` // unix milliseconds; when the head was first written
}

// readHead reads the head and proves that the partition is of a format this code
// knows.
func readHead(r kv.Reader) (head, error) {
	h := head{Format: formatPlain}
	v, err := r.Get(headKey())
	if err != nil || v == nil {
		return h, err
	}
	if err := json.Unmarshal(v, &h); err != nil {
		return h, fmt.Errorf("directory: the head row is damaged: %w; put back a copy of the data folder", err)
	}
	if h.Format > Format {
		return h, fmt.Errorf("directory: the store has format %d, this program knows up to %d; start the newer program that wrote it", h.Format, Format)
	}
	return h, nil
}

// raiseFormat marks the partition as one that holds a schema row.
func raiseFormat(tx kv.Writer, now int64) error {
	h, err := readHead(tx)
	if err != nil || h.Format >= formatSchema {
		return err
	}
	if h.Format = formatSchema; h.Created == 0 {
		h.Created = now
	}
	return putHead(tx, h)
}

func putHead(tx kv.Writer, h head) error {
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return tx.Put(headKey(), b)
}
