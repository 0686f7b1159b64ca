package scimcore

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stockTypes are the types every tenant has.
func stockTypes(tb testing.TB) (user, group *Type) {
	tb.Helper()
	c, err := NewCatalog(UserType(), GroupType())
	require.NoError(tb, err)
	return c.Type("User"), c.Type("Group")
}

// customType has every data type and every characteristic that User and Group lack.
func customType(tb testing.TB) *Type {
	tb.Helper()
	c, err := NewCatalog(ResourceType{
		Name: "Device", Endpoint: "Devices", Description: "A device",
		Schema: Schema{ID: "urn:example:2.0:Device", Name: "Device", Attributes: []Attribute{
			{Name: "serial", Required: true, Mutability: Immutable, CaseExact: true},
			{Name: "model", Mutability: Immutable},
			{Name: "ports", Type: Integer, MultiValued: true, Mutability: Immutable},
			{Name: "weight", Type: Decimal},
			{Name: "slots", Type: Integer},
			{Name: "bought", Type: DateTime},
			{Name: "key", Type: Binary},
			{Name: "page", Type: Reference, ReferenceTypes: []string{"external"}},
			{Name: "tags", MultiValued: true},
			{Name: "managed", Type: Boolean, Default: "false"},
			{Name: "secret", Mutability: WriteOnly, Returned: ReturnedNever},
			{Name: "notes", Returned: ReturnedRequest},
			{Name: "state", Mutability: ReadOnly},
			{Name: "label", Returned: ReturnedAlways},
			{Name: "disks", Type: Complex, MultiValued: true, SubAttributes: []Attribute{
				{Name: "value", Returned: ReturnedAlways}, {Name: "type"}, {Name: "size", Type: Integer, Required: true},
				{Name: "primary", Type: Boolean}, {Name: "log", Returned: ReturnedRequest},
			}},
			{Name: "owner", Type: Complex, SubAttributes: []Attribute{
				{Name: "value", Required: true}, {Name: "name", Mutability: ReadOnly}, {Name: "since", Mutability: Immutable},
			}},
		}},
		Extensions: []Extension{
			{Required: true, Schema: Schema{ID: "urn:example:ext:Site", Name: "Site", Attributes: []Attribute{
				{Name: "room", Required: true}, {Name: "floor", Type: Integer}, {Name: "tags"},
			}}},
			{Schema: Schema{ID: "urn:example:ext:Site:Lab", Name: "Lab", Attributes: []Attribute{
				{Name: "bench"}, {Name: "floor", Type: Integer}, {Name: "open", Type: Boolean, Default: "true"},
			}}},
		},
	})
	require.NoError(tb, err)
	return c.Types()[0]
}

// parsed is the body as a Doc; Lenient, and finished.
func parsed(tb testing.TB, t *Type, body string) *Doc {
	tb.Helper()
	doc, err := Parse(t, []byte(body), Lenient(), nil)
	require.NoError(tb, err)
	require.NoError(tb, Finish(doc, Lenient()))
	return doc
}

// refused wants an *Error of that type with all the words in its detail.
func refused(tb testing.TB, err error, typ ErrorType, words ...string) {
	tb.Helper()
	var e *Error
	require.ErrorAs(tb, err, &e)
	require.Equal(tb, 400, e.Status, e.Detail)
	require.Equal(tb, typ, e.Type, e.Detail)
	for _, w := range words {
		require.Contains(tb, e.Detail, w)
	}
}

