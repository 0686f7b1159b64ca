package scimcore

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files of discovery anew")

// golden compares JSON, indented for readers, with a file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Indent(&b, got, "", "  "))
	b.WriteByte('\n')
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
	require.NotContains(t, b.String(), "null")                            // SCH-25, and Entra's rule for /Schemas
	require.NotContains(t, b.String(), "[]")                              // SCH-25
	require.NotContains(t, b.String(), `"id": "urn:ietf:params:scim:api`) // DISC-10
}

func stockCatalog(t *testing.T) *Catalog {
	c, err := NewCatalog(UserType(), GroupType())
	require.NoError(t, err)
	return c
}

func TestDISC03_Config(t *testing.T) {
	full := Features{Patch: true, Bulk: true, Filter: true, Sort: true, ETag: true, MaxOperations: 1000, MaxPayloadSize: 1 << 20, MaxResults: 200,
		Cursor: true, Index: true, DefaultMethod: "index", DefaultPageSize: 100, MaxPageSize: 200, CursorTimeout: 3600, DocumentationURI: "https://docs.example/scim"}
	golden(t, "config.json", stockCatalog(t).AppendConfig(nil, acme, full))

	t.Run("DISC-04 DISC-05 CUR-13 all off", func(t *testing.T) {
		var got struct {
			Schemas                           []string
			Patch, ChangePassword, Sort, Etag struct{ Supported *bool }
			Bulk                              struct{ Supported, MaxOperations, MaxPayloadSize any }
			Filter                            struct{ Supported, MaxResults any }
			Pagination                        map[string]any
			AuthenticationSchemes             []struct{ Type, Name, Description string }
			DocumentationURI                  *string
		}
		require.NoError(t, json.Unmarshal(stockCatalog(t).AppendConfig(nil, acme, Features{}), &got))
		require.Equal(t, []string{ConfigSchema}, got.Schemas)
		for _, s := range []*bool{got.Patch.Supported, got.ChangePassword.Supported, got.Sort.Supported, got.Etag.Supported} {
			require.NotNil(t, s)
			require.False(t, *s)
		}
		require.Equal(t, []any{false, 0.0, 0.0}, []any{got.Bulk.Supported, got.Bulk.MaxOperations, got.Bulk.MaxPayloadSize})
		require.Equal(t, []any{false, 0.0}, []any{got.Filter.Supported, got.Filter.MaxResults})
		require.Equal(t, map[string]any{"cursor": false, "index": false}, got.Pagination)
		require.Len(t, got.AuthenticationSchemes, 1)
		require.Equal(t, "oauthbearertoken", got.AuthenticationSchemes[0].Type)
		require.NotEmpty(t, got.AuthenticationSchemes[0].Name)
		require.NotEmpty(t, got.AuthenticationSchemes[0].Description)
		require.Nil(t, got.DocumentationURI)
	})
}

func TestDISC11_ResourceTypes(t *testing.T) {
	c := stockCatalog(t)
	golden(t, "resource_types.json", c.AppendResourceTypes(nil, acme))
	one, ok := c.AppendResourceType(nil, acme, "user")
	require.True(t, ok)
	golden(t, "resource_type_user.json", one)
	_, ok = c.AppendResourceType(nil, acme, "Nothing") // DISC-07
	require.False(t, ok)
}

func TestDISC13_Schemas(t *testing.T) {
	c := stockCatalog(t)
	all := c.AppendSchemas(nil, acme)
	golden(t, "schemas.json", all)
	for _, urn := range []string{UserSchema, GroupSchema, EnterpriseSchema} { // DISC-06
		one, ok := c.AppendSchema(nil, acme, strings.ToUpper(urn))
		require.True(t, ok)
		require.Contains(t, string(all), string(one))
	}
	_, ok := c.AppendSchema(nil, acme, ErrorMessage)
	require.False(t, ok)

	t.Run("DISC-12 types name schemas that exist", func(t *testing.T) {
		for _, typ := range c.Types() {
			_, ok := c.AppendSchema(nil, acme, typ.Schema.ID)
			require.True(t, ok)
			for _, ext := range typ.Extensions {
				_, ok := c.AppendSchema(nil, acme, ext.Schema.ID)
				require.True(t, ok)
			}
		}
	})
	t.Run("HTTP-14 RES-18 custom types, an extension of two types once", func(t *testing.T) {
		ext := Extension{Schema: enterpriseUser()}
		rt := ResourceType{Name: "Bot", Endpoint: "Bots", Schema: Schema{ID: "urn:x:Bot", Name: "Bot", Attributes: []Attribute{{Name: "id"}, {Name: "nick"}}}, Extensions: []Extension{ext}}
		c, err := NewCatalog(UserType(), rt)
		require.NoError(t, err)
		all := string(c.AppendSchemas(nil, acme))
		require.Equal(t, 1, strings.Count(all, `"id":"`+EnterpriseSchema+`"`))
		require.Contains(t, all, `"totalResults":3`)
		one, ok := c.AppendSchema(nil, acme, "urn:x:Bot")
		require.True(t, ok)
		require.NotContains(t, string(one), `"name":"id"`) // DISC-14
		require.Contains(t, string(c.AppendResourceTypes(nil, acme)), `"endpoint":"/Bots"`)
	})
}
