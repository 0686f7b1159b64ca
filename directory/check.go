package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"scimedge/kv"
	"scimedge/scimcore"
)

// CheckReport is what a consistency check counted and found.
type CheckReport struct {
	Resources   map[string]int `json:"resources"` // by type
	IndexRows   int            `json:"index_rows"`
	Memberships int            `json:"memberships"`
	Changes     int            `json:"changes"`
	Jobs        int            `json:"jobs"` // clearing work still to do; not a fault
	Findings    []Finding      `json:"findings"`
	Repaired    int            `json:"repaired"`
}

// Finding is one thing that is not as it should be.
type Finding struct {
	Problem string                `json:"problem"`
	Cure    string                `json:"cure"`
	fix     func(kv.Writer) error // nil when there is nothing to derive the right row from
}

// maxFindings keeps the report of a badly damaged directory readable.
const maxFindings = 1000

// Check reads the whole directory in one snapshot and proves that every row
// that can be derived from others agrees with them: indexes, memberships in both
// directions, counts, the change log. With repair it then rewrites those that do
// not; do that only while nobody writes.
func (d *Directory) Check(ctx context.Context, repair bool) (CheckReport, error) {
	c := &checker{ctx: ctx, d: d, counted: map[string]*counts{}, members: map[membership]uint64{}}
	c.report.Resources = map[string]int{}
	err := d.store.View(ctx, d.part, func(r kv.Reader) error {
		c.r = r
		return c.run()
	})
	if err != nil || !repair {
		return c.report, err
	}
	for _, f := range c.report.Findings {
		if f.fix == nil {
			continue
		}
		if _, err := d.store.Update(ctx, d.part, f.fix); err != nil {
			return c.report, err
		}
		c.report.Repaired++
	}
	return c.report, nil
}

type checker struct {
	ctx     context.Context
	d       *Directory
	r       kv.Reader
	report  CheckReport
	counted map[string]*counts
	members map[membership]uint64 // rows seen per group and generation
	dead    map[string]bool
	logFrom kv.Seq // the oldest change that was kept
	want    int    // index rows the resources call for
	passing []indexName
	unread  bool // a row could not be read, so that nothing can be counted
	damaged bool // a row is missing or unreadable, so that numbers prove nothing
}

func (c *checker) run() error {
	err := c.d.current(c.r)
	if err != nil {
		return err
	}
	if c.dead, err = deadRefs(c.r); err != nil {
		return err
	}
	for e, err := range c.r.Scan(keysOnly(kv.Prefix([]byte{rowChange}))) {
		if err != nil {
			return err
		}
		seq, _, _ := kv.CutUint64(e.Key[1:])
		c.logFrom = kv.Seq(seq)
		break
	}
	rows := map[byte]func(kv.Entry) error{
		rowHead: c.head, rowSchema: c.schema, rowJob: c.job, rowChange: c.change, rowCount: c.count,
		rowMember: c.member, rowReverse: c.reverse, rowResource: c.resource, rowUnique: c.index, rowIndex: c.index,
	}
	n := 0
	for e, err := range c.r.Scan(kv.Range{KeysOnly: true}) {
		if err != nil {
			return err
		}
		if n++; n%cancelEvery == 0 && c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		check := rows[e.Key[0]]
		if check == nil {
			c.find("delete it with --repair", drop(e.Key), "row of an unknown kind %s", rowName(e.Key))
			continue
		}
		if e.Value, err = c.r.Get(e.Key); err == nil {
			err = check(e)
		} else if errors.Is(err, kv.ErrCorrupt) {
			c.find(cureRestore, nil, "row %s is damaged on disk", rowName(e.Key))
			c.damaged, c.unread = true, true
		}
		// Damage that a look-up met is reported with the row it sits in.
		if err != nil && !errors.Is(err, kv.ErrCorrupt) {
			return err
		}
	}
	if c.damaged || c.report.IndexRows != c.want {
		if err := c.findStrays(); err != nil {
			return err
		}
	}
	return c.totals()
}

// rowName names a row without what it holds: its kind, and the rest in
// hexadecimal, as keys carry values of people.
func rowName(k []byte) string { return fmt.Sprintf("%c %x", k[0], k[1:]) }

