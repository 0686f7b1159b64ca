package idp

import "scimedge/bench/scimclient"

// oneLogin asks for application/json and gets it. Its connection test looks up a
// user that does not exist; it updates by PUT, sends emails as a single object,
// and deletes users and groups.
func oneLogin() profile {
	const body = `{"schemas":["` + coreUser + `"],"userName":{{json .P.UserName}},"externalId":{{json .P.ExternalID}},
		"name":{"givenName":{{json .P.GivenName}},"familyName":{{json .P.FamilyName}}},"displayName":{{json .P.DisplayName}},
		"title":{{json .P.Title}},"active":{{.Active}},"emails":`
	const (
		list   = `[{"value":{{json .P.Email}},"type":"work","primary":true}]}`
		object = `{"value":{{json .P.Email}},"type":"work","primary":true}}`
		remove = `{{range $i, $m := .Members}}{{if $i}},{{end}}{"op":"remove","path":{{json (printf "members[value eq \"%s\"]" $m.ID)}}}{{end}}`
	)
	seen := []field{{"emails/0/value", "{{.P.Email}}"}, {"name/familyName", "{{.P.FamilyName}}"}}
	return profile{
		name:        "onelogin",
		identity:    scimclient.Identity{UserAgent: "OneLogin", Accept: "application/json", ContentType: "application/json"},
		contentType: "application/json",
		inFlight:    2,
		chunk:       10,
		connect:     calls(get(`/Users?filter=userName%20eq%20%22{{.GUID}}%22`, ok(), emptyList)),
		user: userCalls{
			lookUp:     calls(get(`/Users?filter=userName%20eq%20{{q (lit .P.UserName)}}`, ok(), aList)),
			create:     calls(post("/Users", body+list, created(), aUser, seen...), get(userPath, ok(), aUser, seen...)),
			update:     calls(put(userPath, body+object, ok(), aUser, seen...)),
			deactivate: calls(put(userPath, body+object, ok(), aUser)),
			reactivate: calls(put(userPath, body+object, ok(), aUser)),
			remove:     calls(del(userPath)),
		},
		group: groupCalls{
			lookUp: calls(get("/Groups", ok(), aList), get(`/Groups?filter=displayName%20eq%20{{q (lit .Group)}}`, ok(), aList)),
			create: calls(post("/Groups", `{"schemas":["`+coreGroup+`"],"displayName":{{json .Group}}}`, created(), aGroup)),
			add:    calls(patch(groupPath, `{"op":"add","path":"members","value":`+valueList+`}`, aGroupIfAny)),
			remove: calls(patch(groupPath, remove, aGroupIfAny)),
			rename: calls(patch(groupPath, `{"op":"replace","path":"displayName","value":{{json .Group}}}`, aGroupIfAny)),
			del:    calls(del(groupPath)),
		},
	}
}
