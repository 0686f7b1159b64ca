package scimcore

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPATCHA14_HostileBodies asks that a body costs time in proportion to its
// size, whatever it holds: comparing all elements with all would take minutes here.
func TestPATCHA14_HostileBodies(t *testing.T) {
	user, group := stockTypes(t)
	list := func(n int, element string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ","+element, i)
		}
		return "[" + b.String()[1:] + "]"
	}
	emails := list(20_000, `{"value":"v%d","type":"work"}`)
	same := list(20_000, `{"value":"v","display":"%d"}`)
	types := list(20_000, `{"value":"v","type":"t%d"}`)
	addresses := list(20_000, `{"region":"r%d"}`)
	keys := "{" + strings.Trim(list(50_000, `"foo%d":1`), "[]") + "}"
	tests := []struct {
		typ  *Type
		name string
		ops  string
	}{
		{user, "many elements, added twice", `{"op":"add","path":"emails","value":` + emails + `},{"op":"add","path":"emails","value":` + emails + `}`},
		{user, "one value, many types", `{"op":"add","path":"emails","value":` + types + `},{"op":"add","path":"emails","value":` + same + `}`},
		{user, "elements without value", `{"op":"add","path":"addresses","value":` + addresses + `},{"op":"remove","path":"addresses","value":` + addresses + `}`},
		{user, "removed one and all", `{"op":"add","path":"emails","value":` + emails + `},{"op":"remove","path":"emails[value sw \"v1\"]"},{"op":"remove","path":"emails","value":` + emails + `}`},
		{user, "replaced and merged", `{"op":"add","path":"emails","value":` + emails + `},{"op":"replace","path":"emails[type eq \"work\"].display","value":"x"},{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"x"}}`},
		{user, "unknown keys", `{"op":"replace","value":` + keys + `}`},
		{group, "unknown keys of a group", `{"op":"replace","value":` + keys + `}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			patch, err := ParsePatch(tt.typ, patchBody(tt.ops), Lenient(), new(Notes))
			require.NoError(t, err)
			doc := NewDoc(tt.typ)
			require.NoError(t, patch.Apply(Target{Doc: doc, Dialect: Lenient(), Sets: newMemSet().sets}))
		})
	}
}

// PATCH-A14: what one patch may look at is bounded, and so is what the patches of
// one request may.
func TestPATCHA14_Looks(t *testing.T) {
	user, group := stockTypes(t)
	const elements = 400
	var b strings.Builder
	for i := range elements {
		fmt.Fprintf(&b, `,{"value":"v%d"}`, i)
	}
	list := "[" + b.String()[1:] + "]"
	looks := 0
	apply := func(typ *Type, path, op string, n int) error {
		patch, err := ParsePatch(typ, patchBody(`{"op":"add","path":"`+path+`","value":`+list+`}`+strings.Repeat(","+op, n)), Lenient(), nil)
		require.NoError(t, err)
		return patch.Apply(Target{Doc: NewDoc(typ), Dialect: Lenient(), Sets: newMemSet().sets, Looks: &looks})
	}
	for _, c := range []struct {
		typ      *Type
		path, op string
		each     int // looks of one operation
	}{
		{user, "emails", `{"op":"add","path":"emails","value":{"value":"v7"}}`, elements},
		{user, "emails", `{"op":"replace","path":"emails[value eq \"v1\"].display","value":"d"}`, elements},
		{user, "emails", `{"op":"remove","path":"emails[value eq \"x\" or value eq \"y\"]"}`, 2 * elements},
		{user, "emails", `{"op":"remove","path":"emails","value":[{"value":"x"}]}`, elements},
		{group, "members", `{"op":"remove","path":"members[display eq \"x\"]"}`, elements},
	} {
		fits := maxLooks / c.each
		looks = 10 * maxLooks
		require.NoError(t, apply(c.typ, c.path, c.op, fits), c.op)
		err := apply(c.typ, c.path, c.op, fits+1)
		require.ErrorContains(t, err, "200000 comparisons", c.op)
		require.Equal(t, TooMany, err.(*Error).Type)
		looks = 5*c.each - 1
		require.NoError(t, apply(c.typ, c.path, c.op, 2))
		err = apply(c.typ, c.path, c.op, 3)
		require.ErrorContains(t, err, "requests of their own", c.op)
		require.Equal(t, TooMany, err.(*Error).Type)
	}
}
