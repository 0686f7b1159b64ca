package directory_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"scimedge/directory"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

const partsURN = "urn:x:y:Part"

// parts is a schema file with a resource type whose attributes are of every kind
// that can be indexed, each once with an index and once without.
func parts() string {
	var attrs []string
	for _, filterable := range []bool{true, false} {
		suffix := map[bool]string{false: "Plain"}[filterable]
		for _, a := range []string{
			`"name":"text%s"`, `"name":"code%s","caseExact":true`, `"name":"size%s","type":"integer"`, `"name":"price%s","type":"decimal"`,
			`"name":"made%s","type":"dateTime"`, `"name":"flag%s","type":"boolean"`, `"name":"tags%s","multiValued":true`, `"name":"sizes%s","type":"integer","multiValued":true`,
		} {
			attrs = append(attrs, "{"+fmt.Sprintf(a, suffix)+`,"filterable":`+strconv.FormatBool(filterable)+"}")
		}
	}
	return `{"schemas":[{"id":"` + partsURN + `","name":"Part","attributes":[` + strings.Join(attrs, ",") + `]}],
		"resourceTypes":[{"name":"Part","endpoint":"/Parts","schema":"` + partsURN + `"}]}`
}

// What the attributes hold: texts on both sides of what an index keeps of one,
// texts that fold to longer ones, the first and the last of the characters.
var (
	drawnTexts = func() []string {
		long := strings.Repeat("x", 255)
		out := []string{"a", "A", "b", "ab", "ß", "SS", "ŉ", "ﬃ", "İ", "Ä", "ä", "\x01", "\uFFFF", "\U0010FFFF", " ", "~", long, long[:254] + "Y"}
		for _, n := range []int{4, 5, 6, 44, 45, 46, 60} {
			out = append(out, long+strings.Repeat("y", n), long+strings.Repeat("y", n-1)+"Z", long+strings.Repeat("ß", n/2))
		}
		return out
	}()
	drawnNumbers = []string{"0", "-0", "1", "-1", "10", "9", "-9", "-10", "100", "9007199254740992", "9007199254740993", "-9007199254740993", "123456789012345678"}
	drawnPrices  = append([]string{"0.5", "5e-1", "0.05", "1.0", "1e0", "-0.5", "-0.05", "1e100", "-1e-100", "0." + strings.Repeat("3", 300), "0." + strings.Repeat("3", 299) + "4", "-0." + strings.Repeat("3", 300)}, drawnNumbers...)
	drawnTimes   = []string{"2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00", "2019-12-31T23:59:59.999Z", "2020-01-01T00:00:00.000001Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2020-01-01T00:00:00-11:00"}
	drawnFlags   = []string{"true", "false"}
)

// drawnValues are the literals of each attribute without its suffix.
func drawnValues(name string) []string {
	switch name {
	case "size", "sizes":
		return drawnNumbers
	case "price":
		return drawnPrices
	case "made":
		return quotedAll(drawnTimes)
	case "flag":
		return drawnFlags
	}
	return quotedAll(drawnTexts)
}

func quotedAll(list []string) (out []string) {
	for _, s := range list {
		b, _ := jsontext.AppendQuote(nil, s)
		out = append(out, string(b))
	}
	return out
}

var partNames = []string{"text", "code", "size", "price", "made", "flag", "tags", "sizes"}

// drawPart is the body of a Part, each attribute with the same value twice.
func drawPart(rt *rapid.T) string {
	body := `{"schemas":["` + partsURN + `"]`
	for _, name := range partNames {
		if rapid.IntRange(0, 3).Draw(rt, "absent") == 0 {
			continue
		}
		value := rapid.SampledFrom(drawnValues(name)).Draw(rt, name)
		if name == "tags" || name == "sizes" {
			value = "[" + value + "," + rapid.SampledFrom(drawnValues(name)).Draw(rt, name) + "]"
		}
		body += fmt.Sprintf(`,%q:%s,%q:%s`, name, value, name+"Plain", value)
	}
	return body + "}"
}

// TestIndexesAgreeWithScan asks conditions of every operator on every kind of
// indexed attribute, and the same of its twin that no index knows.
func TestIndexesAgreeWithScan(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient()})
		w.load(parts())
		part := w.Catalog().Type("Part")
		for range rapid.IntRange(1, 25).Draw(rt, "parts") {
			_, err := w.create(part, drawPart(rt))
			require.NoError(rt, err)
		}
		condition := func() (string, string) {
			name := rapid.SampledFrom(partNames).Draw(rt, "of")
			ops := []string{"eq", "ge", "gt", "le", "lt", "pr", "ne"}
			switch name {
			case "text", "code", "tags":
				ops = append(ops, "sw", "co", "ew")
			case "flag":
				ops = []string{"eq", "ne", "pr"}
			}
			op := rapid.SampledFrom(ops).Draw(rt, "op")
			rest := " " + op
			if op != "pr" {
				rest += " " + rapid.SampledFrom(drawnValues(name)).Draw(rt, "value")
			}
			return name + rest, name + "Plain" + rest
		}
		for range 40 {
			indexed, plain := condition()
			for range rapid.IntRange(0, 2).Draw(rt, "more") {
				x, y := condition()
				word := rapid.SampledFrom([]string{" and ", " or ", " and not "}).Draw(rt, "word")
				if word == " and not " {
					x, y = "("+x+")", "("+y+")"
				}
				indexed, plain = "("+indexed+")"+word+x, "("+plain+")"+word+y
			}
			require.Equal(rt, w.find(part, plain), w.find(part, indexed), indexed)
		}
	})
}