func (c *checker) find(cure string, fix func(kv.Writer) error, format string, args ...any) {
	if len(c.report.Findings) < maxFindings {
		c.report.Findings = append(c.report.Findings, Finding{fmt.Sprintf(format, args...), cure, fix})
	}
}

const (
	cureRewrite = "run scimedge check --repair while the server is stopped"
	cureRestore = "put back a copy of the data folder, or delete the resource and let the identity provider send it again"
)

func put(k, v []byte) func(kv.Writer) error {
	k, v = bytes.Clone(k), bytes.Clone(v)
	return func(tx kv.Writer) error { return tx.Put(k, v) }
}

func drop(k []byte) func(kv.Writer) error {
	k = bytes.Clone(k)
	return func(tx kv.Writer) error { return tx.Delete(k) }
}

// head checks the format against what the partition holds.
func (c *checker) head(kv.Entry) error {
	h, err := readHead(c.r)
	if err != nil {
		c.find(cureRestore, nil, "%v", err)
		return nil
	}
	row, err := c.r.Get(schemaKey())
	if err == nil && row == nil && h.Format >= formatSchema {
		c.find(cureRestore, nil, "%v", errSchemaLost)
	}
	return err
}

// count looks for what is counted; the number is proved at the end.
func (c *checker) count(e kv.Entry) error {
	what, _, ok := kv.CutText(e.Key[1:])
	if !ok || what != membershipCount && c.d.cat.Type(what) == nil {
		c.find(cureRewrite, drop(e.Key), "the count %s is of no type that is served here", rowName(e.Key))
	}
	return nil
}

// schema notes the indexes that are being built or removed: any of their rows
// may be there or not.
func (c *checker) schema(e kv.Entry) error {
	s, err := decodeState(e.Value)
	if err == nil {
		_, _, err = compileSchema(s.Declaration)
	}
	if err == nil && s.Next != nil {
		_, _, err = compileSchema(s.Next)
	}
	if err != nil {
		c.find(cureRestore, nil, "%v", err)
		return nil
	}
	if h, err := readHead(c.r); err == nil && h.Format < formatSchema {
		h.Format = formatSchema
		c.find(cureRewrite, func(tx kv.Writer) error { return putHead(tx, h) }, "there is a schema row, and the head says format %d: a program that knows no schemas would not refuse it", formatPlain)
	}
	if c.passing = s.Build; s.Next == nil {
		c.passing = s.Drop
	}
	if len(c.passing) > 0 || s.Next != nil {
		c.report.Jobs++
	}
	return nil
}

// passes reports whether an index row is of an index that comes or goes.
func (c *checker) passes(key []byte) bool {
	for _, n := range c.passing {
		if bytes.HasPrefix(key, n.prefix()) {
			return true
		}
	}
	return false
}

func (c *checker) job(kv.Entry) error { c.report.Jobs++; return nil }

func (c *checker) change(e kv.Entry) error {
	c.report.Changes++
	ch, err := decodeChange(e)
	if err != nil {
		c.find(cureRestore, nil, "change %x cannot be read: %v", e.Key[1:], err)
		return nil
	}
	if ch.Seq > c.r.Seq() {
		c.find(cureRestore, nil, "change %d is newer than the store's last transaction %d", ch.Seq, c.r.Seq())
	}
	return nil
}

