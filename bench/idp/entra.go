package idp

import "scimedge/bench/scimclient"

// entra is Microsoft Entra's provisioning service as it behaves without feature
// flags: capitalised operations, booleans as text, the manager as plain text,
// values set through a filter whether or not the element is there, groups read
// without their members, members removed by value lists, and users switched off
// long before they are deleted.
func entra() profile {
	const (
		manager  = enterprise + ":manager"
		setFlag  = `{"op":"Replace","path":"active","value":{{if .Active}}"True"{{else}}"False"{{end}}}`
		refs     = `[{{range $i, $m := .Members}}{{if $i}},{{end}}{"$ref":null,"value":{{json $m.ID}}}{{end}}]`
		managed  = `{{if .ManagerID}},"manager":{{json .ManagerID}}{{end}}`
		userBody = `{"schemas":["` + coreUser + `","` + enterprise + `"],
			"externalId":{{json .P.ExternalID}},"userName":{{json .P.UserName}},"active":"True",
			"displayName":{{json .P.DisplayName}},"title":{{json .P.Title}},
			"emails":[{"primary":true,"type":"work","value":{{json .P.Email}}}],
			"meta":{"resourceType":"User"},
			"name":{"formatted":{{json .P.DisplayName}},"familyName":{{json .P.FamilyName}},"givenName":{{json .P.GivenName}}},
			"roles":[],"phoneNumbers":null,"addresses":null,
			"` + enterprise + `":{"department":{{json .P.Department}},"employeeNumber":{{json .P.EmployeeNo}}` + managed + `}}`
		update = `{"op":"Replace","path":"emails[type eq \"work\"].value","value":{{json .P.Email}}},
			{"op":"Replace","path":"name.familyName","value":{{json .P.FamilyName}}},
			{"op":"Replace","path":"name.formatted","value":{{json .P.DisplayName}}},
			{"op":"Replace","path":"displayName","value":{{json .P.DisplayName}}},
			{"op":"Add","path":"title","value":{{json .P.Title}}},
			{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":{{json .P.Phone}}},
			{"op":"Add","path":"roles[primary eq \"True\"].value","value":"Member"},
			{"op":"Add","path":"` + enterprise + `:department","value":{{json .P.Department}}}
			{{if .ManagerID}},{"op":"Add","path":"` + manager + `","value":{{json .ManagerID}}}{{end}}`
	)
	seen := []field{
		{"externalId", "{{.P.ExternalID}}"}, {"name/familyName", "{{.P.FamilyName}}"}, {"emails/type=work/value", "{{.P.Email}}"},
		{enterprise + "/department", "{{.P.Department}}"},
		// In complex form: Entra cannot read the plain text it sends.
		{enterprise + "/manager/value", "{{.ManagerID}}"},
	}
	updated := append([]field{
		{"phoneNumbers/type=mobile/value", "{{.P.Phone}}"}, {"roles/primary=true/value", "Member"}, {"title", "{{.P.Title}}"},
		{"emails/0/value", "{{.P.Email}}"}, // the one there was, not a second
	}, seen...)
	return profile{
		name:        "entra",
		identity:    scimclient.Identity{Accept: "application/scim+json", ContentType: "application/scim+json; charset=utf-8"},
		contentType: "application/scim+json",
		inFlight:    6,
		chunk:       20,
		connect: calls(
			get(`/Users?filter=userName%20eq%20%22{{.GUID}}%22`, ok(), emptyList),
			get(`/Groups?excludedAttributes=members&filter=displayName%20eq%20%22{{.GUID}}%22`, ok(), emptyList),
			get("/Schemas", ok(), anything),
		),
		user: userCalls{
			lookUp:     calls(get(`/Users?filter=userName%20eq%20{{q (lit .P.UserName)}}`, ok(), aList)),
			create:     calls(post("/Users", userBody, created(), aUser, seen...)),
			update:     calls(get(userPath, ok(), anything), patch(userPath, update, aUserIfAny), get(userPath, ok(), aUser, updated...)),
			check:      calls(get(`/Users?filter=id%20eq%20{{q (lit .ID)}}%20and%20manager%20eq%20{{q (lit .ManagerID)}}&attributes=id`, ok(), listOfOne, field{"Resources/0/id", "{{.ID}}"})),
			deactivate: calls(patch(userPath, setFlag, aUserIfAny), get(userPath, ok(), aUser)),
			reactivate: calls(patch(userPath, setFlag, aUserIfAny), get(userPath, ok(), aUser)),
			remove:     calls(del(userPath), get(userPath, missing(), anything)),
		},
		group: groupCalls{
			lookUp: calls(
				get(`/Groups?excludedAttributes=members&filter=externalId%20eq%20{{q (lit .GroupKey)}}`, ok(), aList),
				get(`/Groups?excludedAttributes=members&filter=displayName%20eq%20{{q (lit .Group)}}`, ok(), aList),
			),
			create: calls(post("/Groups", `{"schemas":["`+coreGroup+`","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
				"externalId":{{json .GroupKey}},"displayName":{{json .Group}},"meta":{"resourceType":"Group"}}`,
				created(), aGroup, field{"externalId", "{{.GroupKey}}"})),
			get:    calls(get(groupPath+"?excludedAttributes=members", ok(), noMembers)),
			add:    calls(patch(groupPath, `{"op":"Add","path":"members","value":`+refs+`}`, aGroupIfAny)),
			check:  calls(get(`/Groups?filter=id%20eq%20{{q (lit .ID)}}%20and%20members%20eq%20{{q (lit .Member)}}&attributes=id`, ok(), listOfOne, field{"Resources/0/id", "{{.ID}}"})),
			remove: calls(patch(groupPath, `{"op":"Remove","path":"members","value":`+refs+`}`, aGroupIfAny)),
			rename: calls(patch(groupPath, `{"op":"Replace","path":"displayName","value":{{json .Group}}}`, aGroupIfAny), get(groupPath+"?excludedAttributes=members", ok(), noMembers)),
			del:    calls(del(groupPath), get(groupPath+"?excludedAttributes=members", missing(), anything)),
		},
	}
}

