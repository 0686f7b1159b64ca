package conformance_test

import (
	"testing"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestPATCH01_Supported(t *testing.T) {
	s := patchStack(t, tenancy.ProfileLenient)
	before := patchUser(t, s.Tenant, 1)
	s.Get(t, "/ServiceProviderConfig").Status(200).Has("patch.supported", true)
	s.Patch(t, "/Users/"+before.ID(), patchBody(`{"op":"add","path":"nickName","value":"A"}`)).Status(200).Has("nickName", "A")
}

// The message around the operations.
func TestPATCH_Message(t *testing.T) {
	const op = `{"op":"replace","path":"title","value":"X"}`
	const schemas = `"schemas":["` + proxytest.PatchSchema + `"]`
	both, strict := bothProfiles(), []string{tenancy.ProfileStrict}
	stacks := map[string]*proxytest.Stack{}
	for _, profile := range both {
		stacks[profile] = patchStack(t, profile)
	}
	for i, row := range []struct {
		name, body string
		profiles   []string
		details    []string
	}{
		{"PATCH-02 another URN", `{"schemas":["` + proxytest.UserSchema + `"],"Operations":[` + op + `]}`, both, []string{proxytest.PatchSchema}},
		{"PATCH-02 empty schemas", `{"schemas":[],"Operations":[` + op + `]}`, both, []string{proxytest.PatchSchema}},
		{"PATCH-02 schemas is no list of texts", `{"schemas":{"a":1},"Operations":[` + op + `]}`, both, []string{"schemas"}},
		// Without schemas the message is inferred in the lenient profile.
		{"PATCH-02 no schemas", `{"Operations":[` + op + `]}`, strict, []string{proxytest.PatchSchema}},
		{"PATCH-03 no Operations", `{` + schemas + `}`, both, []string{"Operations"}},
		{"PATCH-03 an object that is no operation", `{` + schemas + `,"Operations":{}}`, both, nil},
		{"PATCH-03 empty Operations", `{` + schemas + `,"Operations":[]}`, both, []string{"at least one"}},
		{"PATCH-03 null", `{` + schemas + `,"Operations":null}`, both, []string{"Operations"}},
		{"PATCH-03 a string", `{` + schemas + `,"Operations":"x"}`, both, []string{"Operations"}},
		{"PATCH-03 an operation that is no object", `{` + schemas + `,"Operations":["add"]}`, both, []string{"operation 1"}},
		{"PATCH-04 another op", patchBody(op + `,{"op":"move","path":"title","value":"X"}`), both, []string{"operation 2", "add", "remove", "replace"}},
		{"PATCH-04 no op", patchBody(`{"path":"title","value":"X"}`), both, []string{"operation 1", "op must be"}},
		{"PATCH-04 op is null", patchBody(`{"op":null,"path":"title","value":"X"}`), both, []string{"op must be"}},
		{"PATCH-04 op is a number", patchBody(`{"op":1,"path":"title","value":"X"}`), both, []string{"op must be"}},
		{"PATCH-04 two ops in one", patchBody(`{"op":"add","op":"remove","path":"title","value":"X"}`), both, nil},
		{"PATCH-04 two ops that differ by case", patchBody(`{"op":"add","OP":"remove","path":"title","value":"X"}`), both, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, profile := range row.profiles {
				s := stacks[profile]
				before := patchUser(t, s.Tenant, i)
				s.Patch(t, "/Users/"+before.ID(), row.body).Error(400, "invalidSyntax", row.details...)
				unchanged(t, s.Tenant, "/Users/"+before.ID(), before)
			}
		})
	}
	t.Run("PATCH-02 schemas inferred in the lenient profile", func(t *testing.T) {
		s := stacks[tenancy.ProfileLenient]
		before := patchUser(t, s.Tenant, 100)
		s.Patch(t, "/Users/"+before.ID(), `{"Operations":[`+op+`]}`).Status(200).Has("title", "X")
	})
}

func TestPATCH05_WhereAPathIsNeeded(t *testing.T) {
	patchesApply(t, tenancy.ProfileLenient, []patchRow{
		{"PATCH-05 add with a path", `{"op":"add","path":"title","value":"X"}`, `{"title":"X"}`},
		{"PATCH-05 add without", `{"op":"add","value":{"title":"X"}}`, `{"title":"X"}`},
		{"PATCH-05 replace with a path", `{"op":"replace","path":"title","value":"X"}`, `{"title":"X"}`},
		{"PATCH-05 replace without", `{"op":"replace","value":{"title":"X"}}`, `{"title":"X"}`},
		{"PATCH-05 remove with a path", `{"op":"remove","path":"title"}`, `{"title":null}`},
	})
	for _, profile := range bothProfiles() {
		patchesFail(t, profile, []patchRefusal{
			{"PATCH-05 a path that is no text " + profile, `{"op":"add","path":7,"value":"X"}`, "invalidPath", []string{"path"}},
		})
	}
	patchesFail(t, tenancy.ProfileLenient, []patchRefusal{
		{"PATCH-05 PATCH-32 remove without a path", `{"op":"remove"}`, "noTarget", []string{"operation 1", "path"}},
		{"PATCH-32 remove without a path but with a value", `{"op":"remove","value":{"title":"Lead"}}`, "noTarget", []string{"path"}},
		{"PATCH-05 without a path the value is an object", `{"op":"add","value":"X"}`, "invalidValue", []string{"object"}},
	})
}

