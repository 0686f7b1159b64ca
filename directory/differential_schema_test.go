package directory_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"scimedge/directory"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// The reference model of the differential tests: slow, obvious, on JSON maps,
// written from RFC 7643 and RFC 7644, and without a line in common with
// scimcore. Where the texts leave something open, the decision stands in a
// comment that begins with "Decided".

type object = map[string]any

const (
	coreUser   = "urn:ietf:params:scim:schemas:core:2.0:User"
	coreGroup  = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	custom     = "urn:example:params:scim:schemas:staff:1.5:User" // numbers and times, which the standard's User lacks
)

// attribute is one line of a schema (RFC 7643, section 8.7.1).
type attribute struct {
	name, kind                       string // kind "" is a string
	urn                              string // of the extension it belongs to; "" for the core and the common ones
	multi, exact, required, readOnly bool
	immutable                        bool
	subs                             []*attribute
	parent                           *attribute
}

func (a *attribute) sub(name string) *attribute {
	for _, s := range a.subs {
		if strings.EqualFold(s.name, name) {
			return s
		}
	}
	return nil
}

func multiValued(name string) *attribute {
	return &attribute{name: name, kind: "complex", multi: true, subs: []*attribute{
		{name: "value"}, {name: "display"}, {name: "type"}, {name: "primary", kind: "boolean"},
	}}
}

func common() []*attribute {
	return []*attribute{
		{name: "schemas", kind: "reference", multi: true, exact: true},
		{name: "id", exact: true, readOnly: true},
		{name: "externalId", exact: true},
		{name: "meta", kind: "complex", readOnly: true, subs: []*attribute{
			{name: "resourceType", exact: true}, {name: "created", kind: "dateTime"}, {name: "lastModified", kind: "dateTime"},
			{name: "location", kind: "reference", exact: true}, {name: "version", exact: true},
		}},
	}
}

// userModel and groupModel are what the tests know of the two types.
func userModel() []*attribute {
	return linked(append(common(), []*attribute{
		{name: "userName", required: true},
		{name: "name", kind: "complex", subs: []*attribute{{name: "formatted"}, {name: "familyName"}, {name: "givenName"}}},
		{name: "displayName"}, {name: "nickName"}, {name: "title"},
		{name: "profileUrl", kind: "reference", exact: true},
		{name: "active", kind: "boolean"},
		multiValued("emails"), multiValued("roles"),
		{name: "addresses", kind: "complex", multi: true, subs: []*attribute{{name: "region"}, {name: "country"}, {name: "type"}}},
		{name: "groups", kind: "complex", multi: true, readOnly: true, subs: []*attribute{
			{name: "value"}, {name: "$ref", kind: "reference", exact: true}, {name: "display"}, {name: "type"},
		}},
		{name: "department", urn: enterprise}, {name: "employeeNumber", urn: enterprise},
		{name: "manager", urn: enterprise, kind: "complex", subs: []*attribute{{name: "value", exact: true}, {name: "displayName", readOnly: true}}},
		{name: "badge", urn: custom, kind: "integer"}, {name: "weight", urn: custom, kind: "decimal"},
		{name: "hired", urn: custom, kind: "dateTime"}, {name: "contractor", urn: custom, kind: "boolean"},
		{name: "tags", urn: custom, multi: true}, {name: "code", urn: custom, immutable: true, exact: true},
	}...))
}

func groupModel() []*attribute {
	return linked(append(common(), []*attribute{
		{name: "displayName", required: true},
		{name: "members", kind: "complex", multi: true, subs: []*attribute{
			{name: "value", immutable: true}, {name: "$ref", kind: "reference", exact: true, immutable: true},
			{name: "type", immutable: true}, {name: "display", immutable: true},
		}},
	}...))
}

func linked(attrs []*attribute) []*attribute {
	for _, a := range attrs {
		for _, s := range a.subs {
			s.parent, s.urn = a, a.urn
		}
	}
	return attrs
}

