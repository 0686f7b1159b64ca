package directory_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

func TestPAG_Pages(t *testing.T) {
	onEach(t, func(w *world) {
		var ids []string
		for i := range 25 {
			ids = append(ids, w.newUser(fmt.Sprintf("u%02d", i)))
		}
		for _, filter := range []string{"", `userName sw "u"`, `active eq true`, `meta.created gt "2001-01-01T00:00:00Z"`} {
			for _, c := range []struct {
				start, count int
				want         []string
			}{
				{1, 10, ids[:10]}, {0, 3, ids[:3]}, {-7, 3, ids[:3]}, {21, 10, ids[20:]}, {25, 10, ids[24:]},
				{26, 10, nil}, {9999, 10, nil}, {1, 0, nil}, {1, 100, ids},
			} {
				got, total := w.page(w.user, filter, c.start, c.count)
				require.Equal(w, 25, total, "%q %+v", filter, c)
				require.True(w, slices.Equal(c.want, got), "%q %+v: %v", filter, c, got)
			}
		}
	})
}

func TestLIST07_TooMany(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient(), ScanBudget: 10})
	for i := range 11 {
		w.newUser(fmt.Sprintf("u%02d", i))
	}
	_, err := w.List(ctx, directory.Query{Sources: w.sources(`nickName co "x"`, "", w.user), Count: 1}, func(*scimcore.Resource) error { return nil })
	requireSCIM(t, err, 400, scimcore.TooMany)
	require.Len(t, w.find(w.user, `userName eq "u03"`), 1)
	require.Len(t, w.find(w.user, `active eq true`), 11, "an index answers without the budget")
}

// TestPlannerAgreesWithScan asks many filters twice: as they are, so that an
// index may answer, and wrapped so that nothing but a scan can.
func TestPlannerAgreesWithScan(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient()})
	rnd := rand.New(rand.NewPCG(1, 2))
	var users, groups []string
	for i := range 60 {
		body := fmt.Sprintf(`{"userName":"User%d","externalId":"E%d","displayName":"d%d","active":%t,"emails":[{"value":"m%d@x.example","type":"work"},{"value":"H%d@x.example","type":"home"}]}`,
			i, i%7, i%5, i%3 > 0, i%11, i%13)
		id, err := w.create(w.user, body)
		require.NoError(t, err)
		users = append(users, id)
	}
	for i := range 12 {
		var in []string
		for _, u := range users {
			if rnd.IntN(4) == 0 {
				in = append(in, u)
			}
		}
		groups = append(groups, w.newGroup(fmt.Sprintf("g%d", i%4), in...))
	}
	userAtoms := []string{
		`userName eq "user7"`, `userName eq "nobody"`, `externalId eq "E3"`, `externalId eq "e3"`, `displayName eq "D2"`, `active eq true`, `active eq "False"`,
		`emails eq "m3@x.example"`, `emails.value eq "h4@X.example"`, `emails[type eq "work" and value eq "m5@x.example"]`, `emails[type eq "home" and value eq "m5@x.example"]`,
		`userName gt "user4"`, `userName ge "user40"`, `userName lt "User2"`, `userName le "user20"`, `externalId gt "E3"`, `displayName sw "D"`, `displayName pr`, `emails.value sw "m1"`,
		`emails.value gt "m5@x.example"`, `userName co "1"`, `emails.value ew "1@x.example"`, `(userName sw "user1" or externalId eq "E2")`, `(userName sw "user1" and displayName eq "d2")`,
		`meta.lastModified gt "2001-01-01T00:00:00Z"`, `meta.lastModified le "2001-01-01T00:00:00.0005Z"`, `emails[value sw "m1" or value sw "h2"]`, `active pr`,
		`id eq "` + users[9] + `"`, `id eq "nope"`, `groups eq "` + groups[2] + `"`, `groups.value eq "` + groups[3] + `"`, `userName sw "user1"`, `displayName ne "d1"`, `externalId pr`,
	}
	groupAtoms := []string{
		`displayName eq "G1"`, `members eq "` + users[5] + `"`, `members.value eq "` + users[6] + `"`, `members[value eq "` + users[7] + `"]`,
		`members[value eq "` + users[7] + `" and type eq "User"]`, `id eq "` + groups[4] + `"`, `members.type eq "Group"`, `displayName co "g"`,
	}
	asked, hits := 0, 0
	ask := func(typ *scimcore.Type, filter string) {
		got := w.find(typ, filter)
		want := w.find(typ, `(`+filter+`) and (displayName pr or not (displayName pr))`)
		scanned := w.find(typ, `not (not (`+filter+`))`)
		require.Equal(t, scanned, got, filter)
		require.Equal(t, scanned, want, filter)
		asked++
		hits += len(got)
	}
	for typ, atoms := range map[*scimcore.Type][]string{w.user: userAtoms, w.group: groupAtoms} {
		for _, a := range atoms {
			ask(typ, a)
		}
		for range 300 {
			parts := make([]string, 2+rnd.IntN(2))
			for i := range parts {
				parts[i] = atoms[rnd.IntN(len(atoms))]
				if rnd.IntN(5) == 0 {
					parts[i] = "not (" + parts[i] + ")"
				}
			}
			ask(typ, strings.Join(parts, []string{" and ", " or "}[rnd.IntN(2)]))
		}
	}
	require.Greater(t, asked, 600)
	require.Greater(t, hits, 100, "filters that match nothing prove nothing")
}
