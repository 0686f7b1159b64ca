package scimcore

// GroupType is the Group of RFC 7643, section 4.2. displayName is required (EID
// 5368) and members have a display name (EID 6011).
func GroupType() ResourceType {
	return ResourceType{
		Name:        "Group",
		Endpoint:    "Groups",
		Description: "A group of users and groups",
		Schema: Schema{
			ID:          GroupSchema,
			Name:        "Group",
			Description: "A group of users and groups",
			Attributes: []Attribute{
				{Name: "displayName", Required: true, Description: "The name of the group."},
				{Name: "members", Type: Complex, MultiValued: true,
					Description: "Users and groups that belong to the group. Elements come and go whole; their parts do not change.",
					SubAttributes: []Attribute{
						{Name: "value", Mutability: Immutable, Description: "The id of the member."},
						{Name: "$ref", Type: Reference, CaseExact: true, Mutability: Immutable, ReferenceTypes: []string{"User", "Group"}, Description: "The address of the member."},
						{Name: "type", Mutability: Immutable, CanonicalValues: []string{"User", "Group"}, Description: "What the member is."},
						{Name: "display", Mutability: Immutable, Description: "The name of the member."},
					}},
			},
		},
		Rows: []string{"members"},
	}
}