// TestCUR03_WalksMeetEverybodyOnce walks over one or several types in every order while
// everything changes between the pages, and meets each resource that was there all
// along, and matched all along, just once, in the order of the values it had at
// the beginning.
func TestCUR03_WalksMeetEverybodyOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient()})
		w.load(parts())
		part := w.Catalog().Type("Part")
		serial := 0
		drawUser := func() string {
			serial++
			body := fmt.Sprintf(`{"userName":"%s%d"`, rapid.SampledFrom([]string{"a", "B", "c"}).Draw(rt, "userName"), serial)
			for _, name := range []string{"displayName", "externalId", "title"} {
				if rapid.Bool().Draw(rt, "has "+name) {
					body += fmt.Sprintf(`,%q:%s`, name, rapid.SampledFrom(quotedAll(drawnTexts)).Draw(rt, name))
				}
			}
			if rapid.Bool().Draw(rt, "mails") {
				body += fmt.Sprintf(`,"emails":[{"value":"%s@x.example","primary":%t},{"value":"m@x.example","type":"home"}]`, rapid.SampledFrom([]string{"a", "z"}).Draw(rt, "mail"), rapid.Bool().Draw(rt, "primary"))
			}
			return body + "}"
		}
		drawGroup := func() string {
			serial++
			return fmt.Sprintf(`{"displayName":"%s%d"}`, rapid.SampledFrom([]string{"a", "B", "c"}).Draw(rt, "displayName"), serial)
		}
		draws := map[*scimcore.Type]func() string{w.user: drawUser, w.group: drawGroup, part: func() string { return drawPart(rt) }}
		types := []*scimcore.Type{w.user, w.group, part}
		have := map[string]*scimcore.Type{}
		create := func(typ *scimcore.Type) {
			id, err := w.create(typ, draws[typ]())
			require.NoError(rt, err)
			have[id] = typ
		}
		for range rapid.IntRange(1, 25).Draw(rt, "resources") {
			create(rapid.SampledFrom(types).Draw(rt, "type"))
		}
		var orders []string
		switch n := rapid.IntRange(0, len(types)).Draw(rt, "types"); n {
		case 0:
			orders = []string{"userName", "displayName", "externalId", "title", "emails.value"}
			types = types[:1]
		case 1:
			orders = []string{"displayName", "externalId"}
			types = types[1:2]
		case 2:
			for _, name := range partNames {
				orders = append(orders, name, name+"Plain")
			}
			types = types[2:]
		default:
			orders = []string{"displayName", "externalId", "text", "sizePlain"}
		}
		orders = append(orders, "", "id", "meta.created", "meta.lastModified", "meta.version", "meta.location", "meta.resourceType")
		order := rapid.SampledFrom(orders).Draw(rt, "order")
		if order != "" && rapid.Bool().Draw(rt, "descending") {
			order = "-" + order
		}
		filter := rapid.SampledFrom([]string{"", `meta.created pr`, `meta.created gt "2001-01-01T00:00:00Z"`, `externalId pr`,
			`not (externalId pr)`, `meta.lastModified ge "2001-01-01T00:00:00Z"`, `externalId ge "b" or externalId sw "a"`, `externalId pr and not (externalId co "x")`}).Draw(rt, "filter")
		sources := w.sources(filter, order, types...)
		all, _ := w.list(directory.Query{Sources: sources, Count: 1000, StartIndex: 1})
		stayed := map[string]bool{}
		for _, id := range all {
			stayed[id] = true
		}

		total := rapid.SampledFrom([]directory.Totals{directory.TotalCounted, directory.TotalCheap}).Draw(rt, "totals")
		q := directory.Query{Sources: sources, Count: rapid.IntRange(1, 6).Draw(rt, "count"), StartIndex: 1, Total: total}
		pages := w.Directory
		if order == "" && total == directory.TotalCheap && rapid.Bool().Draw(rt, "narrow") { // short pages
			pages = directory.New(w.store, tenant, w.Catalog(), directory.Options{Dialect: w.dialect, ScanBudget: 4, Revision: 1})
		}
		var met []string
		for {
			page, err := pages.List(ctx, q, func(r *scimcore.Resource) error {
				met = append(met, r.ID)
				return nil
			})
			require.NoError(rt, err)
			if !page.More {
				break
			}
			at, ok := directory.ParsePosition(page.Next.Encode(nil))
			require.True(rt, ok)
			q.After, q.StartIndex, q.Known, q.KnownAt = &at, q.StartIndex+page.Count, page.Total, page.Seq
			if total == directory.TotalCheap {
				q.KnownAt = 0
			}
			for range rapid.IntRange(0, 4).Draw(rt, "writes") {
				known := make([]string, 0, len(have))
				for id := range have {
					known = append(known, id)
				}
				slices.Sort(known)
				if len(known) == 0 {
					break
				}
				id := rapid.SampledFrom(known).Draw(rt, "whom")
				typ := have[id]
				switch rapid.IntRange(0, 3).Draw(rt, "how") {
				case 0:
					_, err := w.Delete(ctx, typ, id, nil, directory.Cause{})
					require.NoError(rt, err)
					delete(have, id)
					delete(stayed, id)
				case 1:
					if len(have) < 40 && len(met) < 200 {
						create(typ)
					}
				default:
					doc, err := scimcore.Parse(typ, []byte(draws[typ]()), w.dialect, nil)
					require.NoError(rt, err)
					_, err = w.Replace(ctx, typ, id, doc, nil, directory.Cause{})
					require.NoError(rt, err)
				}
			}
			for id := range stayed { // who stopped matching for a while is owed nothing
				if filter == "" {
					break
				}
				if len(w.find(have[id], `id eq "`+id+`" and (`+filter+`)`)) == 0 {
					delete(stayed, id)
				}
			}
		}
		var want, got []string
		for _, id := range all {
			if stayed[id] {
				want = append(want, id)
			}
		}
		for _, id := range met {
			if stayed[id] {
				got = append(got, id)
			}
		}
		require.Equal(rt, want, got, "order %q filter %q", order, filter)
	})
}

