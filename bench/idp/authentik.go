package idp

import "scimedge/bench/scimclient"

// authentik reads the ServiceProviderConfig first and believes it: without one
// there is no PATCH, and group changes are cut by bulk.maxOperations. It creates
// without looking, looks up after a 409, patches one operation per member, and
// compares memberships with what GET returns.
func authentik() profile {
	const (
		user = `{"schemas":["` + coreUser + `"],"userName":{{json .P.UserName}},"externalId":{{json .P.ExternalID}},
			"name":{"formatted":{{json .P.DisplayName}},"givenName":{{json .P.GivenName}},"familyName":{{json .P.FamilyName}}},
			"displayName":{{json .P.DisplayName}},"locale":{{json .P.Locale}},"active":{{.Active}},
			"emails":[{"value":{{json .P.Email}},"type":"other","primary":true}],"photos":[]`
		addEach    = `{{range $i, $m := .Members}}{{if $i}},{{end}}{"op":"add","path":"members","value":[{"value":{{json $m.ID}}}]}{{end}}`
		removeEach = `{{range $i, $m := .Members}}{{if $i}},{{end}}{"op":"remove","path":"members","value":[{"value":{{json $m.ID}}}]}{{end}}`
	)
	seen := []field{{"externalId", "{{.P.ExternalID}}"}, {"name/familyName", "{{.P.FamilyName}}"}, {"emails/0/value", "{{.P.Email}}"}}
	return profile{
		name:           "authentik",
		identity:       scimclient.Identity{UserAgent: "authentik", Accept: "application/scim+json", ContentType: "application/scim+json"},
		contentType:    "application/scim+json",
		inFlight:       2,
		chunk:          500,
		chunkByServer:  true,
		linkOnConflict: true,
		connect:        calls(get("/ServiceProviderConfig", ok(), config)),
		discover:       calls(get("/Users?startIndex={{.StartIndex}}", ok(), aList), get("/Groups?startIndex={{.StartIndex}}", ok(), aList)),
		user: userCalls{
			lookUp:     calls(get(`/Users?filter={{form (printf "userName eq \"%s\"" .P.UserName)}}`, ok(), aList)),
			create:     calls(post("/Users", user+`}`, conflicting(), aUser, seen...)),
			update:     calls(put(userPath, user+`,"id":{{json .ID}}}`, ok(), aUser, seen...)),
			deactivate: calls(put(userPath, user+`,"id":{{json .ID}}}`, ok(), aUser)),
			reactivate: calls(put(userPath, user+`,"id":{{json .ID}}}`, ok(), aUser)),
			remove:     calls(del(userPath)),
		},
		group: groupCalls{
			lookUp: calls(get(`/Groups?filter={{form (printf "displayName eq %s" (lit .Group))}}`, ok(), aList)),
			create: calls(post("/Groups", `{"schemas":["`+coreGroup+`"],"externalId":{{json .GroupKey}},"displayName":{{json .Group}}}`, conflicting(), aGroup)),
			get:    calls(get(groupPath, ok(), groupMembers)),
			add:    calls(patch(groupPath, addEach, aGroupIfAny)),
			remove: calls(patch(groupPath, removeEach, aGroupIfAny), get(groupPath, ok(), groupMembers)),
			// A replace without a path that names no members must keep them.
			rename: calls(patch(groupPath, `{"op":"replace","value":{"schemas":["`+coreGroup+`"],"id":{{json .ID}},"externalId":{{json .GroupKey}},"displayName":{{json .Group}}}}`, aGroupIfAny),
				get(groupPath, ok(), groupMembers)),
			del: calls(del(groupPath)),
		},
	}
}
