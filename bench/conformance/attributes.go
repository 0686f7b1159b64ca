package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

func attributes() []check {
	const (
		common = "RFC 7643 §3.1"
		multi  = "RFC 7643 §2.4"
		chars  = "RFC 7643 §7"
	)
	return []check{
		{"SCH-02.body", Must, "RFC 7643 §2.1", "Attribute names are read in any letter case",
			"Compare attribute names without regard to letter case.", "User.displayName",
			func(p *probe) {
				b := p.userBody(nil)
				b["USERNAME"], b["displayname"] = b["userName"], "Ada"
				delete(b, "userName")
				p.post("/Users", b).is(http.StatusCreated).has("userName", b["USERNAME"]).has("displayName", "Ada")
			}},
		{"SCH-02.filter", Must, "RFC 7643 §2.1", "Attribute names in a filter are read in any letter case",
			"Compare attribute names without regard to letter case.", "filter",
			func(p *probe) {
				u := p.user(nil)
				p.find("/Users", `USERNAME eq "`+u.name()+`"`).has("totalResults", 1)
			}},
		{"SCH-05", Must, "RFC 7643 §3", "A resource names its schemas, each once",
			"Return schemas with the type's schema and the extensions that are in use.", "",
			func(p *probe) {
				a := p.again(p.user(nil)).listsSchema(userURN)
				v, _ := a.body.Get("schemas")
				list, _ := v.([]any)
				seen := map[string]bool{}
				for _, s := range list {
					p.want(!seen[fmt.Sprint(s)], "each schema once", list)
					seen[fmt.Sprint(s)] = true
				}
			}},
		{"SCH-10", Should, "RFC 7643 §2.3.1", "Text must be text",
			"Answer 400 invalidValue to a number or an object where text belongs.", "",
			func(p *probe) {
				for _, v := range []any{5, fields{"value": "x"}, []any{"x"}} {
					p.post("/Users", p.userBody(fields{"userName": v})).refused(http.StatusBadRequest, "invalidValue")
				}
			}},
		{"SCH-11", Should, "RFC 7643 §2.3.2", "A boolean is true or false",
			"Answer 400 invalidValue to other text and to numbers. (Text that reads true or false is another matter.)", "User.active",
			func(p *probe) {
				for _, v := range []any{"yes", 1, fields{"value": true}} {
					p.post("/Users", p.userBody(fields{"active": v})).refused(http.StatusBadRequest, "invalidValue")
				}
			}},
		{"SCH-11.round", Must, "RFC 7643 §2.3.2", "A boolean comes back as a boolean",
			"Return true and false, not text.", "User.active",
			func(p *probe) {
				v, _ := p.again(p.newUser(fields{"active": false})).body.Get("active")
				p.want(v == false, "active is false, without quotes", string(encode(v)))
			}},
		{"SCH-14", Must, "RFC 7643 §2.3.5", "Times are xsd:dateTime",
			"Write meta.created and meta.lastModified as 2026-01-31T12:00:00Z.", "",
			func(p *probe) {
				a := p.again(p.user(nil))
				for _, path := range []string{"meta/created", "meta/lastModified"} {
					_, err := time.Parse(time.RFC3339Nano, a.body.Text(path))
					p.want(err == nil, path+" is a time with date and zone", a.body.Text(path))
				}
			}},
		{"SCH-22", Must, multi, "At most one element is primary",
			"Refuse two primary elements, or keep one of them.", "User.emails",
			func(p *probe) {
				two := []any{
					fields{"type": "work", "value": p.prefix + "-1@example.com", "primary": true},
					fields{"type": "home", "value": p.prefix + "-2@example.com", "primary": true},
				}
				a := p.post("/Users", p.userBody(fields{"emails": two}))
				if a.status == http.StatusBadRequest {
					return
				}
				a.is(http.StatusCreated)
				n := 0
				for _, e := range a.body.List("emails") {
					if e.Text("primary") == "true" {
						n++
					}
				}
				p.want(n <= 1, "one primary element, or status 400", n)
			}},
		{"SCH-24", Must, "RFC 7643 §2.5", "null, [] and absent are one state",
			"Treat null and empty lists as unassigned: a filter with pr does not find them.", "filter User.title? User.photos?",
			func(p *probe) {
				text := strings.TrimSuffix(string(encode(p.userBody(nil))), "}")
				a := p.post("/Users", []byte(text+`,"title":null,"photos":[]}`)).is(http.StatusCreated).lacks("title", "photos")
				name := a.body.Text("userName")
				p.find("/Users", `userName eq "`+name+`" and title pr`).has("totalResults", 0)
				p.find("/Users", `userName eq "`+name+`" and photos pr`).has("totalResults", 0)
			}},
		{"SCH-26", May, chars, "A type of e-mail that is not listed is kept",
			"Take canonicalValues as suggestions, unless the service has a reason to restrict them.", "User.emails",
			func(p *probe) {
				u := p.newUser(fields{"emails": []any{mail("alias", p.prefix+"-alias@example.com")}})
				p.again(u).has("emails/0/type", "alias")
			}},
		{"SCH-30.answers", Must, chars, "A password is never returned",
			"Leave password out of every answer, to writes and lists, too.", "",
			func(p *probe) {
				const secret = "Conf0rmance-secret!"
				a := p.post("/Users", p.userBody(fields{"password": secret})).is(http.StatusCreated)
				b := p.get("/Users/" + a.body.Text("id")).is(http.StatusOK)
				for _, x := range []*answer{a, b} {
					p.want(!strings.Contains(string(x.raw), secret), "an answer without the password", "it is there")
					x.lacks("password")
				}
			}},
		{"SCH-32", Must, chars, "A password is not returned when asked for by name",
			"Never return attributes whose returned is never.", "",
			func(p *probe) {
				u := p.user(fields{"password": "Conf0rmance-secret!"})
				p.get(u.path + "?attributes=userName,password").is(http.StatusOK).lacks("password")
			}},
		{"SCH-33", Must, "RFC 7643 §4.1", "Complex and multi-valued attributes come back whole",
			"Store every sub-attribute of the schema.", "User.name.givenName User.name.familyName User.emails",
			func(p *probe) {
				u := p.newUser(fields{
					"name":   fields{"givenName": "Ada", "familyName": "Lovelace"},
					"emails": []any{fields{"type": "work", "value": p.prefix + "-w@example.com", "primary": true}, mail("home", p.prefix+"-h@example.com")},
				})
				p.again(u).has("name/givenName", "Ada").has("name/familyName", "Lovelace").
					elements("emails", "value", p.prefix+"-w@example.com", p.prefix+"-h@example.com").
					has("emails/type=work/primary", true)
			}},
		{"SCH-37.missing", Must, chars, "A user without userName is refused",
			"Answer 400 invalidValue when a required attribute is missing.", "",
			func(p *probe) {
				p.post("/Users", p.userBody(fields{"userName": nil})).refused(http.StatusBadRequest, "invalidValue")
			}},
		{"SCH-37.empty", Must, "RFC 7643 §4.1.1", "An empty userName is refused",
			"Answer 400 invalidValue to an empty userName.", "",
			func(p *probe) {
				p.post("/Users", p.userBody(fields{"userName": ""})).refused(http.StatusBadRequest, "invalidValue")
			}},
		{"SCH-38", Must, common, "Each resource has an id of its own",
			"Assign ids on the server, and use none twice.", "",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				p.want(a.id != b.id, "two ids", a.id)
				p.want(!strings.Contains(a.id, "bulkId"), "an id without the reserved word bulkId", a.id)
			}},
		{"SCH-40.absent", Must, common, "The server makes up no externalId",
			"Leave externalId out unless the client gave one.", "User.externalId",
			func(p *probe) { p.again(p.user(fields{"externalId": nil})).lacks("externalId") }},
		{"SCH-40.kept", Must, common, "externalId comes back as it was sent",
			"Store externalId as it is; it is the client's.", "User.externalId",
			func(p *probe) {
				id := p.prefix + "/Ext-ID=" + fmt.Sprint(p.seq)
				p.again(p.newUser(fields{"externalId": id})).has("externalId", id)
			}},
		{"SCH-41", May, common, "Two users may have the same externalId",
			"Do not make externalId unique: two sources may use the same key.", "User.externalId",
			func(p *probe) {
				u := p.user(fields{"externalId": p.prefix + "-twice"})
				p.post("/Users", p.userBody(fields{"externalId": u.sent["externalId"]})).is(http.StatusCreated)
			}},
		{"SCH-43", Must, common, "meta.resourceType is the name of the type",
			"Set meta.resourceType to User or Group.", "",
			func(p *probe) {
				want := p.offer.typeOf("/Users").Text("name")
				if want == "" {
					want = "User"
				}
				p.again(p.user(nil)).has("meta/resourceType", want)
			}},
		{"SCH-44", Must, common, "meta.created stays, and begins equal to lastModified",
			"Set created once; lastModified is the same until the first change.", "User.displayName",
			func(p *probe) {
				u := p.user(fields{"displayName": "Before"})
				first := p.again(u)
				first.has("meta/lastModified", first.body.Text("meta/created"))
				p.setUp(func() { p.put(u.path, u.with(fields{"displayName": "After"})).is(http.StatusOK) })
				p.again(u).has("meta/created", first.body.Text("meta/created"))
			}},
		{"SCH-44.moves", Must, common, "A change does not move lastModified back",
			"Set lastModified on every change.", "User.displayName",
			func(p *probe) {
				u := p.user(fields{"displayName": "Before"})
				before, _ := time.Parse(time.RFC3339Nano, p.again(u).body.Text("meta/lastModified"))
				p.setUp(func() { p.put(u.path, u.with(fields{"displayName": "After"})).is(http.StatusOK) })
				after, err := time.Parse(time.RFC3339Nano, p.again(u).body.Text("meta/lastModified"))
				p.want(err == nil && !after.Before(before), "lastModified at or after "+before.Format(time.RFC3339Nano), after.Format(time.RFC3339Nano))
			}},
		{"SCH-45", Must, common, "meta.location leads to the resource",
			"Build meta.location from the base URL the client uses.", "",
			func(p *probe) {
				u := p.user(nil)
				p.want(pathOf(u.body.Text("meta/location")) == u.path, "a URI ending in "+u.path, u.body.Text("meta/location"))
			}},
		{"SCH-46", Must, common, "meta.version is the ETag", "Put the same text into both, W/ and quotes included.", "etag",
			func(p *probe) {
				a := p.again(p.user(nil))
				a.has("meta/version", a.header.Get("ETag"))
			}},
		{"SCH-A01", Must, "RFC 7643 §2.1", "Names are answered as the schema spells them",
			"Return attribute names in the schema's letter case, whatever the client sent.", "User.nickName?",
			func(p *probe) {
				b := p.userBody(fields{"NICKNAME": "Zo"})
				a := p.post("/Users", b).is(http.StatusCreated)
				var names []string
				for k := range a.body {
					names = append(names, k)
				}
				p.want(slices.Contains(names, "nickName"), "nickName", listed(names))
			}},
	}
}
