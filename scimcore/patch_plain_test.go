package scimcore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPatchPlainElements patches multi-valued attributes whose elements are
// plain values, and other shapes only custom schemas have (RES-18).
func TestPatchPlainElements(t *testing.T) {
	c, err := NewCatalog(ResourceType{Name: "X", Endpoint: "Xs", Schema: Schema{ID: "urn:x", Name: "X", Attributes: []Attribute{
		{Name: "tags", MultiValued: true}, {Name: "flags", Type: Boolean, MultiValued: true}, {Name: "sizes", Type: Integer, MultiValued: true},
		{Name: "must", MultiValued: true, Required: true},
		{Name: "parts", Type: Complex, MultiValued: true, SubAttributes: []Attribute{
			{Name: "code", Mutability: Immutable}, {Name: "on", Type: Boolean}, {Name: "size", Type: Integer, Required: true}, {Name: "at", Type: DateTime}, {Name: "words", MultiValued: true}}},
	}}})
	require.NoError(t, err)
	x := c.Type("X")
	const start = `{"tags":["a","B"],"flags":[true],"sizes":[1,2],"must":["m"],"parts":[{"code":"c1","on":true,"size":1,"words":["w"]},{"code":"c2","size":2}]}`
	tests := []struct{ name, ops, want string }{
		{"PATCH-29 PATCH-30 append", `{"op":"add","path":"tags","value":["A","c","C"]}`, `"tags":["a","B","c"]`},
		{"PATCH-A08 one value", `{"op":"add","path":"sizes","value":3}`, `"sizes":[1,2,3]`},
		{"PATCH-30 a number in another spelling", `{"op":"add","path":"sizes[value eq 2.0]","value":2}`, `"sizes":[1,2]`},
		{"PATCH-35 by value", `{"op":"remove","path":"tags[value eq \"b\"]"}`, `"tags":["a"]`},
		{"PATCH-A10 by list", `{"op":"remove","path":"tags","value":["b"]}`, `"tags":["a"]`},
		{"PATCH-44 replaced in place", `{"op":"replace","path":"tags[value eq \"a\"]","value":"z"}`, `"tags":["z","B"]`},
		{"PATCH-44 number", `{"op":"replace","path":"sizes[value gt 0]","value":7}`, `"sizes":[7]`},
		{"PATCH-44 boolean", `{"op":"replace","path":"flags[value eq true]","value":false}`, `"flags":[false]`},
		{"PATCH-30 boolean", `{"op":"add","path":"flags","value":[true,false]}`, `"flags":[true,false]`},
		{"PATCH-A09 created", `{"op":"add","path":"tags[value eq \"n\"]","value":"n"}`, `"tags":["a","B","n"]`},
		{"multi-valued sub-attribute", `{"op":"replace","path":"parts[code eq \"c2\"].words","value":["x","y"]}`, `{"code":"c2","size":2,"words":["x","y"]}`},
		{"PATCH-26 a part that is absent", `{"op":"add","path":"parts[size eq 2].at","value":"2026-01-01T01:00:00+01:00"}`, `"at":"2026-01-01T00:00:00.000Z"`},
		{"PATCH-A09 terms of every type", `{"op":"add","path":"parts[at eq \"2026-01-01T00:00:00Z\" and on eq false and code eq \"n\"].size","value":9}`, `{"code":"n","on":false,"size":9,"at":"2026-01-01T00:00:00.000Z"}`},
		{"PATCH-44 an element keeps its immutable part", `{"op":"replace","path":"parts[code eq \"c1\"]","value":{"code":"c1","size":5}}`, `"parts":[{"code":"c1","size":5},{"code":"c2","size":2}]`},
		{"FLT-09 any depth", `{"op":"remove","path":"parts[words eq \"w\"]"}`, `"parts":[{"code":"c2","size":2}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := patchTest{t: x, d: Lenient()}
			got, err := p.run(t, start, tt.ops)
			require.NoError(t, err)
			require.Contains(t, got, tt.want)
		})
	}
	bad := []struct {
		name, ops string
		typ       ErrorType
	}{
		{"PATCH-46 another value than asked for", `{"op":"add","path":"tags[value eq \"n\"]","value":"m"}`, NoTarget},
		{"PATCH-38 last element of a required attribute", `{"op":"remove","path":"must[value eq \"M\"]"}`, Mutable},
		{"PATCH-38 by list", `{"op":"remove","path":"must","value":["m"]}`, Mutable},
		{"PATCH-38 by []", `{"op":"replace","path":"must","value":[]}`, Mutable},
		{"PATCH-38 required part", `{"op":"remove","path":"parts[code eq \"c1\"].size"}`, Mutable},
		{"PATCH-11 immutable part set", `{"op":"replace","path":"parts[size eq 1].code","value":"z"}`, Mutable},
		{"PATCH-11 immutable part removed", `{"op":"remove","path":"parts.code"}`, Mutable},
		{"PATCH-11 immutable part replaced", `{"op":"replace","path":"parts[size eq 1]","value":{"code":"z","size":1}}`, Mutable},
		{"PATCH-11 immutable part merged", `{"op":"add","path":"parts[size eq 1]","value":{"code":"z"}}`, Mutable},
		{"PATCH-12 a created term of the wrong shape", `{"op":"add","path":"parts[size eq 1.5].on","value":true}`, InvalidValue},
	}
	for _, tt := range bad {
		t.Run(tt.name, func(t *testing.T) {
			p := patchTest{t: x, d: Lenient()}
			_, err := p.run(t, start, tt.ops)
			refused(t, err, tt.typ)
		})
	}
}
