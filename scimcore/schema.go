package scimcore

// DataType is an attribute's data type (RFC 7643, section 2.3).
type DataType uint8

const (
	String DataType = iota
	Boolean
	Decimal
	Integer
	DateTime
	Binary
	Reference
	Complex
)

// Mutability says who may write an attribute, and when (RFC 7643, section 7).
type Mutability uint8

const (
	ReadWrite Mutability = iota
	ReadOnly
	Immutable
	WriteOnly
)

// Returned says when an attribute appears in a response (RFC 7643, section 7).
type Returned uint8

const (
	ReturnedDefault Returned = iota
	ReturnedAlways
	ReturnedNever
	ReturnedRequest
)

// Uniqueness says among which resources a value may appear only once (RFC 7643, section 7).
type Uniqueness uint8

const (
	UniquenessNone Uniqueness = iota
	UniquenessServer
	UniquenessGlobal
)

// Attribute declares one attribute of a schema (RFC 7643, section 7). The zero
// values are the RFC's defaults: a readWrite, case-insensitive, optional,
// singular string that is returned by default and not unique.
type Attribute struct {
	Name            string
	Type            DataType
	MultiValued     bool
	Description     string
	Required        bool
	CaseExact       bool
	Mutability      Mutability
	Returned        Returned
	Uniqueness      Uniqueness
	CanonicalValues []string
	ReferenceTypes  []string
	SubAttributes   []Attribute // of a Complex attribute; never Complex themselves (EID 8415)
	// Default is the JSON literal a create takes for this attribute when the body
	// does not mention it; a replace that omits it keeps the stored value.
	Default string
	// Filterable asks for an index, so that a filter by equality needs no scan.
	Filterable bool
	// Retired marks an attribute that was declared once and is no more: no client
	// sees it, can name it or can change it, but values that are stored stay, for
	// the day it is declared again.
	Retired bool
}

// Schema is a named set of attributes (RFC 7643, section 7).
type Schema struct {
	ID          string // URN
	Name        string
	Description string
	Attributes  []Attribute
}

// Extension attaches a schema to a resource type (RFC 7643, section 6).
type Extension struct {
	Schema   Schema
	Required bool
	Retired  bool // see Attribute.Retired
}

// ResourceType declares a kind of resource and where it is served (RFC 7643, section 6).
type ResourceType struct {
	Name        string // "User"
	Endpoint    string // "Users", without slashes
	Description string
	Schema      Schema
	Extensions  []Extension
	// Rows names multi-valued attributes kept as rows beside the document,
	// because they grow without bound: Group.members, and User.groups, which is
	// computed from them.
	Rows []string
}