// resource checks one record and every row that follows from it.
func (c *checker) resource(e kv.Entry) error {
	typ, rest, ok := kv.CutText(e.Key[1:])
	k := c.d.kinds[c.d.cat.Type(typ)]
	if !ok || k == nil || len(rest) != len(ID{}) {
		c.find(cureRestore, nil, "resource row %s is of no type that is served here", rowName(e.Key))
		return nil
	}
	id := ID(rest)
	rec, err := decodeRecord(e.Value)
	doc := scimcore.NewDoc(k.Type)
	if err == nil {
		err = scimcore.ReadStored(doc, k.Type, rec.json)
	}
	if err != nil {
		c.find(cureRestore, nil, "%s %s cannot be read: %v", typ, id, err)
		return nil
	}
	if again := doc.AppendStored(nil); !bytes.Equal(again, rec.json) {
		c.find(cureRestore, nil, "%s %s is not in canonical form", typ, id)
	}
	c.report.Resources[typ]++
	n := c.counted[typ]
	if n == nil {
		n = &counts{}
		c.counted[typ] = n
	}
	n.total++
	if k.inactive(doc) {
		n.inactive++
	}
	if err := c.version(typ, id, &rec); err != nil {
		return err
	}
	if k.members != nil && c.members[membership{id, rec.gen}] != rec.members {
		seen := c.members[membership{id, rec.gen}]
		fixed := rec
		fixed.members = seen
		c.find(cureRewrite, put(e.Key, fixed.encode()), "%s %s says it has %d members, %d rows found", typ, id, rec.members, seen)
	}
	for _, row := range indexRows(k.indexes, k.Type, id, doc, rec.modified) {
		if err := c.expect(typ, id, row); err != nil {
			return err
		}
	}
	return nil
}

// version checks that the change log knows the transaction that last wrote the resource.
func (c *checker) version(typ string, id ID, rec *record) error {
	if seq := kv.Seq(rec.version); seq > c.r.Seq() {
		c.find(cureRestore, nil, "%s %s has version %d, newer than the store's last transaction %d", typ, id, seq, c.r.Seq())
	} else if seq >= c.logFrom {
		v, err := c.r.Get(changeKey(seq, 0))
		if err != nil {
			return err
		}
		if v == nil {
			c.find(cureRestore, nil, "%s %s has version %d, which the change log does not know", typ, id, seq)
		}
	}
	return nil
}

// expect looks for an index row that a resource calls for.
func (c *checker) expect(typ string, id ID, row indexRow) error {
	c.want++
	v, err := c.r.Get([]byte(row.key))
	if err != nil {
		return err
	}
	if v == nil || row.unique && !bytes.Equal(v, id[:]) {
		c.damaged = true // a stray row may make up for it in number
		var value []byte
		if row.unique {
			value = id[:]
		}
		c.find(cureRewrite, put([]byte(row.key), value), "%s %s: index row %s is missing or names another resource", typ, id, rowName([]byte(row.key)))
	}
	return nil
}

func (c *checker) index(kv.Entry) error { c.report.IndexRows++; return nil }

// findStrays looks at every index row for the resource that calls for it. Only a
// wrong number of rows makes it worth the second pass.
func (c *checker) findStrays() error {
	for _, kind := range [...]byte{rowUnique, rowIndex} {
		for e, err := range c.r.Scan(keysOnly(kv.Prefix([]byte{kind}))) {
			if err != nil {
				return err
			}
			wanted, err := c.wanted(e.Key)
			if errors.Is(err, kv.ErrCorrupt) {
				continue // reported already
			}
			if err != nil {
				return err
			}
			if !wanted {
				c.find(cureRewrite, drop(e.Key), "index row %s has no resource that calls for it", rowName(e.Key))
			}
		}
	}
	return nil
}

func (c *checker) wanted(key []byte) (bool, error) {
	if c.passes(key) {
		return true, nil
	}
	tail, err := c.r.Get(key)
	if err != nil {
		return false, err
	}
	if key[0] == rowIndex && len(key) > len(ID{}) {
		tail = key[len(key)-len(ID{}):]
	}
	typ, _, ok := kv.CutText(key[1:])
	k := c.d.kinds[c.d.cat.Type(typ)]
	if !ok || k == nil || len(tail) != len(ID{}) {
		return false, nil
	}
	id := ID(tail)
	v, err := c.r.Get(resourceKey(typ, id))
	if err != nil || v == nil {
		return false, err
	}
	rec, err := decodeRecord(v)
	doc := scimcore.NewDoc(k.Type)
	if err != nil || scimcore.ReadStored(doc, k.Type, rec.json) != nil {
		return true, nil // reported with the resource
	}
	for _, row := range indexRows(k.indexes, k.Type, id, doc, rec.modified) {
		if row.key == string(key) {
			return true, nil
		}
	}
	return false, nil
}
