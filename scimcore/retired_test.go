package scimcore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Two schema files: what the first declares and the second does not is retired.
const (
	fullThing = `{"schemas":[
		{"id":"urn:x:y:Thing","name":"Thing","attributes":[{"name":"a"},{"name":"secret"},{"name":"fixed","mutability":"immutable"},
			{"name":"box","type":"complex","subAttributes":[{"name":"in"},{"name":"hidden","mutability":"immutable"}]},
			{"name":"link","type":"complex","subAttributes":[{"name":"value"},{"name":"hidden"}]},
			{"name":"list","type":"complex","multiValued":true,"subAttributes":[{"name":"value"},{"name":"type"},{"name":"hidden"}]},
			{"name":"places","type":"complex","multiValued":true,"subAttributes":[{"name":"street"},{"name":"hidden"}]}]},
		{"id":"urn:x:y:Ext","name":"Ext","attributes":[{"name":"e"},{"name":"must","required":true},{"name":"gone"}]},
		{"id":"urn:x:y:Old","name":"Old","attributes":[{"name":"o"}]}],
		"resourceTypes":[{"name":"Thing","endpoint":"/Things","schema":"urn:x:y:Thing","schemaExtensions":[{"schema":"urn:x:y:Ext"},{"schema":"urn:x:y:Old"}]}]}`
	lessThing = `{"schemas":[
		{"id":"urn:x:y:Thing","name":"Thing","attributes":[{"name":"new"},{"name":"a"},
			{"name":"box","type":"complex","subAttributes":[{"name":"in"}]},{"name":"link","type":"complex","subAttributes":[{"name":"value"}]},
			{"name":"list","type":"complex","multiValued":true,"subAttributes":[{"name":"value"},{"name":"type"}]},
			{"name":"places","type":"complex","multiValued":true,"subAttributes":[{"name":"street"}]}]},
		{"id":"urn:x:y:Ext","name":"Ext","attributes":[{"name":"e"},{"name":"must","required":true}]}],
		"resourceTypes":[{"name":"Thing","endpoint":"/Things","schema":"urn:x:y:Thing","schemaExtensions":[{"schema":"urn:x:y:Ext"}]}]}`
	storedThing = `{"schemas":["urn:x:y:Thing","urn:x:y:Ext","urn:x:y:Old"],"a":"1","secret":"s","fixed":"f","box":{"in":"i","hidden":"h"},"link":{"value":"v","hidden":"h"},` +
		`"list":[{"value":"x","type":"t","hidden":"hx"},{"value":"y","hidden":"hy"}],"places":[{"street":"S","hidden":"hs"}],` +
		`"urn:x:y:Ext":{"e":"e","must":"m","gone":"g"},"urn:x:y:Old":{"o":"o"}}`
	shownThing = `{"id":"i","schemas":["urn:x:y:Thing","urn:x:y:Ext"],"a":"1","box":{"in":"i"},"link":{"value":"v"},` +
		`"list":[{"value":"x","type":"t"},{"value":"y"}],"places":[{"street":"S"}],"urn:x:y:Ext":{"e":"e","must":"m"}`
)

func thingType(tb testing.TB, d *Declaration) *Type {
	tb.Helper()
	cat, err := d.Catalog()
	require.NoError(tb, err)
	return cat.Type("Thing")
}

// retiredThing is the type after the change from fullThing to lessThing.
func retiredThing(tb testing.TB) (*Type, *Declaration) {
	tb.Helper()
	merged, _, err := Merge(mustParseFile(tb, fullThing), mustParseFile(tb, lessThing))
	require.NoError(tb, err)
	return thingType(tb, merged), merged
}

func shown(tb testing.TB, t *Type, stored, attributes, excluded string) string {
	tb.Helper()
	p, err := ParseProjection(t, attributes, excluded, Lenient(), nil)
	require.NoError(tb, err)
	out, err := AppendResource(nil, &Resource{Type: t, ID: "i", Stored: []byte(stored)}, acme, p)
	require.NoError(tb, err)
	return string(out)
}

