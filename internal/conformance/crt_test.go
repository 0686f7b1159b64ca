package conformance_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestCRT_Answer(t *testing.T) {
	s := proxytest.New(t)
	for endpoint, create := range map[string]proxytest.M{"/Users": proxytest.User("ada", "id", "mine", "groups", []proxytest.M{{"value": "x"}}), "/Groups": proxytest.Group("ada")} {
		t.Run("CRT-01 CRT-02 CRT-03 CRT-07 POST of "+named(endpoint), func(t *testing.T) {
			made := s.Post(t, endpoint, create).Status(201).HasHeader("Content-Type", "application/scim+json")
			location := s.BaseURL() + endpoint + "/" + made.ID()
			made.HasHeader("Location", location).Has("meta.location", location).HasHeader("ETag", made.Str("meta.version"))
			require.NotEmpty(t, made.ETag())
			require.NotEmpty(t, made.Str("meta.created"))
			got := s.Get(t, below(t, s.Tenant, made.Location())).Status(200)
			require.JSONEq(t, got.Body, made.Body, "the answer is the whole representation")
			require.Equal(t, got.ETag(), made.ETag())
		})
	}
	t.Run("CRT-08 the answer shaped", func(t *testing.T) {
		made := s.Post(t, "/Users?attributes=userName", proxytest.User("shaped")).Status(201).Has("userName", "shaped").HasNot("emails", "active", "meta", "name").HasHeader("ETag", "*")
		require.Equal(t, s.BaseURL()+"/Users/"+made.ID(), made.Location())
		s.Post(t, "/Users?excludedAttributes=emails,id", proxytest.User("shaped2")).Status(201).HasNot("emails").Has("active", true).Has("meta.resourceType", "User")
		s.Get(t, "/Users/"+made.ID()).Has("active", true).Has("emails.0.value", "shaped@example.com")
		defer untouched(t, s.Tenant)()
		s.Post(t, "/Users?attributes=userName&excludedAttributes=emails", proxytest.User("never")).Error(400, "invalidValue", "attributes")
	})
}

func TestCRT_Refusals(t *testing.T) {
	s := proxytest.New(t)
	s.CreateUser(t, "ada", "externalId", "00u1")
	t.Run("CRT-04 ERR-06 a duplicate", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		for _, name := range []string{"ada", "ADA", "Ada"} {
			r := s.Post(t, "/Users", proxytest.User(name)).Error(409, "uniqueness", "userName").HasHeader("Content-Type", "application/scim+json")
			require.Empty(t, r.Location())
		}
	})
	t.Run("CRT-A02 a repeated create can be found", func(t *testing.T) {
		s.Post(t, "/Users", proxytest.User("ada", "externalId", "00u1")).Error(409, "uniqueness", "filter")
		for _, f := range []string{`userName eq "ada"`, `externalId eq "00u1"`} {
			s.Filter(t, "/Users", f, "startIndex=1", "count=100").Status(200).Has("totalResults", 1).Has("Resources.0.externalId", "00u1")
		}
	})
	bothRefuse(t, "/Users", []refusal{
		{"CRT-09 a group for a user", `{"schemas":["$P"],"userName":"$N"}`, "invalidSyntax", proxytest.UserSchema},
		{"CRT-09 both", `{"schemas":["$C","$P"],"userName":"$N"}`, "invalidSyntax", proxytest.GroupSchema},
		{"CRT-09 a message", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"userName":"$N"}`, "invalidSyntax", "schemas"},
	})
	bothRefuse(t, "/Groups", []refusal{
		{"CRT-09 a user for a group", `{"schemas":["$C"],"displayName":"$N"}`, "invalidSyntax", proxytest.GroupSchema},
		{"CRT-09 the user's extension", `{"schemas":["$C","$E"],"displayName":"$N"}`, "invalidSyntax", proxytest.GroupSchema},
	})
}

func TestCRT_Defaults(t *testing.T) {
	for _, profile := range []string{tenancy.ProfileLenient, tenancy.ProfileStrict} {
		creates(t, profile, "/Users", []made{
			{"CRT-05 active is true by default " + profile, `{$U}`, `{"active":true}`},
			{"CRT-05 and only then " + profile, `{$U,"active":false}`, `{"active":false}`},
			{"CRT-06 null suppresses the default " + profile, `{$U,"active":null}`, `{"active":null}`},
		})
	}
	s := proxytest.New(t)
	t.Run("CRT-06 null is not false", func(t *testing.T) {
		s.Post(t, "/Users", body(`{$U,"active":null}`, "ada")).Status(201)
		s.Filter(t, "/Users", "active eq false").Has("totalResults", 0)
		s.Filter(t, "/Users", "active eq true").Has("totalResults", 0)
		s.Filter(t, "/Users", "not (active pr)").Has("totalResults", 1)
	})
}

func TestCRTA01_RacingCreates(t *testing.T) {
	s := proxytest.New(t)
	for round := range 3 {
		t.Run(fmt.Sprintf("CRT-A01 round %d", round), func(t *testing.T) {
			var won, lost atomic.Int64
			var wg sync.WaitGroup
			for i := range 100 {
				wg.Go(func() {
					name := fmt.Sprintf("racer%d", round)
					if i%2 == 1 {
						name = fmt.Sprintf("RACER%d", round)
					}
					switch r := s.Post(t, "/Users", proxytest.User(name)); {
					case r.Code == 201:
						won.Add(1)
					case r.Code == 409 && r.Str("scimType") == "uniqueness":
						lost.Add(1)
					default:
						t.Errorf("%d %s", r.Code, r.Body)
					}
				})
			}
			wg.Wait()
			require.Equal(t, []int64{1, 99}, []int64{won.Load(), lost.Load()})
			s.Filter(t, "/Users", fmt.Sprintf(`userName eq "racer%d"`, round)).Has("totalResults", 1)
			s.Get(t, "/Users?count=0").Has("totalResults", round+1)
		})
	}
}
