package idp

import "scimedge/bench/scimclient"

// okta is the client of the Okta Integration Network: it looks a user up before
// creating it, updates profiles by GET and full PUT, switches users off with a
// PATCH without a path, never deletes them, and repeats a group's id and name with
// every membership change.
func okta() profile {
	const (
		userBody = `"userName":{{json .P.UserName}},
			"name":{"givenName":{{json .P.GivenName}},"familyName":{{json .P.FamilyName}}},
			"emails":[{"primary":true,"value":{{json .P.Email}},"type":"work"}],
			"displayName":{{json .P.DisplayName}},"locale":{{json .P.Locale}},"externalId":{{json .P.ExternalID}},
			"title":{{json .P.Title}},"groups":[]`
		echo    = `{"op":"replace","value":{"id":{{json .ID}},"displayName":{{json .Group}}}}`
		members = `[{{range $i, $m := .Members}}{{if $i}},{{end}}{"value":{{json $m.ID}},"display":{{json $m.Name}}}{{end}}]`
		all     = `[{{range $i, $m := .All}}{{if $i}},{{end}}{"value":{{json $m.ID}},"display":{{json $m.Name}}}{{end}}]`
		others  = `[{{range $i, $m := .Others}}{{if $i}},{{end}}{"value":{{json $m.ID}},"display":{{json $m.Name}}}{{end}}]`
		byPath  = `{{range $i, $m := .Members}}{{if $i}},{{end}}{"op":"remove","path":{{json (printf "members[value eq \"%s\"]" $m.ID)}}}{{end}}`
		setFlag = `{"op":"replace","value":{"active":{{.Active}}}}`
	)
	seen := []field{
		{"externalId", "{{.P.ExternalID}}"}, {"name/givenName", "{{.P.GivenName}}"}, {"name/familyName", "{{.P.FamilyName}}"},
		{"emails/type=work/value", "{{.P.Email}}"}, {"locale", "{{.P.Locale}}"}, {"title", "{{.P.Title}}"},
	}
	return profile{
		name: "okta",
		identity: scimclient.Identity{
			UserAgent: "Okta SCIM Client 1.0.0", Accept: "application/scim+json", ContentType: "application/scim+json; charset=utf-8",
		},
		contentType:     "application/scim+json",
		inFlight:        4,
		chunk:           100,
		membersInCreate: true,
		connect: calls(
			get("/Users?startIndex=1&count=2", ok(), aList),
			get("/Groups?startIndex=1&count=100", ok(), aList),
		),
		user: userCalls{
			lookUp: calls(get(`/Users?filter=userName%20eq%20{{q (lit .P.UserName)}}&startIndex=1&count=100`, ok(), aList)),
			create: calls(post("/Users",
				`{"schemas":["`+coreUser+`"],`+userBody+`,"password":"1mz050nq","active":true}`, created(), aUser, seen...)),
			update: calls(
				// The answer is not compared with the person: it shows the state before.
				get(userPath, ok(), anything),
				put(userPath, `{"schemas":["`+coreUser+`"],"id":{{json .ID}},`+userBody+`,"active":{{.Active}},"meta":{"resourceType":"User"}}`, ok(), aUser, seen...),
				patch(userPath, `{"op":"replace","value":{"password":"7kT2xw9z"}}`, aUserIfAny),
			),
			deactivate: calls(patch(userPath, setFlag, aUserIfAny), get(userPath, ok(), aUser)),
			reactivate: calls(patch(userPath, setFlag, aUserIfAny), get(userPath, ok(), aUser)),
		},
		group: groupCalls{
			lookUp:  calls(get(`/Groups?filter=displayName%20eq%20{{q (lit .Group)}}&startIndex=1&count=100`, ok(), aList)),
			create:  calls(post("/Groups", `{"schemas":["`+coreGroup+`"],"displayName":{{json .Group}},"members":`+members+`}`, created(), aGroup)),
			get:     calls(get(groupPath, ok(), groupMembers)),
			add:     calls(patch(groupPath, echo+`,{"op":"add","path":"members","value":`+members+`}`, aGroupIfAny)),
			remove:  calls(patch(groupPath, echo+`,`+byPath, aGroupIfAny)),
			swap:    calls(patch(groupPath, byPath+`,{"op":"add","path":"members","value":`+others+`}`, aGroupIfAny), get(groupPath, ok(), groupMembers)),
			rename:  calls(patch(groupPath, echo, aGroupIfAny), get(groupPath, ok(), groupMembers)),
			replace: calls(patch(groupPath, `{"op":"replace","path":"members","value":`+all+`}`, aGroupIfAny), get(groupPath, ok(), groupMembers)),
			empty:   calls(patch(groupPath, `{"op":"replace","path":"members","value":[]}`, aGroupIfAny), get(groupPath, ok(), groupMembers)),
			del:     calls(del(groupPath), get(groupPath, missing(), anything)),
		},
	}
}
