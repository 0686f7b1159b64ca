package scimcore

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLeniencies_EveryOptionOnce: the table names each field of a Dialect, and a
// name switches that field and no other.
func TestLeniencies_EveryOptionOnce(t *testing.T) {
	typ := reflect.TypeFor[Dialect]()
	list := Leniencies()
	require.Len(t, list, typ.NumField(), "an option is missing from the table")
	word := regexp.MustCompile(`[A-Z][a-z]+|ID`)
	for i, l := range list {
		var parts []string
		for _, w := range word.FindAllString(typ.Field(i).Name, -1) {
			parts = append(parts, strings.ToLower(w))
		}
		require.Equal(t, strings.Join(parts, "_"), l.Name)
		require.NotEmpty(t, l.About)
		d := Strict()
		l.Set(&d, true)
		require.True(t, l.On(d))
		fields := reflect.ValueOf(d)
		for j := range typ.NumField() {
			require.Equal(t, i == j, fields.Field(j).Bool(), "%s sets %s", l.Name, typ.Field(j).Name)
		}
		l.Set(&d, false)
		require.Equal(t, Strict(), d)
	}
	all := reflect.ValueOf(Lenient())
	for i := range typ.NumField() {
		require.True(t, all.Field(i).Bool(), typ.Field(i).Name)
	}
}

// TestLeniencies_AreDocumented: the reference has a row for each, in this order.
func TestLeniencies_AreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/leniency.md")
	require.NoError(t, err)
	var rows []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllSubmatch(page, -1) {
		rows = append(rows, string(m[1]))
	}
	require.Equal(t, LeniencyNames(), rows)
}
