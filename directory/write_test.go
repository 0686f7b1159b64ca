package directory_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/scimcore"
)

func TestCreateAndGet(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.newUser("Ada")
		got := w.json(w.user, id)
		require.Contains(w, got, `"userName":"Ada"`)
		require.Contains(w, got, `"active":true`)
		require.Contains(w, got, `"id":"`+id+`"`)
		require.NotContains(w, got, "groups")
	})
}

func TestGET02_UnknownId(t *testing.T) {
	onEach(t, func(w *world) {
		w.newUser("ada")
		for _, id := range []string{"", "x", "00000000-0000-7000-8000-000000000000"} {
			err := w.Get(ctx, w.user, id, func(*scimcore.Resource) error { return nil })
			requireSCIM(w, err, 404, "")
		}
	})
}

func TestGET03_IdIsCaseExact(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.newUser("ada")
		up := []byte(id)
		for i, c := range up {
			if c >= 'a' && c <= 'f' {
				up[i] = c - 32
			}
		}
		require.NotEqual(w, id, string(up))
		requireSCIM(w, w.Get(ctx, w.user, string(up), func(*scimcore.Resource) error { return nil }), 404, "")
	})
}

func TestRES01_UserNameUniqueIgnoringCase(t *testing.T) {
	onEach(t, func(w *world) {
		w.newUser("Bob")
		for _, same := range []string{"bob", "BOB", "\uff22ob"} {
			_, err := w.create(w.user, `{"userName":"`+same+`"}`)
			requireSCIM(w, err, 409, scimcore.Unique)
		}
		c, err := w.Counts(ctx)
		require.NoError(w, err)
		require.Equal(w, directory.Counts{Users: 1, ActiveUsers: 1}, c)
	})
}

func TestSCH41_ExternalIdIsNotUnique(t *testing.T) {
	onEach(t, func(w *world) {
		_, err := w.create(w.user, `{"userName":"a","externalId":"same"}`)
		require.NoError(w, err)
		_, err = w.create(w.user, `{"userName":"b","externalId":"same"}`)
		require.NoError(w, err)
		require.Len(w, w.find(w.user, `externalId eq "same"`), 2)
		require.Empty(w, w.find(w.user, `externalId eq "SAME"`))
	})
}

func TestCRTA01_RacingCreates(t *testing.T) {
	onEach(t, func(w *world) {
		var won, lost atomic.Int32
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := w.create(w.user, `{"userName":"only.one"}`)
				if err == nil {
					won.Add(1)
					return
				}
				requireSCIM(w, err, 409, scimcore.Unique)
				lost.Add(1)
			})
		}
		wg.Wait()
		require.EqualValues(w, 1, won.Load())
		require.EqualValues(w, 49, lost.Load())
	})
}

func TestPUT_Replace(t *testing.T) {
	onEach(t, func(w *world) {
		id, err := w.create(w.user, `{"userName":"ada","title":"Countess","active":false}`)
		require.NoError(w, err)
		put := func(body string) (directory.Result, error) {
			doc, err := scimcore.Parse(w.user, []byte(body), w.dialect, nil)
			require.NoError(w, err)
			return w.Replace(ctx, w.user, id, doc, nil, directory.Cause{})
		}
		res, err := put(`{"userName":"ada","nickName":"A"}`)
		require.NoError(w, err)
		require.NotNil(w, res.Change)
		got := w.json(w.user, id)
		require.NotContains(w, got, "Countess")
		require.Contains(w, got, `"active":false`, "PUT-A01: an omitted active keeps its value")
		again, err := put(`{"nickName":"A","userName":"ada"}`)
		require.NoError(w, err)
		require.Nil(w, again.Change, "PUT-A03: a PUT that changes nothing leaves the version")
		require.Equal(w, res.Resource.Version, again.Resource.Version)
		w.newUser("taken")
		_, err = put(`{"userName":"TAKEN"}`)
		requireSCIM(w, err, 409, scimcore.Unique)
		_, err = put(`{"userName":"ADA"}`)
		require.NoError(w, err, "SCH-A04: a resource does not collide with itself")
	})
}

func TestPATCH16_AllOrNothing(t *testing.T) {
	onEach(t, func(w *world) {
		u := w.newUser("ada")
		g := w.newGroup("eng", u)
		before, beforeUser := w.json(w.group, g), w.json(w.user, u)
		_, err := w.patch(w.group, g, `[{"op":"remove","path":"members"},{"op":"replace","path":"id","value":"x"}]`)
		requireSCIM(w, err, 400, scimcore.Mutable)
		require.Equal(w, before, w.json(w.group, g))
		require.Equal(w, beforeUser, w.json(w.user, u))
	})
}

func TestPATCH31_NoOpKeepsVersion(t *testing.T) {
	onEach(t, func(w *world) {
		u := w.newUser("ada")
		g := w.newGroup("eng", u)
		logged := len(w.changes())
		for _, ops := range []string{
			`[{"op":"add","path":"members","value":[{"value":"` + u + `","display":"other"}]}]`,
			`[{"op":"remove","path":"members[value eq \"nobody\"]"}]`,
			`[{"op":"replace","value":{"id":"` + g + `","displayName":"eng"}}]`,
		} {
			res, err := w.patch(w.group, g, ops)
			require.NoError(w, err)
			require.Nil(w, res.Change, ops)
		}
		require.Len(w, w.changes(), logged)
	})
}

