package scimcore

// Dialect names every leniency towards identity providers as an option. Each
// one that is used leaves a [Note], so that what was coerced or ignored can be
// counted and shown. [Lenient] is the default, [Strict] switches all off.
type Dialect struct {
	BooleanStrings   bool // "True"/"false" for a boolean, in bodies and filters (Entra)
	IgnoreUnknown    bool // unknown attributes and schema URNs are dropped, not refused
	InferSchemas     bool // a missing "schemas" means the endpoint's own, or PatchOp
	BareComplex      bool // "manager":"id" or ["id"] means {"value":"id"} (Entra)
	BareElement      bool // one object or value where an array belongs (OneLogin)
	UpsertByFilter   bool // replace attr[a eq "x"].b creates a missing element (Entra)
	RemoveByValue    bool // remove with path and a value list removes the listed (Entra, JumpCloud)
	MemberOperations bool // members[].operation "add"/"delete", the SCIM 1.1 form (OneLogin)
	UnquotedLiterals bool // filter literals without quotes
	PathlessPatch    bool // add and replace without a path; an operation without one is RFC 7644, refused only by the interop profile
	MergeComplex     bool // replace of a complex attribute keeps what it does not name; the interop profile replaces all
	DanglingMembers  bool // members that name no resource are kept as unresolved references
	EchoedReadOnly   bool // readOnly values in a path-less PATCH equal to the stored ones are no error (Okta)
	AnyCountry       bool // addresses.country need not be ISO 3166-1 alpha-2
	AnyReference     bool // references need not be well-formed URIs
	MissingBulkID    bool // a POST in a bulk needs no bulkId; nothing can refer to it then
	KeepExtensions   bool // a replace keeps an extension it neither sends nor lists in "schemas"
}

// Lenient accepts what real identity providers send.
func Lenient() Dialect {
	var d Dialect
	for _, l := range Leniencies() {
		l.Set(&d, true)
	}
	return d
}

// Strict follows the RFCs and draft-zollner-scim-interop-profile to the letter.
func Strict() Dialect { return Dialect{} }

// Note says that a leniency was used: which, and on which attribute as the
// client named it. It never holds a value.
type Note struct {
	Kind NoteKind
	Name string
}

// NoteKind is a closed set, fit for a metric label.
type NoteKind string

const (
	NoteUnknownAttribute NoteKind = "unknown_attribute"
	NoteUnknownSchema    NoteKind = "unknown_schema"
	NoteReadOnly         NoteKind = "read_only_ignored"
	NoteBoolean          NoteKind = "boolean_string"
	NoteBareValue        NoteKind = "bare_value"
	NoteSchemasInferred  NoteKind = "schemas_inferred"
	NoteUpsert           NoteKind = "upsert_by_filter"
	NoteRemoveByValue    NoteKind = "remove_by_value"
	NoteMemberOperation  NoteKind = "member_operation"
	NoteUnquoted         NoteKind = "unquoted_literal"
	NotePassword         NoteKind = "password_dropped"
)

// Notes collects the leniencies one request used. A nil *Notes discards them.
type Notes []Note

// maxNotes bounds what a body of nothing but unknown names can make us remember.
const maxNotes = 64

// Add records one use, once per kind and name, as long as there is room.
func (n *Notes) Add(k NoteKind, name string) {
	if n == nil || len(*n) >= maxNotes {
		return
	}
	for _, have := range *n {
		if have.Kind == k && have.Name == name {
			return
		}
	}
	*n = append(*n, Note{k, name})
}
