package idp

import "scimedge/bench/scimclient"

// jumpCloud rehearses the whole lifecycle with a test user and a test group when
// it is activated, updates by PUT with null and empty lists among the values, and
// names the enterprise extension without using it.
func jumpCloud() profile {
	const (
		put1 = `{"schemas":["` + enterprise + `","` + coreUser + `"],"userName":{{json .P.UserName}},"externalId":{{json .P.ExternalID}},
			"name":{"familyName":{{json .P.FamilyName}},"givenName":{{json .P.GivenName}}},"displayName":{{json .P.DisplayName}},
			"active":{{.Active}},"addresses":[],"phoneNumbers":[{"type":"mobile","value":{{json (printf "tel:%s" .P.Phone)}}}],`
		withMail = put1 + `"emails":[{"value":{{json .P.Email}},"type":"work","primary":true}]}`
		noMail   = put1 + `"emails":null}`
	)
	seen := []field{
		{"name/familyName", "{{.P.FamilyName}}"}, {"externalId", "{{.P.ExternalID}}"},
		{"phoneNumbers/type=mobile/value", "tel:{{.P.Phone}}"},
	}
	return profile{
		name:        "jumpcloud",
		identity:    scimclient.Identity{UserAgent: "JumpCloud", Accept: "application/scim+json, application/json", ContentType: "application/scim+json"},
		contentType: "application/scim+json",
		inFlight:    3,
		chunk:       25,
		rehearse:    true,
		connect:     calls(get("/Users?startIndex=1&count=1", ok(), aList)),
		user: userCalls{
			lookUp:     calls(get(`/Users?filter=userName%20eq%20{{q (lit .P.UserName)}}`, ok(), aList)),
			create:     calls(post("/Users", withMail, created(), aUser, seen...)),
			update:     calls(put(userPath, noMail, ok(), aUser, seen...), put(userPath, withMail, ok(), aUser, field{"emails/0/value", "{{.P.Email}}"})),
			deactivate: calls(put(userPath, withMail, ok(), aUser)),
			reactivate: calls(put(userPath, withMail, ok(), aUser)),
			remove:     calls(del(userPath), get(userPath, missing(), anything)),
		},
		group: groupCalls{
			lookUp: calls(get(`/Groups?filter=displayName%20eq%20{{q (lit .Group)}}`, ok(), aList)),
			create: calls(post("/Groups", `{"schemas":["`+coreGroup+`"],"displayName":{{json .Group}},"externalId":{{json .GroupKey}},"members":[]}`, created(), aGroup)),
			get:    calls(get(groupPath, ok(), groupMembers)),
			add:    calls(patch(groupPath, `{"op":"add","path":"members","value":`+valueList+`}`, aGroupIfAny)),
			remove: calls(patch(groupPath, `{"op":"remove","path":"members","value":`+valueList+`}`, aGroupIfAny)),
			rename: calls(put(groupPath, `{"schemas":["`+coreGroup+`"],"displayName":{{json .Group}},"externalId":{{json .GroupKey}},"members":`+allValueList+`}`, ok(), aGroup)),
			del:    calls(del(groupPath), get(groupPath, missing(), anything)),
		},
	}
}