func TestRetired_IsStoredAndNotSeen(t *testing.T) {
	typ, merged := retiredThing(t)
	doc := NewDoc(typ)
	require.NoError(t, ReadStored(doc, typ, []byte(storedThing)))
	require.Equal(t, storedThing, string(doc.AppendStored(nil)))
	require.Contains(t, shown(t, typ, storedThing, "", ""), shownThing+`,"meta":`)
	require.Equal(t, `{"id":"i","schemas":["urn:x:y:Thing","urn:x:y:Ext"],"a":"1"}`, shown(t, typ, storedThing, "a,secret,urn:x:y:Old,box.hidden,urn:x:y:Ext:gone", ""))
	require.Equal(t, shownThing+`}`, shown(t, typ, storedThing, "", "meta,secret"))
	require.Equal(t, `{"id":"i","schemas":["urn:x:y:Thing","urn:x:y:Ext"],"list":[{"value":"x","type":"t"}]}`, shown(t, typ, storedThing, `list[value eq "x"]`, ""))
	require.NotContains(t, shown(t, typ, storedThing, "", `list[value eq "x"].type`), "hidden")
	require.Equal(t, []byte{SortUnassigned}, AppendSortKey(nil, nil, []byte(storedThing)))
	_, err := ParseOrder(typ, nil, "secret", "")
	refused(t, err, InvalidValue, "secret")
	hollow := `{"schemas":["urn:x:y:Thing","urn:x:y:Ext"],"a":"1","urn:x:y:Ext":{"gone":"g"}}`
	require.Equal(t, `{"id":"i","schemas":["urn:x:y:Thing"],"a":"1"}`, shown(t, typ, hollow, "", "meta"))
	require.NoError(t, ReadStored(doc, typ, []byte(hollow)))
	require.NoError(t, Finish(doc, Strict()), "what nobody sees requires nothing")
	require.Equal(t, hollow, string(doc.AppendStored(nil)))

	for filter, want := range map[string]bool{`schemas eq "urn:x:y:Thing"`: true, `schemas eq "urn:x:y:Ext"`: false, `urn:x:y:Ext pr`: false, `not (schemas co "Old")`: true} {
		f, err := ParseFilter(typ, filter, Strict(), nil)
		require.NoError(t, err, filter)
		got, err := f.Match(doc, nil)
		require.NoError(t, err)
		require.Equal(t, want, got, filter)
	}

	cat, err := merged.Catalog()
	require.NoError(t, err)
	for _, word := range []string{"secret", "fixed", "hidden", "gone", "urn:x:y:Old"} {
		require.NotContains(t, string(cat.AppendSchemas(nil, acme)), word)
		require.NotContains(t, string(cat.AppendResourceTypes(nil, acme)), word)
		require.NotContains(t, string(merged.AppendFile(nil)), word)
	}
	for _, name := range []string{"secret", "box.hidden", "urn:x:y:Ext:gone", "urn:x:y:Old:o", "urn:x:y:Old", "o"} {
		_, ok := typ.Resolve(name)
		require.False(t, ok, name)
		_, err := ParseFilter(typ, name+" pr", Strict(), nil)
		require.Error(t, err, name)
		_, err = ParsePath(typ, name, Strict())
		require.Error(t, err, name)
	}
	_, err = Parse(typ, []byte(`{"schemas":["urn:x:y:Thing"],"secret":"x"}`), Strict(), nil)
	refused(t, err, InvalidSyntax, "secret")
	var notes Notes
	_, err = Parse(typ, []byte(`{"schemas":["urn:x:y:Thing","urn:x:y:Old"],"secret":"x","urn:x:y:Old":{"o":"x"}}`), Lenient(), &notes)
	require.NoError(t, err)
	require.Contains(t, notes, Note{NoteUnknownAttribute, "secret"})
}

