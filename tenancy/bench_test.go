package tenancy

import (
	"testing"

	"scimedge/kv/memkv"
)

// BenchmarkAuthenticateHit is what a request pays before it is let in: host,
// header, token, last-used and counters.
func BenchmarkAuthenticateHit(b *testing.B) {
	w, header := benchWorld(b)
	now := w.clock.now()
	b.ReportAllocs()
	for b.Loop() {
		hit(w, header, now)
	}
}

func BenchmarkAuthenticateHitParallel(b *testing.B) {
	w, header := benchWorld(b)
	now := w.clock.now()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			hit(w, header, now)
		}
	})
}

func BenchmarkParseTokenText(b *testing.B) {
	_, header := benchWorld(b)
	token, _ := ParseAuthorization(header)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := ParseTokenText(token); !ok {
			b.Fatal("malformed")
		}
	}
}

func BenchmarkCanonicalHost(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CanonicalHost("scim.acme.example.com:443"); err != nil {
			b.Fatal(err)
		}
	}
}

func benchWorld(b *testing.B) (*world, []byte) {
	w := &world{ctx: b.Context(), clock: newClock()}
	var err error
	if w.Registry, err = Open(w.ctx, memkv.New(memkv.Options{}), Options{Clock: w.clock.now}); err != nil {
		b.Fatal(err)
	}
	if _, err = w.CreateTenant(w.ctx, NewTenant{Name: "acme", Hosts: []string{"acme.test"}}, tester); err != nil {
		b.Fatal(err)
	}
	_, text, err := w.CreateToken(w.ctx, "acme", NewToken{Name: "okta-prod"}, tester)
	if err != nil {
		b.Fatal(err)
	}
	return w, []byte("Bearer " + text)
}
