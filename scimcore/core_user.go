package scimcore

// URNs of the schemas RFC 7643 defines for resources (section 10.3).
const (
	UserSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	GroupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	EnterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
)

// UserType is the User of RFC 7643, section 4.1, with the enterprise extension
// of section 4.3 as an optional one. Characteristics follow section 8.7.1 with
// its verified errata; references and binaries are case-exact, as sections 2.3.6
// and 2.3.7 say and 8.7.1 forgets.
func UserType() ResourceType {
	return ResourceType{
		Name:        "User",
		Endpoint:    "Users",
		Description: "A person's account",
		Schema: Schema{
			ID:          UserSchema,
			Name:        "User",
			Description: "A person's account",
			Attributes:  userAttributes(),
		},
		Extensions: []Extension{{Schema: enterpriseUser()}},
		Rows:       []string{"groups"},
	}
}

func userAttributes() []Attribute {
	return []Attribute{
		{Name: "userName", Required: true, Uniqueness: UniquenessServer,
			Description: "The name the person signs in with; unique among the users of the tenant, in any letter case."},
		{Name: "name", Type: Complex, Description: "The parts of the person's name.", SubAttributes: []Attribute{
			text("formatted", "The whole name, ready for display."),
			text("familyName", "The family name, or last name."),
			text("givenName", "The given name, or first name."),
			text("middleName", "The middle names."),
			text("honorificPrefix", "What precedes the name, such as Ms. or Dr."),
			text("honorificSuffix", "What follows the name, such as III."),
		}},
		text("displayName", "The name shown for the person."),
		text("nickName", "What the person is called casually."),
		{Name: "profileUrl", Type: Reference, CaseExact: true, ReferenceTypes: []string{"external"},
			Description: "The address of a page about the person."},
		text("title", "The job title, such as Vice President."),
		text("userType", "The relation to the organization, such as Employee or Contractor."),
		text("preferredLanguage", "Languages the person prefers, as in an Accept-Language header."),
		text("locale", "The locale for currency, dates and numbers, such as en-US."),
		text("timezone", "The time zone by its IANA name, such as Europe/Berlin."),
		{Name: "active", Type: Boolean, Default: "true",
			Description: "Whether the account may be used. A user that is not active stays readable."},
		{Name: "password", Mutability: WriteOnly, Returned: ReturnedNever,
			Description: "Accepted and discarded: people sign in through their identity provider."},
		plural("emails", "E-mail addresses of the person.",
			text("value", "The e-mail address."), "work", "home", "other"),
		plural("phoneNumbers", "Telephone numbers of the person.",
			text("value", "The telephone number, best as a tel URI of RFC 3966."), "work", "home", "mobile", "fax", "pager", "other"),
		plural("ims", "Instant messaging addresses of the person.",
			text("value", "The instant messaging address."), "aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
		plural("photos", "Pictures of the person.",
			Attribute{Name: "value", Type: Reference, CaseExact: true, ReferenceTypes: []string{"external"}, Description: "The address of the picture."},
			"photo", "thumbnail"),
		{Name: "addresses", Type: Complex, MultiValued: true, Description: "Postal addresses of the person.", SubAttributes: []Attribute{
			text("formatted", "The whole address, ready for display or a label."),
			text("streetAddress", "Street, house number, post office box."),
			text("locality", "The city."),
			text("region", "The state or region."),
			text("postalCode", "The postal code."),
			text("country", "The country as an ISO 3166-1 alpha-2 code, such as DE."),
			kindOf("work", "home", "other"),
		}},
		{Name: "groups", Type: Complex, MultiValued: true, Mutability: ReadOnly,
			Description: "Groups the person is in, direct and indirect: put there, or by way of a group within a group. Changed through the groups only.",
			SubAttributes: []Attribute{
				{Name: "value", Mutability: ReadOnly, Description: "The id of the group."},
				{Name: "$ref", Type: Reference, CaseExact: true, Mutability: ReadOnly, ReferenceTypes: []string{"Group"}, Description: "The address of the group."},
				{Name: "display", Mutability: ReadOnly, Description: "The name of the group."},
				{Name: "type", Mutability: ReadOnly, CanonicalValues: []string{"direct", "indirect"}, Description: "How the membership came about."},
			}},
		plural("entitlements", "Things the person is entitled to.", text("value", "The entitlement.")),
		plural("roles", "Roles that together describe who the person is.", text("value", "The role.")),
		plural("x509Certificates", "X.509 certificates issued to the person.",
			Attribute{Name: "value", Type: Binary, CaseExact: true, Description: "One certificate, DER in base64."}),
	}
}

func enterpriseUser() Schema {
	return Schema{
		ID:          EnterpriseSchema,
		Name:        "EnterpriseUser",
		Description: "A person's place in an organization",
		Attributes: []Attribute{
			text("employeeNumber", "The number the organization gave the person."),
			text("costCenter", "The cost center."),
			text("organization", "The organization."),
			text("division", "The division."),
			text("department", "The department."),
			{Name: "manager", Type: Complex, Description: "The person's manager, another user.", SubAttributes: []Attribute{
				{Name: "value", CaseExact: true, Description: "The id of the manager's user."},
				{Name: "$ref", Type: Reference, CaseExact: true, ReferenceTypes: []string{"User"}, Description: "The address of the manager's user."},
				{Name: "displayName", Mutability: ReadOnly, Description: "The manager's name, for display."},
			}},
		},
	}
}

// text declares an attribute that has only a name: the RFC's defaults.
func text(name, description string) Attribute {
	return Attribute{Name: name, Description: description}
}

// kindOf declares the "type" of an element; the values are suggestions (SCH-26).
func kindOf(values ...string) Attribute {
	return Attribute{Name: "type", CanonicalValues: values, Description: "What the element is used for."}
}

// plural declares a multi-valued attribute with the usual sub-attributes (RFC 7643, section 2.4).
func plural(name, description string, value Attribute, types ...string) Attribute {
	return Attribute{Name: name, Type: Complex, MultiValued: true, Description: description, SubAttributes: []Attribute{
		value,
		text("display", "A name for the element, for display."),
		kindOf(types...),
		{Name: "primary", Type: Boolean, Description: "Whether this is the preferred element; at most one is."},
	}}
}
