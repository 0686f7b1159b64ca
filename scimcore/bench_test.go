package scimcore

import (
	"strings"
	"testing"
)

// fullUser is a user of 1.4 KB, as an identity provider sends it.
const fullUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
"externalId":"00ujl29u0le5T6Aj10h7","userName":"barbara.jensen@example.com",
"name":{"formatted":"Ms. Barbara Jane Jensen III","familyName":"Jensen","givenName":"Barbara","middleName":"Jane","honorificPrefix":"Ms.","honorificSuffix":"III"},
"displayName":"Barbara Jensen","nickName":"Babs","profileUrl":"https://login.example.com/bjensen","title":"Vice President","userType":"Employee",
"preferredLanguage":"en-US","locale":"en-US","timezone":"America/Los_Angeles","active":true,
"emails":[{"value":"barbara.jensen@example.com","type":"work","primary":true},{"value":"babs@jensen.example.org","type":"home"}],
"phoneNumbers":[{"value":"tel:+1-201-555-0123","type":"work"},{"value":"tel:+1-201-555-0199","type":"mobile"}],
"addresses":[{"type":"work","streetAddress":"100 Universal City Plaza","locality":"Hollywood","region":"CA","postalCode":"91608","country":"US","formatted":"100 Universal City Plaza\nHollywood, CA 91608 USA"}],
"roles":[{"value":"admin","display":"Administrator","type":"app"}],
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984","costCenter":"4130","organization":"Universal Studios","division":"Theme Park","department":"Tour Operations","manager":{"value":"0195f3a2-7c1e-7bb0-8d6e-3f0a1c2b4d5e"}}}`

func BenchmarkParse(b *testing.B) {
	user, _ := stockTypes(b)
	body := []byte(fullUser)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(user, body, Lenient(), nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseGroup(b *testing.B) {
	_, group := stockTypes(b)
	body := []byte(`{"displayName":"g","members":[` + strings.TrimSuffix(strings.Repeat(`{"value":"0195f3a2-7c1e-7bb0-8d6e-3f0a1c2b4d5e"},`, 10_000), ",") + `]}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		doc, err := Parse(group, body, Lenient(), nil)
		if err != nil || len(TakeRows(doc, group.Root.Sub("members"))) != 10_000 {
			b.Fatal(err)
		}
	}
}

func BenchmarkFinish(b *testing.B) {
	user, _ := stockTypes(b)
	doc := parsed(b, user, fullUser)
	b.ReportAllocs()
	for b.Loop() {
		if err := Finish(doc, Lenient()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendStored(b *testing.B) {
	user, _ := stockTypes(b)
	doc := parsed(b, user, fullUser)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = doc.AppendStored(dst[:0])
	}
	b.SetBytes(int64(len(dst)))
}

func BenchmarkReadStored(b *testing.B) {
	user, _ := stockTypes(b)
	stored := parsed(b, user, fullUser).AppendStored(nil)
	doc := NewDoc(user)
	b.SetBytes(int64(len(stored)))
	b.ReportAllocs()
	for b.Loop() {
		if err := ReadStored(doc, user, stored); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadValue(b *testing.B) {
	user, _ := stockTypes(b)
	a, raw := user.Root.Sub("active"), []byte("false")
	doc := NewDoc(user)
	b.ReportAllocs()
	for b.Loop() {
		doc.Reset(user)
		if _, err := ReadValue(doc, Root, a, raw, Lenient(), nil); err != nil {
			b.Fatal(err)
		}
	}
}

func benchResource(b *testing.B) *Resource {
	user, _ := stockTypes(b)
	return &Resource{Type: user, ID: "0195f3a2-7c1e-7bb0-8d6e-3f0a1c2b4d5e", Created: 1, Modified: 2, Version: 3,
		Stored: parsed(b, user, fullUser).AppendStored(nil)}
}

func BenchmarkAppendResource(b *testing.B) {
	for _, c := range []struct{ name, attributes, excluded string }{
		{"default", "", ""}, {"excludedGroups", "", "groups"}, {"attributes", "userName,emails.value", ""}, {"excluded", "", "emails,name.formatted"},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := benchResource(b)
			p, err := ParseProjection(r.Type, c.attributes, c.excluded, Lenient(), nil)
			if err != nil {
				b.Fatal(err)
			}
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				if dst, err = AppendResource(dst[:0], r, "https://acme.example/scim/v2", p); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(dst)))
		})
	}
}

func BenchmarkCheckJSON(b *testing.B) {
	body := []byte(fullUser)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := CheckJSON(body); err != nil {
			b.Fatal(err)
		}
	}
}
