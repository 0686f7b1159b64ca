package scimcore

// Leniency is one option of a Dialect under the name that tenants, the command
// line and the documentation know it by. Names are never used for anything else
// again, since tenants have them stored.
type Leniency struct {
	Name  string // in snake_case
	About string // what is accepted, in a line
	of    func(*Dialect) *bool
}

// Set switches the option on or off in d.
func (l Leniency) Set(d *Dialect, on bool) { *l.of(d) = on }

// On reports whether d has the option on.
func (l Leniency) On(d Dialect) bool { return *l.of(&d) }

// Leniencies lists every option of a Dialect, in the order of its fields.
func Leniencies() []Leniency {
	return []Leniency{
		{"boolean_strings", "\"True\" and \"false\" for a boolean", func(d *Dialect) *bool { return &d.BooleanStrings }},
		{"ignore_unknown", "attributes and schema URNs that do not exist are dropped", func(d *Dialect) *bool { return &d.IgnoreUnknown }},
		{"infer_schemas", "a body without \"schemas\" is of the endpoint's own", func(d *Dialect) *bool { return &d.InferSchemas }},
		{"bare_complex", "a text or a list of one for a complex value, such as \"manager\": \"ID\"", func(d *Dialect) *bool { return &d.BareComplex }},
		{"bare_element", "one value where a list belongs", func(d *Dialect) *bool { return &d.BareElement }},
		{"upsert_by_filter", "replace of emails[type eq \"work\"].value makes the element that is missing", func(d *Dialect) *bool { return &d.UpsertByFilter }},
		{"remove_by_value", "remove with a list as value removes what it lists", func(d *Dialect) *bool { return &d.RemoveByValue }},
		{"member_operations", "PATCH of a group in the form of SCIM 1.1", func(d *Dialect) *bool { return &d.MemberOperations }},
		{"unquoted_literals", "filter values without quotes", func(d *Dialect) *bool { return &d.UnquotedLiterals }},
		{"pathless_patch", "add and replace without a path", func(d *Dialect) *bool { return &d.PathlessPatch }},
		{"merge_complex", "replace of a complex value keeps the parts it does not name", func(d *Dialect) *bool { return &d.MergeComplex }},
		{"dangling_members", "members that nobody has are kept as unresolved", func(d *Dialect) *bool { return &d.DanglingMembers }},
		{"echoed_read_only", "read-only values in a PATCH without a path are passed over", func(d *Dialect) *bool { return &d.EchoedReadOnly }},
		{"any_country", "countries other than two letters", func(d *Dialect) *bool { return &d.AnyCountry }},
		{"any_reference", "references that are no URIs", func(d *Dialect) *bool { return &d.AnyReference }},
		{"missing_bulk_id", "POST in a bulk without a bulkId", func(d *Dialect) *bool { return &d.MissingBulkID }},
		{"keep_extensions", "PUT without an extension keeps it", func(d *Dialect) *bool { return &d.KeepExtensions }},
	}
}

// LeniencyNames lists the names alone.
func LeniencyNames() []string {
	var names []string
	for _, l := range Leniencies() {
		names = append(names, l.Name)
	}
	return names
}