// entraFlag is Entra with the feature flag ?aadOptscim062020: replaced attributes
// come as dotted keys of one value without a path, booleans as booleans, and
// members go one by one through a filter.
func entraFlag() profile {
	p := entra()
	p.name = "entra-optscim"
	const (
		setFlag = `{"op":"replace","path":"active","value":{{.Active}}}`
		update  = `{"op":"replace","value":{
			"displayName":{{json .P.DisplayName}},"name.familyName":{{json .P.FamilyName}},"name.formatted":{{json .P.DisplayName}},
			"emails[type eq \"work\"].value":{{json .P.Email}},
			"` + enterprise + `:department":{{json .P.Department}},"` + enterprise + `:employeeNumber":{{json .P.EmployeeNo}}}}`
		byPath = `{{range $i, $m := .Members}}{{if $i}},{{end}}{"op":"remove","path":{{json (printf "members[value eq \"%s\"]" $m.ID)}}}{{end}}`
	)
	p.user.update = calls(patch(userPath, update, aUserIfAny), get(userPath, ok(), aUser,
		field{"name/familyName", "{{.P.FamilyName}}"}, field{"emails/type=work/value", "{{.P.Email}}"},
		field{enterprise + "/department", "{{.P.Department}}"}, field{enterprise + "/employeeNumber", "{{.P.EmployeeNo}}"}))
	p.user.deactivate = calls(patch(userPath, setFlag, aUserIfAny), get(userPath, ok(), aUser))
	p.user.reactivate = calls(patch(userPath, setFlag, aUserIfAny), get(userPath, ok(), aUser))
	p.group.remove = calls(patch(groupPath, byPath, aGroupIfAny))
	return p
}
