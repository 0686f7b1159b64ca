package scimcore

import (
	"encoding/json"
	"hash/crc32"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const acme = "https://acme.example/scim/v2"

// TestProjection renders one user with two groups through every kind of projection.
func TestProjection(t *testing.T) {
	user, _ := stockTypes(t)
	r := &Resource{Type: user, ID: "u1", Created: 0, Modified: 1000, Version: 7, Stored: parsed(t, user, `{"userName":"a","title":"t","name":{"givenName":"g","familyName":"f"},"active":true,
		"emails":[{"value":"x","type":"work"},{"type":"home"}],"`+EnterpriseSchema+`":{"department":"d","manager":{"value":"m"}}}`).AppendStored(nil)}
	const (
		head = `{"id":"u1","schemas":["` + UserSchema + `","` + EnterpriseSchema + `"]`
		name = `,"name":{"familyName":"f","givenName":"g"}`
		mail = `,"emails":[{"value":"x","type":"work"},{"type":"home"}]`
		ent  = `,"` + EnterpriseSchema + `":{"department":"d","manager":{"value":"m"}}`
		grp  = `,"groups":[{"value":"g1","$ref":"` + acme + `/Groups/g1","type":"direct","display":"G \"1\""},{"value":"g2"}]`
		meta = `,"meta":{"resourceType":"User","created":"1970-01-01T00:00:00.000Z","lastModified":"1970-01-01T00:00:01.000Z","location":"` + acme + `/Users/u1","version":"W/\"7\""}}`
	)
	// Where groups are shown the tag speaks of them too.
	tagged := strings.Replace(meta, `W/\"7`, `W/\"7-`+strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(grp))), 36), 1)
	for _, c := range []struct {
		id, attributes, excluded, want string
		rows                           bool // whether groups may be read
	}{
		{"SCH-33 default", "", "", head + `,"userName":"a"` + name + `,"title":"t","active":true` + mail + ent + grp + tagged, true},
		{"PRJ-A04 blank is absent", " ", "\t", head + `,"userName":"a"` + name + `,"title":"t","active":true` + mail + ent + grp + tagged, true},
		{"PRJ-04 PRJ-A05 minimum and named", "userName", "", head + `,"userName":"a"}`, false},
		{"SCH-31 minimum only", "title,nothing", "", head + `,"title":"t"}`, false},
		{"PRJ-A02 unknown names, spaces, repeats", "foo, userName ,, USERNAME,name.foo", "", head + `,"userName":"a"}`, false},
		{"PRJ-A02 unknown names only", "foo", "", head + `}`, false},
		{"PRJ-06 PRJ-07 sub-attribute", "NAME.givenname", "", head + `,"name":{"givenName":"g"}}`, false},
		{"PRJ-07 on each element", "emails.value", "", head + `,"emails":[{"value":"x"}]}`, false},
		{"PRJ-06 URN prefix", "urn:ietf:params:scim:schemas:core:2.0:user:title,URN:IETF:PARAMS:SCIM:SCHEMAS:EXTENSION:ENTERPRISE:2.0:USER:department", "",
			head + `,"title":"t","` + EnterpriseSchema + `":{"department":"d"}}`, false},
		{"PRJ-06 URN prefix and sub", EnterpriseSchema + ":manager.value", "", head + `,"` + EnterpriseSchema + `":{"manager":{"value":"m"}}}`, false},
		{"PRJ-A01 whole extension", EnterpriseSchema, "", head + ent + `}`, false},
		{"FLT-A03 extension attribute without prefix", "department", "", head + `,"` + EnterpriseSchema + `":{"department":"d"}}`, false},
		{"PRJ-07 idp-42 elements that match", `emails[type eq "work"]`, "", head + `,"emails":[{"value":"x","type":"work"}]}`, false},
		{"a part of elements that match", `title , emails[ type eq "work" ].value`, "", head + `,"title":"t","emails":[{"value":"x"}]}`, false},
		{"no element matches", `emails[type eq "work, home]"].value,title`, "", head + `,"title":"t"}`, false},
		{"elements that match lack the part", `emails[type eq "home"].value`, "", head + `}`, false},
		{"different parts of different elements", `emails[type eq "work"].type,EMAILS[value pr].Value,emails[type eq "home"]`, "", head + mail + `}`, false},
		{"a filter and the whole", `emails[type eq "work"].value,emails`, "", head + mail + `}`, false},
		{"a filter and a part of all", `emails[type eq "work"].value,emails.type`, "", head + mail + `}`, false},
		{"a filter behind a name that is none", `foo[type eq "a,b"],bar[,title`, "", head + `}`, false},
		{"a filter before a part that is none", `emails[type eq "work"].foo,title`, "", head + `,"title":"t"}`, false},
		{"a filter on what always comes", `schemas[value eq "x"]`, "", head + `}`, false},
		{"rows that match", `groups[value eq "g1"]`, "", head + `,"groups":[{"value":"g1","$ref":"` + acme + `/Groups/g1","type":"direct","display":"G \"1\""}]}`, true},
		{"a part of rows that match", `groups[type pr].display,groups.value`, "", head + `,"groups":[{"value":"g1","display":"G \"1\""},{"value":"g2"}]}`, true},
		{"no row matches", `groups[value eq "g3"]`, "", head + `}`, true},
		{"PRJ-05 elements that match left out", "", `emails[type eq "work"],groups,meta`, head + `,"userName":"a"` + name + `,"title":"t","active":true,"emails":[{"type":"home"}]` + ent + `}`, false},
		{"a part of elements that match left out", "", `emails[type eq "work"].value,groups,meta`, head + `,"userName":"a"` + name + `,"title":"t","active":true,"emails":[{"type":"work"},{"type":"home"}]` + ent + `}`, false},
		{"all elements left out", "", `emails[type pr],groups,meta`, head + `,"userName":"a"` + name + `,"title":"t","active":true` + ent + `}`, false},
		{"rows that match left out", "", `emails,groups[value eq "g1"],meta`, head + `,"userName":"a"` + name + `,"title":"t","active":true` + ent + `,"groups":[{"value":"g2"}]}`, true},
		{"SCH-32 never", "password,userName", "", head + `,"userName":"a"}`, false},
		{"rows asked for", "groups", "", head + grp + `}`, true},
		{"PRJ-07 part of rows", "groups.value", "", head + `,"groups":[{"value":"g1"},{"value":"g2"}]}`, true},
		{"part of rows that some lack", "groups.display", "", head + `,"groups":[{"display":"G \"1\""}]}`, true},
		{"meta", "meta", "", head + meta, false},
		{"PRJ-07 part of meta", "meta.version", "", head + `,"meta":{"version":"W/\"7\""}}`, false},
		{"attribute without value", "nickName", "", head + `}`, false},
		{"PRJ-05 excluded", "", "name,emails,groups,meta", head + `,"userName":"a","title":"t","active":true` + ent + `}`, false},
		{"PRJ-05 never the minimum", "", "id,schemas,groups,meta,name,emails," + EnterpriseSchema, head + `,"userName":"a","title":"t","active":true}`, false},
		{"excluded part", "", "groups,meta,name.givenName,emails.type,emails.primary,department", head + `,"userName":"a","name":{"familyName":"f"},"title":"t","active":true,"emails":[{"value":"x"}],"` + EnterpriseSchema + `":{"manager":{"value":"m"}}}`, false},
		{"all parts excluded", "", "groups,meta,emails,name.givenName,name.familyName,department,manager", head + `,"userName":"a","title":"t","active":true}`, false},
		{"part of meta excluded", "", "groups,emails,name,meta.created,meta.location", head + `,"userName":"a","title":"t","active":true` + ent + `,"meta":{"resourceType":"User","lastModified":"1970-01-01T00:00:01.000Z","version":"W/\"7\""}}`, false},
		{"PRJ-A02 excluding unknown names changes nothing", "", "foo", head + `,"userName":"a"` + name + `,"title":"t","active":true` + mail + ent + grp + tagged, true},
	} {
		t.Run(c.id, func(t *testing.T) {
			p, err := ParseProjection(user, c.attributes, c.excluded, Lenient(), nil)
			require.NoError(t, err)
			read := false
			r.Rows = func(a *Attr, yield func(Row) bool) error {
				require.Equal(t, "groups", a.Name)
				read = true
				_ = yield(Row{"g1", "Groups", "direct", `G "1"`}) && yield(Row{Value: "g2"})
				return nil
			}
			out, err := AppendResource([]byte("x"), r, acme, p)
			require.NoError(t, err)
			require.Equal(t, "x"+c.want, string(out))
			require.Equal(t, c.rows, read)
			require.Equal(t, c.rows, p.Wants(user.Root.Sub("groups")))
		})
	}
	_, err := ParseProjection(user, "userName", "id", Lenient(), nil)
	refused(t, err, InvalidValue, "exclude each other") // PRJ-03
}

