package idp

import "scimedge/bench/scimclient"

// keycloak is the SCIM client plug-in of Keycloak (pelotech, mitodl): it writes
// active as text, replaces a group's members together with its names, empties a
// group by removing "members" without a value, and reads id, userName,
// displayName and active of every answer without asking whether they are there.
func keycloak() profile {
	const (
		refs   = `[{{range $i, $m := .All}}{{if $i}},{{end}}{"value":{{json $m.ID}},"$ref":{{json (printf "Users/%s" $m.ID)}}}{{end}}]`
		whole  = `{"op":"replace","path":"members","value":` + refs + `},{"op":"replace","path":"displayName","value":{{json .Group}}},{"op":"replace","path":"externalId","value":{{json .GroupKey}}}`
		names  = `{"op":"replace","path":"displayName","value":{{json .Group}}},{"op":"replace","path":"externalId","value":{{json .GroupKey}}}`
		active = `{"op":"replace","path":"active","value":"{{.Active}}"}`
		update = `{"op":"replace","path":"userName","value":{{json .P.UserName}}},{"op":"replace","path":"displayName","value":{{json .P.DisplayName}}},
			{"op":"replace","path":"name.familyName","value":{{json .P.FamilyName}}},{"op":"replace","path":"name.givenName","value":{{json .P.GivenName}}},
			{"op":"replace","path":"emails[primary eq true].value","value":{{json .P.Email}}},` + active
	)
	seen := []field{{"displayName", "{{.P.DisplayName}}"}, {"name/familyName", "{{.P.FamilyName}}"}, {"emails/primary=true/value", "{{.P.Email}}"}}
	replace := calls(patch(groupPath, `{{if .All}}`+whole+`{{else}}{"op":"remove","path":"members"},`+names+`{{end}}`, aGroupIfAny), get(groupPath, ok(), groupMembers))
	return profile{
		name:        "keycloak",
		identity:    scimclient.Identity{UserAgent: "Apache-HttpClient/4.5 (Java)", Accept: "application/scim+json", ContentType: "application/scim+json"},
		contentType: "application/scim+json",
		inFlight:    1,
		chunk:       1000,
		// One page, no count: what is not on it is not imported.
		connect: calls(get("/Users", ok(), aList), get("/Groups", ok(), aList)),
		user: userCalls{
			lookUp: calls(get(`/Users?filter=userName+eq+{{form (lit .P.UserName)}}`, ok(), aList)),
			create: calls(post("/Users", `{"schemas":["`+coreUser+`"],"externalId":{{json .P.ExternalID}},"userName":{{json .P.UserName}},"displayName":{{json .P.DisplayName}},
				"name":{"familyName":{{json .P.FamilyName}},"givenName":{{json .P.GivenName}}},
				"emails":[{"value":{{json .P.Email}},"type":"work","primary":true}],"active":true}`, created(), aUser, seen...)),
			update:     calls(patch(userPath, update, aUserIfAny), get(userPath, ok(), aUser, seen...)),
			deactivate: calls(patch(userPath, active, aUserIfAny), get(userPath, ok(), aUser)),
			reactivate: calls(patch(userPath, active, aUserIfAny), get(userPath, ok(), aUser)),
			remove:     calls(del(userPath)),
		},
		group: groupCalls{
			lookUp:  calls(get(`/Groups?filter=displayName+eq+{{form (lit .Group)}}`, ok(), aList)),
			create:  calls(post("/Groups", `{"schemas":["`+coreGroup+`"],"externalId":{{json .GroupKey}},"displayName":{{json .Group}}}`, created(), aGroup)),
			add:     replace,
			remove:  replace,
			rename:  replace,
			replace: replace,
			empty:   replace,
			del:     calls(del(groupPath)),
		},
	}
}