// TestRetired_EveryWriteKeepsIt: want are parts of what is stored afterwards.
func TestRetired_EveryWriteKeepsIt(t *testing.T) {
	typ, _ := retiredThing(t)
	const tops = `"secret":"s","fixed":"f"`
	put := func(body string) (string, error) {
		old := NewDoc(typ)
		require.NoError(t, ReadStored(old, typ, []byte(storedThing)))
		doc, err := Parse(typ, []byte(body), Lenient(), nil)
		require.NoError(t, err)
		out, err := Replace(old, doc, Dialect{})
		if err != nil {
			return "", err
		}
		if err := Finish(out, Lenient()); err != nil {
			return "", err
		}
		return string(out.AppendStored(nil)), nil
	}
	patch := func(d Dialect, ops string) string {
		doc := NewDoc(typ)
		require.NoError(t, ReadStored(doc, typ, []byte(storedThing)))
		p, err := ParsePatch(typ, patchBody(ops), d, nil)
		require.NoError(t, err)
		require.NoError(t, p.Apply(Target{Doc: doc, Dialect: d}))
		require.NoError(t, Finish(doc, d))
		return string(doc.AppendStored(nil))
	}
	t.Run("put of what a get shows changes nothing", func(t *testing.T) {
		got, err := put(shown(t, typ, storedThing, "", "meta"))
		require.NoError(t, err)
		require.Equal(t, storedThing, got)
	})
	t.Run("put of nothing keeps what rests on its own", func(t *testing.T) {
		got, err := put(`{"schemas":["urn:x:y:Thing"]}`)
		require.NoError(t, err)
		require.Equal(t, `{"schemas":["urn:x:y:Thing","urn:x:y:Ext","urn:x:y:Old"],`+tops+`,"urn:x:y:Ext":{"gone":"g"},"urn:x:y:Old":{"o":"o"}}`, got)
	})
	t.Run("put of other elements", func(t *testing.T) {
		got, err := put(`{"box":{"in":"other"},"link":{"value":"w"},"list":[{"value":"z"},{"value":"y"}],"places":[{"street":"T"},{"street":"S"}],"new":"n"}`)
		require.NoError(t, err)
		require.Contains(t, got, `"box":{"in":"other","hidden":"h"},"link":{"value":"w"},"list":[{"value":"z"},{"value":"y","hidden":"hy"}],"places":[{"street":"T"},{"street":"S","hidden":"hs"}],"new":"n"`)
	})
	for _, d := range []Dialect{Lenient(), Strict()} {
		require.Contains(t, patch(d, `{"op":"replace","path":"box","value":{"in":"other"}}`), tops+`,"box":{"in":"other","hidden":"h"}`)
		require.NotContains(t, patch(d, `{"op":"remove","path":"box"}`), `"box"`, "a part goes with the whole")
		require.Contains(t, patch(d, `{"op":"remove","path":"urn:x:y:Ext"}`), `"urn:x:y:Ext":{"gone":"g"}`)
		require.Contains(t, patch(d, `{"op":"replace","path":"list","value":[{"value":"y","type":"n"},{"value":"x","type":"T"}]}`), `"list":[{"value":"y","type":"n"},{"value":"x","type":"T","hidden":"hx"}]`)
		require.Contains(t, patch(d, `{"op":"replace","path":"a","value":"2"}`), `"a":"2",`+tops)
		require.Contains(t, patch(d, `{"op":"add","path":"new","value":"n"}`), `"new":"n","urn:x:y:Ext"`)
	}
}

func TestRetired_ComesBack(t *testing.T) {
	_, merged := retiredThing(t)
	back, diff, err := Merge(merged, mustParseFile(t, fullThing))
	require.NoError(t, err)
	require.Equal(t, SchemaDiff{
		Retired: []string{"urn:x:y:Thing:new"},
		Restored: []string{"Thing urn:x:y:Old", "urn:x:y:Thing:secret", "urn:x:y:Thing:fixed", "urn:x:y:Thing:box.hidden", "urn:x:y:Thing:link.hidden",
			"urn:x:y:Thing:list.hidden", "urn:x:y:Thing:places.hidden", "urn:x:y:Ext:gone"},
	}, diff)
	typ := thingType(t, back)
	require.Contains(t, shown(t, typ, storedThing, "", ""), `{"id":"i",`+storedThing[1:len(storedThing)-1])
	require.Equal(t, Immutable, typ.Root.Sub("fixed").Mutability)
}

func TestMerge_RefusesWhatValuesWouldNotSurvive(t *testing.T) {
	base := func(typ, attrs string) string {
		return `{"schemas":[{"id":"urn:x:y:Thing","name":"Thing","attributes":[` + attrs + `]},{"id":"urn:x:y:Other","name":"Other","attributes":[{"name":"a"}]}],
			"resourceTypes":[{"name":"Thing",` + typ + `},{"name":"User","schemaExtensions":[{"schema":"urn:x:y:Thing"},{"schema":"urn:x:y:Other"}]}]}`
	}
	const (
		typ   = `"endpoint":"/Things","schema":"urn:x:y:Thing"`
		attrs = `{"name":"a"},{"name":"box","type":"complex","subAttributes":[{"name":"n","type":"integer"}]}`
	)
	old := mustParseFile(t, base(typ, attrs))
	retired, _, err := Merge(old, mustParseFile(t, base(typ, `{"name":"other"}`)))
	require.NoError(t, err)
	for name, tt := range map[string]struct{ file, words string }{
		"type":             {base(typ, `{"name":"a","type":"integer"}`), "schema urn:x:y:Thing, attribute a: it was of type string"},
		"type of a part":   {base(typ, `{"name":"box","type":"complex","subAttributes":[{"name":"n"}]}`), "attribute box.n: it was of type integer"},
		"number of values": {base(typ, `{"name":"a","multiValued":true}`), "its multiValued was false"},
		"case":             {base(typ, `{"name":"a","caseExact":true}`), "its caseExact was false"},
		"spelling":         {base(typ, `{"name":"A"}`), "its name was spelled a"},
		"endpoint":         {base(`"endpoint":"/Stuff","schema":"urn:x:y:Thing"`, attrs), "its endpoint was /Things"},
		"base schema":      {base(`"endpoint":"/Things","schema":"urn:x:y:Other"`, attrs), ""},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := ParseSchemaFile([]byte(tt.file))
			require.NoError(t, err)
			for _, before := range []*Declaration{old, retired} {
				_, _, err = Merge(before, file)
				require.ErrorContains(t, err, tt.words)
			}
		})
	}
	t.Run("characteristics may change", func(t *testing.T) {
		_, diff, err := Merge(old, mustParseFile(t, base(typ, `{"name":"a","required":true,"mutability":"immutable","returned":"request","uniqueness":"server","description":"d"},{"name":"box","type":"complex","subAttributes":[{"name":"n","type":"integer","filterable":true}]}`)))
		require.NoError(t, err)
		require.Equal(t, SchemaDiff{Changed: []string{"urn:x:y:Thing:a", "urn:x:y:Thing:box.n"}}, diff)
	})
	t.Run("what was declared long ago counts", func(t *testing.T) {
		now := &Declaration{}
		var err error
		for round := range 3 {
			attrs := ""
			for i := range 400 {
				attrs += `{"name":"r` + itoa(round) + `a` + itoa(i) + `"},`
			}
			var next *Declaration
			if next, _, err = Merge(now, mustParseFile(t, thing(attrs+`{"name":"z"}`))); err != nil {
				break
			}
			now = next
		}
		require.ErrorContains(t, err, "can be kept; declare less")
	})
}

