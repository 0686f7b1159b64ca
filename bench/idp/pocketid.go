package idp

import "scimedge/bench/scimclient"

// pocketID lists everything first, a thousand at a time and advancing by what the
// server says a page holds, then writes whole resources by POST and PUT. A group
// without members is written without the attribute, and must be empty after.
func pocketID() profile {
	const (
		user = `{"schemas":["` + coreUser + `"],"externalId":{{json .P.ExternalID}},"userName":{{json .P.UserName}},
			"name":{"givenName":{{json .P.GivenName}},"familyName":{{json .P.FamilyName}}},"displayName":{{json .P.DisplayName}},
			"emails":[{"value":{{json .P.Email}},"primary":true}],"active":{{.Active}}}`
		group = `{"schemas":["` + coreGroup + `"],"externalId":{{json .GroupKey}},"displayName":{{json .Group}}{{if .All}},"members":` + allValueList + `{{end}}}`
	)
	seen := []field{{"externalId", "{{.P.ExternalID}}"}, {"name/familyName", "{{.P.FamilyName}}"}, {"emails/0/value", "{{.P.Email}}"}}
	write := calls(put(userPath, user, ok(), aUser, seen...))
	writeGroup := calls(put(groupPath, group, ok(), aGroup, field{"externalId", "{{.GroupKey}}"}), get(groupPath, ok(), groupMembers))
	return profile{
		name:            "pocket-id",
		identity:        scimclient.Identity{UserAgent: "Go-http-client/1.1", Accept: "application/scim+json", ContentType: "application/scim+json"},
		contentType:     "application/scim+json",
		inFlight:        1,
		chunk:           1000,
		membersInCreate: true,
		connect:         calls(get("/ServiceProviderConfig", ok(), anything)),
		discover:        calls(get("/Users?startIndex={{.StartIndex}}&count=1000", ok(), aList), get("/Groups?startIndex={{.StartIndex}}&count=1000", ok(), aList)),
		byReturn:        true,
		user: userCalls{
			// It matches against its listing; a look-up by its key has the same effect.
			lookUp:     calls(get(`/Users?filter={{form (printf "externalId eq %s" (lit .P.ExternalID))}}`, ok(), aList)),
			create:     calls(post("/Users", user, created(), aUser, seen...)),
			update:     write,
			deactivate: write,
			reactivate: write,
			remove:     calls(del(userPath)),
		},
		group: groupCalls{
			lookUp: calls(get(`/Groups?filter={{form (printf "externalId eq %s" (lit .GroupKey))}}`, ok(), aList)),
			create: calls(post("/Groups", group, created(), aGroup)),
			add:    writeGroup,
			remove: writeGroup,
			rename: writeGroup,
			empty:  writeGroup,
			del:    calls(del(groupPath)),
		},
	}
}
