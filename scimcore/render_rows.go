package scimcore

import "sync"

// appendRows writes row attribute a with a comma before it, nothing if it has no elements.
func (r *Resource) appendRows(dst []byte, a *Attr, base string, p *Projection) ([]byte, error) {
	start := len(dst)
	dst = append(dst, ',', '"')
	dst = append(dst, a.Name...)
	dst = append(dst, '"', ':', '[')
	w := rowWriters.Get().(*rowWriter)
	defer w.release()
	w.dst, w.base = dst, base
	for _, s := range a.Subs {
		w.show(s, p.want[s.Num])
	}
	if len(p.choices) > 0 {
		w.choice = p.choice(a)
	}
	mark := len(dst)
	if err := r.Rows(a, w.each); err != nil || len(w.dst) == mark {
		return dst[:start], err
	}
	return append(w.dst, ']'), nil
}

// rowWriter writes the elements of one row attribute. Every user and group that is
// shown needs one, so idle ones and their func are kept.
type rowWriter struct {
	dst                       []byte
	base                      string
	value, ref, kind, display bool

	choice *choice // what each element shows goes by its own words; nil for most
	parts  []bool
	each   func(Row) bool
}

var rowWriters = sync.Pool{New: func() any {
	w := &rowWriter{}
	w.each = w.add
	return w
}}

func (w *rowWriter) release() {
	*w = rowWriter{parts: w.parts[:0], each: w.each}
	rowWriters.Put(w)
}

func (w *rowWriter) show(part *Attr, wanted bool) {
	switch part.Name {
	case "value":
		w.value = wanted
	case "$ref":
		w.ref = wanted
	case "type":
		w.kind = wanted
	case "display":
		w.display = wanted
	}
}

// add writes one element; one that shows nothing is left out.
func (w *rowWriter) add(row Row) bool {
	if c := w.choice; c != nil {
		w.parts = c.shown(w.parts, func(f *Filter) bool { return f.matchRow(row) })
		for i, s := range c.attr.Subs {
			w.show(s, w.parts[i])
		}
	}
	dst, sep := w.dst, byte('{')
	if dst[len(dst)-1] != '[' {
		dst = append(dst, ',')
	}
	start := len(dst)
	part := func(name string) {
		dst = append(dst, sep)
		dst = append(dst, name...)
		sep = ','
	}
	if w.value {
		part(`"value":`)
		dst = appendString(dst, row.Value)
	}
	if w.ref && row.Endpoint != "" {
		part(`"$ref":"`)
		dst = append(appendLocation(dst, w.base, row.Endpoint, row.Value), '"')
	}
	if w.kind && row.Kind != "" {
		part(`"type":`)
		dst = appendString(dst, row.Kind)
	}
	if w.display && row.Display != "" {
		part(`"display":`)
		dst = appendString(dst, row.Display)
	}
	if len(dst) > start {
		w.dst = append(dst, '}')
	}
	return true
}