func TestSwitchedOff(t *testing.T) {
	off := func(names ...string) *Type {
		list := ""
		for i, n := range names {
			if i > 0 {
				list += ","
			}
			list += `"` + n + `"`
		}
		cat, err := mustParseFile(t, `{"attributesOff":[`+list+`]}`).Catalog()
		require.NoError(t, err)
		return cat.Type("User")
	}
	t.Run("SEC-A02 SCH-A06 as if it were unknown", func(t *testing.T) {
		typ := off(UserSchema+":ADDRESSES", UserSchema+":name.middleName", EnterpriseSchema+":costCenter")
		for _, body := range []string{`"addresses":[{"country":"DE"}]`, `"name":{"middleName":"M"}`, `"` + EnterpriseSchema + `":{"costCenter":"1"}`} {
			_, err := Parse(typ, []byte(`{"schemas":["`+UserSchema+`"],"userName":"u",`+body+`}`), Strict(), nil)
			refused(t, err, InvalidSyntax, "not an attribute of User")
		}
	})
	t.Run("with all parts the whole goes", func(t *testing.T) {
		typ := off(UserSchema+":photos.value", UserSchema+":photos.display", UserSchema+":photos.type", UserSchema+":photos.primary", EnterpriseSchema)
		require.Nil(t, typ.Root.Sub("photos"))
		require.Empty(t, typ.Containers)
		require.Empty(t, typ.Extensions)
	})
	t.Run("EXT-A12 the password costs a read nothing", func(t *testing.T) {
		typ := off(UserSchema + ":password")
		require.Nil(t, typ.Root.Sub("password"))
		require.True(t, typ.plain.splice)
	})
}

// TestWritten: what a write shows of what is returned on request.
func TestWritten(t *testing.T) {
	typ := customType(t)
	stored := `{"schemas":["urn:example:2.0:Device"],"serial":"s","secret":"x","notes":"n","label":"l","disks":[{"value":"v","log":"k"}]}`
	show := func(p *Projection) string {
		out, err := AppendResource(nil, &Resource{Type: typ, ID: "i", Stored: []byte(stored)}, acme, p)
		require.NoError(t, err)
		return string(out)
	}
	doc, err := Parse(typ, []byte(`{"schemas":["urn:example:2.0:Device"],"notes":"n","secret":"x"}`), Lenient(), nil)
	require.NoError(t, err)
	require.Contains(t, show(Written(doc)), `"serial":"s","notes":"n","label":"l","disks":[{"value":"v"}],"meta"`)
	p, err := ParsePatch(typ, patchBody(`{"op":"add","path":"disks","value":[{"value":"v","log":"k"}]}`), Lenient(), nil)
	require.NoError(t, err)
	require.Contains(t, show(p.Written()), `"serial":"s","label":"l","disks":[{"value":"v","log":"k"}],"meta"`)
	p, err = ParsePatch(typ, patchBody(`{"op":"remove","path":"notes"}`), Lenient(), nil)
	require.NoError(t, err)
	require.Equal(t, show(nil), show(p.Written()))
	user, _ := stockTypes(t)
	require.Nil(t, Written(NewDoc(user)), "the usual types have nothing of that kind")
}