func staffSchema() scimcore.Extension {
	return scimcore.Extension{Schema: scimcore.Schema{ID: custom, Name: "Staff", Attributes: []scimcore.Attribute{
		{Name: "badge", Type: scimcore.Integer}, {Name: "weight", Type: scimcore.Decimal}, {Name: "hired", Type: scimcore.DateTime},
		{Name: "contractor", Type: scimcore.Boolean}, {Name: "tags", MultiValued: true}, {Name: "code", CaseExact: true, Mutability: scimcore.Immutable},
	}}}
}

// differentialWorld is a directory with the custom extension and a clock that
// ticks an hour a look.
func differentialWorld(t *testing.T, d scimcore.Dialect) *world {
	user := scimcore.UserType()
	user.Extensions = append(user.Extensions, staffSchema())
	cat, err := scimcore.NewCatalog(user, scimcore.GroupType())
	require.NoError(t, err)
	now := time.Date(2024, 2, 28, 20, 0, 0, 0, time.UTC)
	clock := func() time.Time { now = now.Add(time.Hour); return now }
	store := memkv.New(memkv.Options{})
	w := &world{
		Directory: directory.New(store, tenant, cat, directory.Options{Dialect: d, Clock: clock}), TB: t, store: store,
		user: cat.Type("User"), group: cat.Type("Group"), dialect: d,
	}
	t.Cleanup(func() { w.consistent() })
	return w
}

// differential runs cases in parallel parts, each with its own random numbers.
// DIFFERENTIAL_SEED and DIFFERENTIAL_CASES ask for others and for more.
func differential(t *testing.T, part func(t *testing.T, rnd *rand.Rand, number, cases int)) {
	number := func(name string, value int) int {
		if s := os.Getenv(name); s != "" {
			n, err := strconv.Atoi(s)
			require.NoError(t, err, name)
			return n
		}
		return value
	}
	const parts = 8
	seed, cases := number("DIFFERENTIAL_SEED", 1), number("DIFFERENTIAL_CASES", 10_000)
	for i := range parts {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			t.Logf("DIFFERENTIAL_SEED=%d DIFFERENTIAL_CASES=%d", seed, cases)
			part(t, rand.New(rand.NewPCG(uint64(seed), uint64(i))), i, cases/parts)
		})
	}
}

// folded is a text for comparison that does not look at case: RFC 7643, section
// 2.2, with the preparation of RFC 8265 for what is no ASCII.
func folded(s string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFD.String(width.Fold.String(s))))
}

func oneOf[T any](rnd *rand.Rand, list ...T) T { return list[rnd.IntN(len(list))] }

// chance is true once in n times.
func chance(rnd *rand.Rand, n int) bool { return rnd.IntN(n) == 0 }

// spelled varies the case of a name, which never matters.
func spelled(rnd *rand.Rand, name string) string {
	switch rnd.IntN(8) {
	case 0:
		return strings.ToUpper(name)
	case 1:
		return strings.ToLower(name)
	}
	return name
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// texts are few, so that values meet; some differ in case, width or spelling only.
func texts() []string {
	return []string{"a", "A", "ab", "AB", "aba", "b", "Ba", "Zoë", "ZOE\u0308", "straße", "STRASSE", "\uff21b", "a b", "\"q\\"}
}

func anyText(rnd *rand.Rand) string { return oneOf(rnd, texts()...) }

// draw makes a value of an attribute that is neither complex nor multi-valued.
func (a *attribute) draw(rnd *rand.Rand) any {
	switch a.kind {
	case "boolean":
		return chance(rnd, 2)
	case "integer":
		return json.Number(oneOf(rnd, "0", "-2", "-1", "1", "7", "9007199254740992", "9007199254740993"))
	case "decimal":
		return json.Number(oneOf(rnd, "0", "-1.5", "-0.5", "1", "1.0", "1.50", "1.5", "1e2", "100", "0.1e-2"))
	case "dateTime":
		return oneOf(rnd, "2024-02-29T12:00:00Z", "2024-02-29T14:00:00+02:00", "2024-02-29T11:59:59.999Z", "2024-03-01T00:00:00Z")
	case "reference":
		return oneOf(rnd, "https://a.example/", "https://A.example/", "https://a.example/b")
	}
	if a.name == "type" {
		return oneOf(rnd, "work", "Work", "home")
	}
	if a.name == "country" {
		return oneOf(rnd, "DE", "de", "US")
	}
	return anyText(rnd)
}