// TestProjection_Returned covers the characteristics that User and Group do not have.
func TestProjection_Returned(t *testing.T) {
	device := customType(t)
	const (
		head = `{"id":"d1","schemas":["urn:example:2.0:Device","urn:example:ext:Site"]`
		site = `,"urn:example:ext:Site":{"room":"r"}`
	)
	r := &Resource{Type: device, ID: "d1", Stored: parsed(t, device, `{"serial":"s","label":"l","secret":"x","notes":"n",
		"disks":[{"value":"v","size":1,"log":"k"},{"size":2,"log":"k"}],"urn:example:ext:Site":{"room":"r"}}`).AppendStored(nil)}
	for _, c := range []struct{ id, attributes, excluded, want string }{
		{"SCH-32 SCH-34 neither never nor request", "", "meta", head + `,"serial":"s","label":"l","disks":[{"value":"v","size":1},{"size":2}]` + site + `}`},
		{"SCH-34 request when named", "notes,disks.log", "", head + `,"notes":"n","label":"l","disks":[{"value":"v","log":"k"},{"log":"k"}]}`},
		{"SCH-34 the parent's name is not its own", "disks", "", head + `,"label":"l","disks":[{"value":"v","size":1},{"size":2}]}`},
		{"SCH-31 always", "serial", "", head + `,"serial":"s","label":"l"}`},
		{"SCH-31 a part that is always returned comes with its parent", "disks.size", "", head + `,"label":"l","disks":[{"value":"v","size":1},{"size":2}]}`},
		{"SCH-31 always is not excluded", "", "label,serial,meta,disks.value,urn:example:ext:Site", head + `,"label":"l","disks":[{"value":"v","size":1},{"size":2}]}`},
		{"excluding the parent excludes its parts", "", "serial,meta,disks,urn:example:ext:Site", head + `,"label":"l"}`},
		{"SCH-32 never, though named", "secret", "", head + `,"label":"l"}`},
	} {
		t.Run(c.id, func(t *testing.T) {
			p, err := ParseProjection(device, c.attributes, c.excluded, Lenient(), nil)
			require.NoError(t, err)
			out, err := AppendResource(nil, r, acme, p)
			require.NoError(t, err)
			require.Equal(t, c.want, string(out))
		})
	}
	out, err := AppendResource(nil, r, acme, nil)
	require.NoError(t, err)
	require.NotContains(t, string(out), "secret")
	require.NotContains(t, string(out), "notes")
	require.False(t, (*Projection)(nil).Wants(device.Root.Sub("secret")))
	require.False(t, (*Projection)(nil).Wants(device.Root.Sub("disks").Sub("log")))
	require.True(t, (*Projection)(nil).Wants(device.Root.Sub("disks").Sub("value")))
}