// TestCUR03_WalksBesideWriters walks while others write, as fast as both can.
func TestCUR03_WalksBesideWriters(t *testing.T) {
	onEach(t, func(w *world) {
		var stay []string
		for i := range 40 {
			stay = append(stay, w.newUser(fmt.Sprintf("stay%02d", i)))
		}
		w.newGroup("all", stay...)
		stop, writers := make(chan struct{}), sync.WaitGroup{}
		for n := range 2 {
			writers.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					id := w.newUser(fmt.Sprintf("%c-%d-%d", "az"[i%2], n, i))
					_, err := w.patch(w.user, stay[(i*7+n)%40], fmt.Sprintf(`[{"op":"replace","path":"userName","value":"%c%d-%d"},{"op":"replace","path":"title","value":"t%d"}]`, "mn"[i%2], n, i, i%9))
					assert.NoError(w, err)
					_, err = w.Delete(ctx, w.user, id, nil, directory.Cause{})
					assert.NoError(w, err)
				}
			})
		}
		for _, order := range []string{"", "userName", "-userName", "title", "-meta.lastModified", "meta.version", "-displayName"} {
			for _, filter := range []string{"", `active eq true`, `emails.value sw "stay"`, `groups.display eq "all"`} {
				q := directory.Query{Sources: w.sources(filter, order, w.user), Count: 9, Total: directory.TotalCheap}
				met := map[string]int{}
				for more := true; more; {
					page, err := w.List(ctx, q, func(r *scimcore.Resource) error {
						met[r.ID]++
						_, err := scimcore.AppendResource(nil, r, "https://x.example", nil)
						return err
					})
					require.NoError(w, err)
					q.After, more = &page.Next, page.More
				}
				for _, id := range stay {
					require.Equal(w, 1, met[id], "%s %s", order, filter)
				}
			}
		}
		close(stop)
		writers.Wait()
	})
}

// TestCUR03_WalkAcrossSchemaChange goes on with a walk when what it is sorted by
// gets an index, loses it, or becomes required.
func TestCUR03_WalkAcrossSchemaChange(t *testing.T) {
	declarations := []string{`{"name":"rank","type":"integer"}`, `{"name":"rank","type":"integer","filterable":true}`, `{"name":"rank","type":"integer","filterable":true,"required":true}`}
	for from, first := range declarations {
		for to, then := range declarations {
			for _, by := range []string{extURN + ":rank", "-" + extURN + ":rank"} {
				t.Run(fmt.Sprintf("CUR-03 SRT-05 from %d to %d by %s", from, to, by), func(t *testing.T) {
					w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient()})
					w.load(extended(declarations[0]))
					for i := range 24 {
						body := ""
						if i%3 > 0 {
							body = fmt.Sprintf(`"rank":%d`, (i*7)%10-5)
						}
						_, err := w.extUser(fmt.Sprintf("u%d", i), body)
						require.NoError(t, err)
					}
					w.load(extended(first))
					query := func(after *directory.Position) directory.Query {
						return directory.Query{Sources: w.sources("", by, w.user), Count: 5, After: after, Total: directory.TotalCheap}
					}
					want, _ := w.walk(query(nil))
					require.Len(t, want, 24)
					for pages := range 4 {
						w.load(extended(first))
						var got []string
						var after *directory.Position
						for range pages + 1 {
							ids, page := w.list(query(after))
							got, after = append(got, ids...), &page.Next
						}
						w.load(extended(then))
						rest, _ := w.walk(query(after))
						require.Equal(t, want, append(got, rest...), "after %d pages", pages+1)
					}
				})
			}
		}
	}
}
