package scimcore

import "strconv"

// BulkResult is what became of one operation (RFC 7644, section 3.7.3).
type BulkResult struct {
	Method   string
	BulkID   string // as in the request; "" is left out
	Location string // of the resource; "" is left out
	Version  string // the tag of the resource as the operation left it; "" is left out
	Status   int    // what the single call would have answered
	Err      *Error // why it failed; nil when it did not
}

// BulkWriter writes a BulkResponse into one buffer, result by result. The status
// is a string, as in an Error; the standard's one example with an object is an
// older draft's (BULK-16).
type BulkWriter struct {
	buf   []byte
	count int
}

const bulkStart = `{"schemas":["` + BulkAnswer + `"],"Operations":[`

// Reset begins an answer in buf, whose memory is re-used.
func (w *BulkWriter) Reset(buf []byte) { *w = BulkWriter{buf: append(buf[:0], bulkStart...)} }

// Add writes the result of one operation. Only a failed one carries a body: the
// error that the single call would have answered with.
func (w *BulkWriter) Add(r *BulkResult) {
	if w.count++; w.count > 1 {
		w.buf = append(w.buf, ',')
	}
	w.buf = appendString(append(w.buf, `{"method":`...), r.Method)
	for _, m := range [...]struct{ name, value string }{
		{`,"bulkId":`, r.BulkID}, {`,"location":`, r.Location}, {`,"version":`, r.Version},
	} {
		if m.value != "" {
			w.buf = appendString(append(w.buf, m.name...), m.value)
		}
	}
	w.buf = strconv.AppendInt(append(w.buf, `,"status":"`...), int64(r.Status), 10)
	w.buf = append(w.buf, '"')
	if r.Err != nil {
		w.buf = AppendError(append(w.buf, `,"response":`...), r.Err)
	}
	w.buf = append(w.buf, '}')
}

// Finish completes the answer and returns it: the buffer, which the writer gives up.
func (w *BulkWriter) Finish() []byte {
	out := append(w.buf, ']', '}')
	*w = BulkWriter{}
	return out
}