func TestPRJA03_ExcludedMembersCostNothing(t *testing.T) {
	_, group := stockTypes(t)
	p, err := ParseProjection(group, "", "members", Lenient(), nil)
	require.NoError(t, err)
	require.True(t, p.splice)
	r := &Resource{Type: group, ID: "g", Stored: parsed(t, group, `{"displayName":"g"}`).AppendStored(nil),
		Rows: func(*Attr, func(Row) bool) error { t.Fatal("members were read"); return nil }}
	dst := make([]byte, 0, 1024)
	require.Zero(t, testing.AllocsPerRun(100, func() { dst, err = AppendResource(dst[:0], r, acme, p) }))
	require.NoError(t, err)
	require.NotContains(t, string(dst), "members")
}

// TestRender_BothPaths: cutting stored bytes equals pruning the tree and encoding
// it; and copying them equals encoding the whole tree.
func TestRender_BothPaths(t *testing.T) {
	user, _ := stockTypes(t)
	device := customType(t)
	rapid.Check(t, func(rt *rapid.T) {
		typ := rapid.SampledFrom([]*Type{user, device}).Draw(rt, "type")
		doc := randomDoc(rt, typ)
		r := &Resource{Type: typ, ID: "i", Stored: doc.AppendStored(nil)}
		names := ""
		for range rapid.IntRange(0, 4).Draw(rt, "names") {
			names += "," + typ.Attr(rapid.IntRange(1, typ.Len()-1).Draw(rt, "attr")).Path
		}
		attributes, excluded := names, ""
		if rapid.Bool().Draw(rt, "exclude") {
			attributes, excluded = "", names
		}
		p, err := ParseProjection(typ, attributes, excluded, Lenient(), nil)
		require.NoError(rt, err)
		got, err := AppendResource(nil, r, acme, p)
		require.NoError(rt, err)
		require.True(rt, json.Valid(got), string(got))

		// The same by way of the tree.
		if p == nil {
			p = typ.plain
		}
		tree := NewDoc(typ)
		require.NoError(rt, ReadStored(tree, typ, r.Stored))
		cut(tree, Root, p)
		tree.Prune(Root)
		want, err := AppendResource(nil, &Resource{Type: typ, ID: "i", Stored: tree.AppendStored(nil)}, acme, &Projection{want: p.want, whole: p.whole, splice: true})
		require.NoError(rt, err)
		require.Equal(rt, string(want), string(got))
	})
}

// cut removes the leaves p does not want.
func cut(d *Doc, n NodeID, p *Projection) {
	for k := range d.Kids(n) {
		if a := d.Attr(k); len(a.Subs) > 0 {
			cut(d, k, p)
		} else if !p.Wants(a) {
			d.Remove(n, k)
		}
	}
}