// TestRESA08_Characteristics compares the literals with a table written from the
// RFC, in both directions: nothing differs, nothing is missing, nothing is extra.
func TestRESA08_Characteristics(t *testing.T) {
	raw, err := os.ReadFile("testdata/characteristics.txt")
	require.NoError(t, err)
	want := map[string][]string{}
	section := ""
	for _, line := range strings.Split(string(raw), "\n") {
		switch {
		case strings.HasPrefix(line, "## "):
			section = line[3:]
		case line != "" && line[0] != '#':
			want[section] = append(want[section], line)
		}
	}
	got := map[string][]string{}
	for _, rt := range []ResourceType{UserType(), GroupType()} {
		got[rt.Schema.Name] = describe(nil, "", rt.Schema.Attributes)
		for _, ext := range rt.Extensions {
			require.False(t, ext.Required)
			got[ext.Schema.Name] = describe(nil, "", ext.Schema.Attributes)
		}
	}
	require.Equal(t, want, got)
}

func describe(lines []string, prefix string, attrs []Attribute) []string {
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	list := func(s []string) string {
		if len(s) == 0 {
			return "-"
		}
		return strings.Join(s, ",")
	}
	for _, a := range attrs {
		caseExact, unique := yes(a.CaseExact), a.Uniqueness.String()
		if a.Type == Complex || a.Type == Boolean {
			if a.CaseExact || a.Uniqueness != UniquenessNone {
				caseExact = "WRONG"
			} else {
				caseExact, unique = "-", "-"
			}
		}
		lines = append(lines, strings.Join([]string{prefix + a.Name, a.Type.String(), yes(a.MultiValued), yes(a.Required), caseExact,
			a.Mutability.String(), a.Returned.String(), unique, list(a.ReferenceTypes), list(a.CanonicalValues)}, " "))
		lines = describe(lines, prefix+a.Name+".", a.SubAttributes)
	}
	return lines
}

func TestCatalog_RefusesWhatTheRFCForbids(t *testing.T) {
	with := func(change func(*ResourceType)) ResourceType {
		rt := ResourceType{Name: "Thing", Endpoint: "Things", Schema: Schema{ID: "urn:x:Thing"}}
		change(&rt)
		return rt
	}
	attr := func(a Attribute) ResourceType {
		return with(func(rt *ResourceType) { rt.Schema.Attributes = []Attribute{a} })
	}
	for name, rt := range map[string]ResourceType{
		"SCH-01 digit first":        attr(Attribute{Name: "1abc"}),
		"SCH-01 dot":                attr(Attribute{Name: "a.b"}),
		"SCH-20 complex in complex": attr(Attribute{Name: "a", Type: Complex, SubAttributes: []Attribute{{Name: "b", Type: Complex}}}),
		"schema id with a quote":    with(func(rt *ResourceType) { rt.Schema.ID = `urn:x:"` }),
		"schema id empty":           with(func(rt *ResourceType) { rt.Schema.ID = "" }),
		"extension twice": with(func(rt *ResourceType) {
			rt.Extensions = []Extension{{Schema: Schema{ID: "urn:x:e"}}, {Schema: Schema{ID: "URN:X:E"}}}
		}),
		"default of another type": attr(Attribute{Name: "a", Type: Boolean, Default: `"x"`}),
		"default that is no JSON": attr(Attribute{Name: "a", Default: `x`}),
		"default of a part":       attr(Attribute{Name: "a", Type: Complex, SubAttributes: []Attribute{{Name: "b", Default: `"x"`}}}),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewCatalog(rt)
			require.Error(t, err)
		})
	}
	t.Run("SCH-04 defaults, SCH-15 SCH-17 case by type, DISC-14 common attributes win", func(t *testing.T) {
		c, err := NewCatalog(with(func(rt *ResourceType) {
			rt.Schema.Attributes = []Attribute{{Name: "id"}, {Name: "plain"}, {Name: "ref", Type: Reference}, {Name: "bin", Type: Binary}}
		}))
		require.NoError(t, err)
		root := c.Types()[0].Root
		require.Equal(t, Attribute{Name: "plain"}, root.Sub("plain").Attribute)
		require.Equal(t, ReadOnly, root.Sub("id").Mutability)
		require.True(t, root.Sub("ref").CaseExact)
		require.True(t, root.Sub("bin").CaseExact)
	})
}