func TestPATCH_Paths(t *testing.T) {
	set := func(path string) string { return `{"op":"replace","path":"` + path + `","value":"X"}` }
	for _, profile := range bothProfiles() {
		patchesFail(t, profile, []patchRefusal{
			{"PATCH-06 open bracket " + profile, set(`emails[`), "invalidPath", []string{"operation 1", "bracket"}},
			{"PATCH-06 open bracket with a filter " + profile, set(`emails[type eq \"work\"`), "invalidPath", nil},
			{"PATCH-06 two dots " + profile, set(`a..b`), "invalidPath", []string{"attr.sub"}},
			{"PATCH-06 text behind the bracket " + profile, set(`emails[type eq \"w\"]x`), "invalidPath", []string{".sub"}},
			{"PATCH-06 a dot at the end " + profile, set(`name.`), "invalidPath", nil},
			{"PATCH-06 a dot at the start " + profile, set(`.title`), "invalidPath", nil},
			{"PATCH-06 a dot behind the bracket " + profile, set(`emails[type eq \"work\"].`), "invalidPath", nil},
			{"PATCH-06 three levels " + profile, set(`name.givenName.x`), "invalidPath", []string{"two levels"}},
			{"PATCH-06 a comparison " + profile, set(`title eq \"Lead\"`), "invalidPath", nil},
			{"PATCH-06 a space " + profile, set(` `), "invalidPath", nil},
			{"PATCH-06 a filter on what has no elements " + profile, set(`title[value eq \"Lead\"]`), "invalidPath", []string{"title", "elements"}},
			{"PATCH-07 unknown operator " + profile, set(`emails[type zz \"w\"].value`), "invalidFilter", []string{"operation 1", "eq, ne"}},
			{"PATCH-07 no value " + profile, set(`emails[type eq].value`), "invalidFilter", nil},
			{"PATCH-07 unknown part " + profile, set(`emails[foo eq \"w\"].value`), "invalidFilter", []string{"foo"}},
			{"PATCH-07 operator the type does not have " + profile, set(`emails[primary gt true].value`), "invalidFilter", []string{"primary"}},
			{"PATCH-07 in a remove " + profile, `{"op":"remove","path":"emails[type zz \"w\"]"}`, "invalidFilter", []string{"operation 1"}},
			{"PATCH-07 in an add " + profile, `{"op":"add","path":"emails[type eq \"w\" and]","value":{"value":"x"}}`, "invalidFilter", nil},
			{"PATCH-08 JSON pointer " + profile, set(`/emails/0/value`), "invalidPath", []string{"JSON pointer"}},
			{"PATCH-08 JSON pointer to one attribute " + profile, set(`/title`), "invalidPath", []string{"JSON pointer"}},
			{"PATCH-08 array index " + profile, `{"op":"replace","path":"emails[0]","value":{"value":"x"}}`, "invalidPath", []string{"index"}},
			{"PATCH-08 part of an array index " + profile, set(`emails[0].value`), "invalidPath", []string{"index"}},
			{"PATCH-08 removed by index " + profile, `{"op":"remove","path":"emails[1]"}`, "invalidPath", []string{"index"}},
			{"PATCH-08 dotted index " + profile, set(`emails.0.value`), "invalidPath", nil},
		})
	}
	const core = proxytest.UserSchema
	patchesApply(t, tenancy.ProfileStrict, []patchRow{
		{"PATCH-09 attribute of the core", set(core + `:title`), `{"title":"X"}`},
		{"PATCH-09 part of one of the core", set(core + `:name.givenName`), `{"name":{"givenName":"X","familyName":"Byron"}}`},
		{"PATCH-09 value filter", set(core + `:emails[type eq \"home\"].value`),
			`{"emails":[{"value":"w@x.example","type":"work","primary":true},{"value":"X","type":"home"}]}`},
		{"PATCH-09 attribute of the extension", set(`ENT:department`), `{"ENT":{"department":"X","employeeNumber":"7","manager":{"value":"m-1"}}}`},
		{"PATCH-09 part of one of the extension", `{"op":"replace","path":"ENT:manager.value","value":"m-2"}`,
			`{"ENT":{"department":"Sales","employeeNumber":"7","manager":{"value":"m-2"}}}`},
		{"PATCH-09 letter case", `{"op":"replace","path":"URN:IETF:params:scim:SCHEMAS:extension:enterprise:2.0:user:DePaRtMeNt","value":"X"}`,
			`{"ENT":{"department":"X","employeeNumber":"7","manager":{"value":"m-1"}}}`},
		{"PATCH-09 remove", `{"op":"remove","path":"ENT:manager"}`, `{"ENT":{"department":"Sales","employeeNumber":"7"}}`},
	})
}
