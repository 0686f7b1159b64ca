package conformance

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/bench/scimclient"
	matrix "scimedge/internal/conformance"
)

// TestTheTables: every check has an id of its own in the section it stands in, says
// all a report needs, and names a requirement of the matrix that is at least as
// binding.
func TestTheTables(t *testing.T) {
	rows, err := matrix.Matrix()
	require.NoError(t, err)
	levels := map[string]string{}
	for _, r := range rows {
		levels[r.ID] = r.Level
	}
	form := regexp.MustCompile(`^[A-Z]+-A?\d\d(\.[A-Za-z0-9]+)?$`)
	seen := map[string]bool{}
	total := 0
	for _, s := range sections() {
		require.NotEmpty(t, s.checks, s.key)
		for _, c := range s.checks {
			total++
			require.Regexp(t, form, c.id)
			require.False(t, seen[c.id], "%s is there twice", c.id)
			seen[c.id] = true
			require.Equal(t, s.key, c.section(), c.id)
			require.NotEmpty(t, c.ref, c.id)
			require.NotEmpty(t, c.title, c.id)
			require.False(t, strings.HasSuffix(c.title, "."), "%s: a title is no sentence with a full stop", c.id)
			require.True(t, strings.HasSuffix(c.cure, ".") || strings.HasSuffix(c.cure, ")"), "%s: what to do is a sentence: %q", c.id, c.cure)
			require.NotNil(t, c.run, c.id)
			requirement, _, _ := strings.Cut(c.id, ".")
			if n, ok := strings.CutPrefix(requirement, "IDP-"); ok {
				require.Equal(t, Field, c.level, c.id)
				require.Equal(t, "FIELD", levels["idp-"+strings.TrimPrefix(n, "0")], "%s is no row of the matrix", c.id)
				continue
			}
			require.Contains(t, levels, requirement, "%s is no row of the matrix", c.id)
			require.Contains(t, []Level{Must, Should, May}, c.level, c.id)
			if lower := []string{"SHOULD", "SHOULD NOT", "MAY"}; c.level == Must {
				if slices.Contains(lower, levels[requirement]) {
					t.Errorf("%s is stricter than its requirement", c.id)
				}
			}
		}
	}
	require.Greater(t, total, 400)
}

// TestNeeds: a need that nothing knows would skip or ask at random.
func TestNeeds(t *testing.T) {
	known := []string{"patch", "bulk", "filter", "sort", "etag", "cursor", "groups", "enterprise", "me", "search", "root"}
	attribute := regexp.MustCompile(`^(User|Group)\.[a-zA-Z]+(\.[a-zA-Z]+)?\??$`)
	for _, s := range sections() {
		for _, c := range s.checks {
			for need := range strings.FieldsSeq(c.needs) {
				require.True(t, slices.Contains(known, need) || attribute.MatchString(need), "%s: %s", c.id, need)
			}
		}
	}
}

func TestFailing(t *testing.T) {
	for _, c := range []struct {
		level Level
		soft  bool
		want  Status
	}{
		{Must, false, Failed}, {Must, true, Warned}, {Should, false, Warned}, {Should, true, Noted},
		{Field, false, Warned}, {Field, true, Noted}, {May, false, Noted}, {May, true, Noted},
	} {
		require.Equal(t, c.want, c.level.failing(c.soft), "%s, soft %v", c.level, c.soft)
	}
}

func TestOffer(t *testing.T) {
	o := &offer{
		config: map[string]any{"patch": map[string]any{"supported": true}, "bulk": map[string]any{"supported": false}, "sort": map[string]any{"supported": "true"}},
		types:  []scimclient.Object{{"endpoint": "/Users", "schemaExtensions": []any{map[string]any{"schema": strings.ToUpper(enterpriseURN)}}}},
		schemas: map[string]scimclient.Object{userURN: {"attributes": []any{
			map[string]any{"name": "title", "required": true},
			map[string]any{"name": "name", "subAttributes": []any{map[string]any{"name": "givenName"}}},
		}}},
		answers: map[string]int{"me": 501, "search": 200, "root": 404},
	}
	for need, offered := range map[string]bool{
		"patch": true, "bulk": false, "etag": false, "cursor": false, "groups": false, "enterprise": true, "me": false, "search": true, "root": false,
		"User.title": true, "User.title?": false, "User.name.givenName?": true, "User.name.familyName": false, "User.nickName": false,
		"User.externalId": true, "Group.members": true, // of a schema that cannot be read nothing is known
	} {
		require.Equal(t, offered, o.lacks(need) == "", need)
	}
}

func TestSample(t *testing.T) {
	r := &runner{prefix: "p", offer: &offer{schemas: map[string]scimclient.Object{userURN: {"attributes": []any{
		map[string]any{"name": "title", "type": "string", "required": true},
		map[string]any{"name": "costs", "type": "decimal", "required": true},
		map[string]any{"name": "id", "type": "string", "required": true, "mutability": "readOnly"},
		map[string]any{"name": "kind", "type": "string", "required": true, "canonicalValues": []any{"staff", "guest"}},
		map[string]any{"name": "nickName", "type": "string", "required": false},
		map[string]any{"name": "emails", "type": "complex", "multiValued": true, "required": true, "subAttributes": []any{
			map[string]any{"name": "value", "type": "string"}, map[string]any{"name": "primary", "type": "boolean", "required": true}, map[string]any{"name": "display", "type": "string"},
		}},
	}}}}}
	b := r.userBody(fields{"title": nil})
	require.Equal(t, fields{
		"schemas": []any{userURN}, "userName": "p-1@example.com", "costs": 1.5, "kind": "staff",
		"emails": []any{fields{"value": "p-1@example.com", "primary": true}},
	}, b)
}
