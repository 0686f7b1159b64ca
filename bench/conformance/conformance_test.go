package conformance_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/bench/conformance"
	"scimedge/tenancy"
)

// deviations is where the server knowingly answers in another way than a check
// prefers, and why.
func deviations(profile string) map[string]string {
	const (
		pathless = "the strict profile follows the interop profile: one operation with a path for each attribute (docs/reference/leniency.md, PathlessPatch)"
		lenient  = "the strict profile switches the leniency for this provider off (docs/reference/leniency.md)"
	)
	if profile == "lenient" {
		return map[string]string{"PATCH-03.object": "one operation that is not in a list is read as a list of one, as every list is (BareElement)"}
	}
	return map[string]string{
		"PATCH-25": pathless, "PATCH-13.object": pathless, "PATCH-40": pathless, "PATCH-A04": pathless, "IDP-07": pathless,
		"IDP-20": pathless, "IDP-21": pathless, "IDP-33": pathless,
		"PATCH-43":     "the strict profile replaces the whole of a complex attribute, as the interop profile has it (MergeComplex)",
		"IDP-03.patch": lenient, "IDP-03.create": lenient, "IDP-04.make": lenient, "IDP-05": lenient, "IDP-06.create": lenient,
		"IDP-06.patch": lenient, "IDP-08": lenient, "IDP-15": lenient,
	}
}

// TestOurServer: everything passes, or is listed with its reason.
func TestOurServer(t *testing.T) {
	for _, profile := range []string{"lenient", "strict"} {
		t.Run(profile, func(t *testing.T) {
			x := newTarget(t)
			x.SetProfile(t, profile)
			rep := x.run(t, x.url)
			known := deviations(profile)
			got := outcomes(rep)
			for _, s := range rep.Sections {
				for _, c := range s.Checks {
					if got[c.ID] != "" && known[c.ID] == "" {
						t.Errorf("%s %s %s: expected %s, got %s", c.Status, c.ID, c.Title, c.Expected, c.Got)
					}
				}
			}
			for id := range known {
				if got[id] == "" {
					t.Errorf("%s passes: take it out of the list of deviations", id)
				}
			}
			require.Empty(t, rep.LeftBehind)
			for _, path := range []string{"/Users", "/Groups"} {
				x.Get(t, path+"?count=0").Status(http.StatusOK).Has("totalResults", 0)
			}
		})
	}
}

// TestEveryCheckIsAsked: the server offers everything; only /Me needs a token that
// stands for a user.
func TestEveryCheckIsAsked(t *testing.T) {
	x := newTarget(t)
	var missing []string
	for _, s := range x.run(t, x.url).Sections {
		for _, c := range s.Checks {
			if c.Status == conformance.NotOffered {
				missing = append(missing, c.ID)
			}
		}
	}
	require.Equal(t, []string{"ME-03"}, missing)

	ada := x.CreateUser(t, "ada@example.com")
	x.Tenant = x.WithToken(t, tenancy.NewToken{Name: "ada", User: ada})
	rep := x.run(t, x.url, "ME")
	require.Equal(t, 3, rep.Counts.Passed, rep.Verdict)
}

// TestOnly: a section, a requirement and a single check can be chosen.
func TestOnly(t *testing.T) {
	x := newTarget(t)
	rep := x.run(t, x.url, "etag-04", "flt-01.EQ", "ME")
	var ids []string
	for _, s := range rep.Sections {
		for _, c := range s.Checks {
			ids = append(ids, c.ID)
		}
	}
	require.Equal(t, []string{"FLT-01.eq", "ETAG-04.same", "ETAG-04.weak", "ETAG-04.other", "ME-01.get", "ME-01.patch", "ME-03"}, ids)
	_, err := conformance.Run(t.Context(), conformance.Options{URL: x.url, Token: x.Token, Only: []string{"PATCH", "NOPE"}})
	require.ErrorIs(t, err, conformance.ErrUnknownCheck)
	require.ErrorContains(t, err, `"NOPE"`)
}

func TestWhatCannotBeChecked(t *testing.T) {
	x := newTarget(t)
	_, err := conformance.Run(t.Context(), conformance.Options{URL: "http://scim.example/scim/v2", Token: "x"})
	require.ErrorIs(t, err, conformance.ErrRemote)
	_, err = conformance.Run(t.Context(), conformance.Options{URL: x.url, Host: x.Host, Token: "scim_wrong"})
	require.ErrorContains(t, err, "refuses this token")
	_, err = conformance.Run(t.Context(), conformance.Options{URL: "http://" + x.Addr + "/scim/v2", Host: "nobody.test", Token: x.Token})
	require.ErrorContains(t, err, "is this the SCIM base URL")
	_, err = conformance.Run(t.Context(), conformance.Options{URL: "http://127.0.0.1:1/scim/v2", Token: "x"})
	require.ErrorContains(t, err, "connection refused")
}

// TestServerThatDemandsMore: required attributes and extensions of the server's own
// are filled in, as its schemas describe them.
func TestServerThatDemandsMore(t *testing.T) {
	demands := []string{"title", "nickName", "emails"}
	x := newTarget(t, func(next send, c call) reply {
		if c.method == http.MethodPost && c.path == "/Users" {
			o := reply{body: c.body}.object()
			for _, name := range demands {
				if o[name] == nil {
					return scimError(http.StatusBadRequest, "invalidValue")
				}
			}
		}
		r := next(c)
		if c.path != "/Schemas" {
			return r
		}
		o := r.object()
		for _, s := range o["Resources"].([]any) {
			for _, a := range s.(map[string]any)["attributes"].([]any) {
				if a := a.(map[string]any); slices.Contains(demands, a["name"].(string)) {
					a["required"] = true
				}
			}
		}
		return r.with(o)
	})
	got := outcomes(x.run(t, x.url, "CRT", "GET", "PUT", "DEL", "SCH", "RES", "PAG", "FLT", "PRJ", "PATCH-33", "PATCH-37", "PATCH-41", "IDP-17"))
	require.Empty(t, slices.Sorted(maps.Keys(got)))
}

// TestBlocked: where a group cannot be made, the checks about groups do not fail
// one by one; they say that they did not get to their question.
func TestBlocked(t *testing.T) {
	x := newTarget(t, func(next send, c call) reply {
		if c.method == http.MethodPost && c.path == "/Groups" {
			return scimError(http.StatusForbidden, "")
		}
		return next(c)
	})
	rep := x.run(t, x.url, "PATCH-29")
	require.Equal(t, map[string]conformance.Status{"PATCH-29.member": conformance.Blocked}, outcomes(rep))
	require.False(t, rep.Counts.OK())
	require.Equal(t, "2 checks: 1 passed, 0 failed, 0 warnings, 1 blocked", rep.Verdict)
}

// TestBlocked_TooMany: a server that will not read so much for a filter has not
// shown that it cannot filter.
func TestBlocked_TooMany(t *testing.T) {
	for scimType, want := range map[string]conformance.Status{"tooMany": conformance.Blocked, "invalidFilter": conformance.Failed} {
		x := newTarget(t, func(next send, c call) reply {
			if strings.Contains(c.query.Get("filter"), "familyName") {
				return scimError(http.StatusBadRequest, scimType)
			}
			return next(c)
		})
		rep := x.run(t, x.url, "FLT-12")
		require.Equal(t, map[string]conformance.Status{"FLT-12.sub": want}, outcomes(rep))
		require.False(t, rep.Counts.OK())
	}
}
