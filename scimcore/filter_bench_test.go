package scimcore

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func BenchmarkParseFilter(b *testing.B) {
	user, _ := stockTypes(b)
	for _, s := range []string{`userName eq "bjensen@example.com"`, `emails[type eq "work" and value eq "x"] and active eq true`} {
		b.Run(s[:8], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseFilter(user, s, Lenient(), nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMatchFilter(b *testing.B) {
	user, _ := stockTypes(b)
	doc := bobDoc(b, user)
	for name, s := range map[string]string{
		"eq": `userName eq "bjensen@example.com"`, "co": `emails co "nowhere"`, "element": `emails[type eq "home" and value sw "x"]`, "time": `meta.lastModified lt "2020-01-01T00:00:00Z"`,
	} {
		f := mustFilter(b, user, s)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if ok, err := f.Match(doc, nil); ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

func TestMatchAllocations(t *testing.T) {
	user, _ := stockTypes(t)
	doc := parsed(t, user, `{"userName":"bob","title":"VP","active":true,"emails":[{"value":"Bob@Work","type":"work"},{"value":"b@home","type":"home"}]}`)
	doc.AddString(doc.Ensure(user.Meta), user.Meta.Sub("created"), "2026-05-13T04:42:34.123Z")
	for _, s := range []string{
		`userName eq "BOB"`, `title co "p" and emails sw "bob" and not (title eq "x")`, `emails[type eq "home" and value ew "home"]`,
		`active eq true`, `meta.created gt "2020-01-01T00:00:00Z"`, `nickName eq null`,
	} {
		f := mustFilter(t, user, s)
		require.Zero(t, testing.AllocsPerRun(50, func() {
			if ok, err := f.Match(doc, nil); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}), s)
	}
}

// TestFLTA09_HostileFilters asks that refusing costs next to nothing.
func TestFLTA09_HostileFilters(t *testing.T) {
	user, _ := stockTypes(t)
	for _, s := range []string{
		strings.Repeat("(", 10_000), strings.Repeat("(", 4096), strings.Repeat("not(", 1024), strings.Repeat(`title pr or `, 341),
		strings.Repeat("emails[", 585), strings.Repeat(`"`, 4096), strings.Repeat(" ", 4096), strings.Repeat("a", 1_000_000),
	} {
		_, err := ParseFilter(user, s, Lenient(), nil)
		refused(t, err, InvalidFilter)
		best := time.Hour // of several, since other work may get in between
		for range 5 {
			start := time.Now()
			_, _ = ParseFilter(user, s, Lenient(), nil)
			best = min(best, time.Since(start))
		}
		require.Less(t, best, 50*time.Millisecond, "%.20s", s)
	}
}

func BenchmarkPatch(b *testing.B) {
	user, group := stockTypes(b)
	stored := parsed(b, user, base).AppendStored(nil)
	b.Run("user", func(b *testing.B) {
		body := patchBody(`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"x@y"},{"op":"Replace","path":"active","value":"False"}`)
		benchPatch(b, user, stored, body, nil)
	})
	set := newMemSet()
	for i := range 100_000 {
		set.rows = append(set.rows, Member{Value: fmt.Sprint(i)})
	}
	stored = parsed(b, group, `{"displayName":"G"}`).AppendStored(nil)
	b.Run("one member of 100000", func(b *testing.B) {
		benchPatch(b, group, stored, patchBody(`{"op":"add","path":"members","value":[{"value":"0"}]}`), set)
	})
}

func benchPatch(b *testing.B, typ *Type, stored, body []byte, set *memSet) {
	b.ReportAllocs()
	doc, out := NewDoc(typ), []byte(nil)
	d := Lenient()
	for b.Loop() {
		patch, err := ParsePatch(typ, body, d, nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := ReadStored(doc, typ, stored); err != nil {
			b.Fatal(err)
		}
		tg := Target{Doc: doc, Dialect: d}
		if set != nil {
			tg.Sets = set.sets
		}
		if err := patch.Apply(tg); err != nil {
			b.Fatal(err)
		}
		if err := Finish(doc, d); err != nil {
			b.Fatal(err)
		}
		out = doc.AppendStored(out[:0])
	}
}
