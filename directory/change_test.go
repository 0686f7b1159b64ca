package directory

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"scimedge/kv"
)

// TestChangeCodec: whatever a change holds, what is read is what was written.
func TestChangeCodec(t *testing.T) {
	text := rapid.String()
	value := rapid.SampledFrom([]jsontext.Value{nil, jsontext.Value(`"x"`), jsontext.Value(`{"a":[1,true]}`)})
	list := rapid.SliceOfN(text, 0, 3)
	rapid.Check(t, func(rt *rapid.T) {
		c := Change{
			Seq: kv.Seq(rapid.Uint64().Draw(rt, "seq")), Index: rapid.IntRange(0, 65535).Draw(rt, "index"),
			Time: rapid.Int64().Draw(rt, "time"), Type: text.Draw(rt, "type"), ID: text.Draw(rt, "id"), Op: Op(text.Draw(rt, "op")),
			Token: text.Draw(rt, "token"), RequestID: text.Draw(rt, "request"), Resource: value.Draw(rt, "resource"),
			Deactivated: rapid.Bool().Draw(rt, "off"), Reactivated: rapid.Bool().Draw(rt, "on"),
			Added: list.Draw(rt, "added"), AddedCount: rapid.IntRange(0, 9).Draw(rt, "n"),
			Removed: list.Draw(rt, "removed"), Unresolved: list.Draw(rt, "unresolved"), Ignored: list.Draw(rt, "ignored"),
		}
		for range rapid.IntRange(0, 3).Draw(rt, "attributes") {
			c.Attributes = append(c.Attributes, AttributeChange{text.Draw(rt, "name"), value.Draw(rt, "before"), value.Draw(rt, "after")})
		}
		got, err := decodeChange(kv.Entry{Key: changeKey(c.Seq, c.Index), Value: c.encode()})
		require.NoError(rt, err)
		for _, l := range []*[]string{&c.Added, &c.Removed, &c.Unresolved, &c.Ignored} {
			if len(*l) == 0 {
				*l = nil
			}
		}
		require.Equal(rt, c, got)
	})
}

// TestRecordCodec: the same for records.
func TestRecordCodec(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := record{
			created: rapid.Int64().Draw(rt, "created"), modified: rapid.Int64().Draw(rt, "modified"),
			version: rapid.Uint64().Draw(rt, "version"), gen: rapid.Uint64().Draw(rt, "gen"), members: rapid.Uint64().Draw(rt, "members"),
			label: rapid.String().Draw(rt, "label"), json: []byte(rapid.String().Draw(rt, "json")),
		}
		b := r.encode()
		got, err := decodeRecord(b)
		require.NoError(rt, err)
		require.Equal(rt, r, got)
		cut := rapid.IntRange(0, recordHeader).Draw(rt, "cut")
		_, err = decodeRecord(b[:cut])
		require.Error(rt, err)
	})
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add((&record{label: "x", json: []byte("{}")}).encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := decodeRecord(b); err == nil {
			again, err := decodeRecord(r.encode())
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
	})
}

func FuzzParseID(f *testing.F) {
	f.Add("0190b1c2-0000-7000-8000-00000000000a")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		if id, ok := ParseID(s); ok {
			require.Equal(t, s, id.String(), "only the canonical spelling is an id")
		}
	})
}