func TestPATCH21_VersionAndTimeMoveForward(t *testing.T) {
	onEach(t, func(w *world) {
		u := w.newUser("ada")
		var version uint64
		var modified int64
		for _, title := range []string{"a", "b", "c", "d"} {
			res, err := w.patch(w.user, u, `[{"op":"replace","path":"title","value":"`+title+`"}]`)
			require.NoError(w, err)
			require.Greater(w, res.Resource.Version, version)
			require.Greater(w, res.Resource.Modified, modified)
			version, modified = res.Resource.Version, res.Resource.Modified
		}
	})
}

func TestETAG11_PreconditionIsPartOfTheWrite(t *testing.T) {
	onEach(t, func(w *world) {
		u := w.newUser("ada")
		res, err := w.patch(w.user, u, `[{"op":"add","path":"title","value":"start"}]`)
		require.NoError(w, err)
		stale := scimcore.Errorf(412, "", "stale")
		pre := func(v uint64, at int64) error {
			require.Equal(w, res.Resource.Modified, min(at, res.Resource.Modified), "the date comes with the version")
			if v != res.Resource.Version {
				return stale
			}
			return nil
		}
		var won, lost atomic.Int32
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				p, err := scimcore.ParsePatch(w.user, []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"title","value":"`+string(rune('a'+i%26))+string(rune('a'+i/26))+`"}]}`), w.dialect, nil)
				require.NoError(w, err)
				if _, err := w.Patch(ctx, w.user, u, p, pre, directory.Cause{}); err == nil {
					won.Add(1)
				} else {
					require.ErrorIs(w, err, stale)
					lost.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(w, 1, won.Load())
		require.EqualValues(w, 49, lost.Load())
	})
}

func TestDEL_Delete(t *testing.T) {
	onEach(t, func(w *world) {
		u := w.newUser("ada")
		g := w.newGroup("eng", u, w.newUser("bob"))
		_, err := w.Delete(ctx, w.user, u, nil, directory.Cause{})
		require.NoError(w, err)
		_, err = w.Delete(ctx, w.user, u, nil, directory.Cause{})
		requireSCIM(w, err, 404, "")
		require.Len(w, w.rows(w.group, g, "members"), 1, "RES-A05: the membership goes with the user")
		require.Empty(w, w.find(w.user, `userName eq "ada"`), "DEL-03")
		require.Empty(w, w.find(w.group, `members eq "`+u+`"`))
		again := w.newUser("ada") // DEL-05
		require.NotEqual(w, u, again, "SCH-38: ids are never used again")
		_, err = w.Delete(ctx, w.group, g, nil, directory.Cause{})
		require.NoError(w, err)
		c, err := w.Counts(ctx)
		require.NoError(w, err)
		require.Equal(w, directory.Counts{Users: 2, ActiveUsers: 2}, c)
	})
}

func TestChangeLog(t *testing.T) {
	onEach(t, func(w *world) {
		u := w.newUser("ada")
		g := w.newGroup("eng")
		_, err := w.patch(w.user, u, `[{"op":"replace","value":{"active":false,"title":"x"}}]`)
		require.NoError(w, err)
		_, err = w.patch(w.group, g, `[{"op":"add","path":"members","value":[{"value":"`+u+`"},{"value":"stranger"}]}]`)
		require.NoError(w, err)
		_, err = w.Delete(ctx, w.user, u, nil, directory.Cause{Token: "tok2", RequestID: "r2"})
		require.NoError(w, err)
		log := w.changes()
		require.Len(w, log, 6)
		require.Equal(w, directory.Created, log[0].Op)
		require.Equal(w, "tok", log[0].Token)
		require.Contains(w, string(log[0].Resource), `"userName":"ada"`)
		require.True(w, log[2].Deactivated)
		require.Len(w, log[2].Attributes, 2)
		require.Equal(w, "true", string(log[2].Attributes[1].Before))
		require.Equal(w, "false", string(log[2].Attributes[1].After))
		require.Equal(w, 2, log[3].AddedCount)
		require.Equal(w, []string{"stranger"}, log[3].Unresolved)
		require.Equal(w, directory.Deleted, log[4].Op)
		require.Equal(w, "tok2", log[4].Token)
		require.Equal(w, []string{u}, log[5].Removed, "the group's loss is logged beside the deletion")
		require.Equal(w, g, log[5].ID)
	})
}

func TestStrictRefusesDanglingMembers(t *testing.T) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), directory.Options{Dialect: scimcore.Strict()})
			_, err := w.create(w.group, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"g","members":[{"value":"nobody"}]}`)
			requireSCIM(w, err, 400, scimcore.InvalidValue)
			require.Empty(w, w.find(w.group, `displayName eq "g"`))
		})
	}
}

// A resource of any size that is allowed can be changed, too, although its values
// before and after do not fit into the change log together.
func TestLargeValuesChange(t *testing.T) {
	onEach(t, func(w *world) {
		bio := strings.Repeat("x", 300<<10)
		id, err := w.create(w.user, `{"userName":"ada","title":"`+bio+`"}`)
		require.NoError(w, err)
		res, err := w.patch(w.user, id, `[{"op":"replace","path":"title","value":"y`+bio+`"},{"op":"replace","path":"nickName","value":"a"}]`)
		require.NoError(w, err)
		require.Equal(w, []directory.AttributeChange{{Name: "nickName"}, {Name: "title"}}, res.Change.Attributes)
		require.Contains(w, w.json(w.user, id), `"title":"yxx`)
		w.consistent()
	})
}
