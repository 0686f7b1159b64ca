package scimcore

import (
	"errors"
	"testing"
)

var filterSeeds = []string{
	`userName eq "bjensen"`, `name.familyName co "O'Malley"`, `urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"`,
	`title pr and userType eq "Employee"`, `title pr or userType eq "Intern"`, `schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`,
	`userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")`, `userType ne "Employee" and not (emails co "example.com")`,
	`userType eq "Employee" and emails[type eq "work" and value co "@example.com"]`, `emails[type eq "work"].value eq "x"`,
	`meta.lastModified gt "2011-05-13T04:42:34Z"`, `active eq "True"`, `id eq X and manager eq Y`, `userName sw O`, `title eq null`,
	`not(not(title pr))`, `groups[type eq direct] or groups.$ref ew "x"`, `emails[not (type pr)`, `title eq "\ud83d\ude00\u0041"`, `((((`, `password pr`, ``,
}

// FuzzFilter: no input panics, and the canonical text of a filter is a filter
// with the same canonical text and the same outcome.
func FuzzFilter(f *testing.F) {
	for _, s := range filterSeeds {
		f.Add(s)
	}
	user, group := stockTypes(f)
	doc := bobDoc(f, user)
	sets := newMemSet("g1").sets
	f.Fuzz(func(t *testing.T, s string) {
		for _, d := range []Dialect{Lenient(), Strict()} {
			filter, err := ParseFilterAmong(user, []*Type{group}, s, d, nil)
			if err != nil {
				wantProtocolError(t, err)
				continue
			}
			ok, err := filter.Match(doc, sets)
			if err != nil {
				t.Fatal(err)
			}
			_ = filter.Term().String()
			text := filter.String()
			if len(text) > maxFilterBytes {
				continue // names grow by their URN
			}
			again, err := ParseFilterAmong(user, []*Type{group}, text, Strict(), nil)
			if err != nil {
				t.Fatalf("%q became %q: %v", s, text, err)
			}
			if again.String() != text {
				t.Fatalf("%q became %q, then %q", s, text, again)
			}
			if same, _ := again.Match(doc, sets); same != ok {
				t.Fatalf("%q and %q differ", s, text)
			}
		}
	})
}

// FuzzPath: no input panics, and the canonical text of a path is that path.
func FuzzPath(f *testing.F) {
	for _, s := range []string{
		`members`, `name.familyName`, `addresses[type eq "work"]`, `members[value eq "2819c223"].displayName`, `emails.value`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`,
		`emails[`, `a..b`, `emails[type eq "w"]x`, `/emails/0/value`, `emails[0]`, `emails[type eq "]"].value`, `roles[primary eq "True"].value`, ``,
	} {
		f.Add(s)
	}
	user, group := stockTypes(f)
	f.Fuzz(func(t *testing.T, s string) {
		for _, typ := range []*Type{user, group} {
			p, err := ParsePath(typ, s, Lenient())
			if err != nil {
				wantProtocolError(t, err)
				continue
			}
			text := p.String()
			if len(text) > maxPathBytes {
				continue
			}
			again, err := ParsePath(typ, text, Strict())
			if err != nil || again.String() != text || again.Attr != p.Attr || again.Sub != p.Sub {
				t.Fatalf("%q became %q, then %q: %v", s, text, again, err)
			}
		}
	})
}

// FuzzPatch: no body panics; whatever happens, the document stays a well-formed
// resource, and a second run on the outcome and on a fresh copy agree.
func FuzzPatch(f *testing.F) {
	for _, ops := range []string{
		`{"op":"add","path":"emails","value":[{"value":"c","primary":true}]}`, `{"op":"Replace","path":"emails[type eq \"work\"].value","value":"x"}`,
		`{"op":"remove","path":"emails","value":["b@home"]}`, `{"op":"replace","value":{"name.givenName":"x","active":"False","groups":[],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"m"}}}`,
		`{"op":"remove","path":"schemas[value co \"enterprise\"]"}`, `{"op":"add","path":"addresses.country","value":null}`, `{"op":"replace","path":"x509Certificates","value":[{"value":"YQ=="}]}`,
		`{"op":"remove","path":"userName"}`, `{"op":"replace","path":"id","value":"id-1"},{"op":"remove","path":"emails[value pr]"}`,
	} {
		f.Add(patchBody(ops))
	}
	f.Add([]byte(`{"displayName":"N","members":[{"value":"a","operation":"delete"}]}`))
	f.Add([]byte(`{"Operations":{"op":"remove","path":"title"}}`))
	user, group := stockTypes(f)
	starts := map[*Type]string{user: base, group: `{"displayName":"G"}`}
	f.Fuzz(func(t *testing.T, body []byte) {
		for typ, start := range starts {
			for _, d := range []Dialect{Lenient(), Strict()} {
				patch, err := ParsePatch(typ, body, d, nil)
				if err != nil {
					wantProtocolError(t, err)
					continue
				}
				first, firstErr := applyTo(t, typ, start, patch, d)
				second, secondErr := applyTo(t, typ, start, patch, d)
				if first != second || (firstErr == nil) != (secondErr == nil) {
					t.Fatalf("two runs differ:\n%s %v\n%s %v", first, firstErr, second, secondErr)
				}
			}
		}
	})
}

// applyTo patches a fresh document and returns its text, finished if that works.
// Either way the document must read back as itself.
func applyTo(t *testing.T, typ *Type, start string, patch *Patch, d Dialect) (string, error) {
	doc := parsed(t, typ, start)
	set := newMemSet("a", "b")
	err := patch.Apply(Target{ID: "id-1", Doc: doc, Sets: set.sets, Dialect: d})
	if err == nil {
		err = Finish(doc, d)
	}
	if err != nil {
		wantProtocolError(t, err)
		doc.Prune(Root)
	}
	checkTree(t, doc, Root)
	text := string(doc.AppendStored(nil))
	back := NewDoc(typ)
	if readErr := ReadStored(back, typ, []byte(text)); readErr != nil {
		t.Fatalf("%s\ndoes not read back: %v", text, readErr)
	}
	return text, err
}

// checkTree checks the invariants of a Doc: children in schema order and of the
// right parent, elements under arrays only, last is the last.
func checkTree(t *testing.T, d *Doc, n NodeID) {
	var prev, last NodeID
	for k := range d.Kids(n) {
		a := d.Attr(k)
		switch d.Kind(n) {
		case KindArray:
			if a != d.Attr(n) {
				t.Fatalf("an element of %s is a %s", d.Attr(n).Path, a.Path)
			}
		case KindObject:
			if a.Parent != d.Attr(n) || prev != 0 && d.Attr(prev).Num >= a.Num {
				t.Fatalf("%s is out of place in %s", a.Path, d.Attr(n).Path)
			}
			if a.MultiValued != (d.Kind(k) == KindArray) {
				t.Fatalf("%s has kind %d", a.Path, d.Kind(k))
			}
		default:
			t.Fatalf("%s has children", d.Attr(n).Path)
		}
		checkTree(t, d, k)
		prev, last = k, k
	}
	if d.nodes[n].last != last && (d.Kind(n) == KindObject || d.Kind(n) == KindArray) {
		t.Fatalf("the last child of %s is lost", d.Attr(n).Path)
	}
}

func wantProtocolError(t *testing.T, err error) {
	var e *Error
	if !errors.As(err, &e) || e.Status != 400 || e.Type == NoType || e.Detail == "" {
		t.Fatalf("not a protocol error: %#v", err)
	}
}
