package scimcore

// Resource is one stored resource on its way out: what is kept at rest plus what
// the server adds. Its slices are only read.
type Resource struct {
	Type     *Type
	ID       string
	Created  int64  // unix milliseconds
	Modified int64  // unix milliseconds
	Version  uint64 // the tenant's sequence number of the last change of what is stored
	Stored   []byte // canonical JSON as written by Doc.AppendStored
	Rows     RowsFunc

	computed uint32 // checksum of the computed rows AppendResource showed; 0 for none
}

// RowsFunc gives the elements of the row attribute a, in order, until yield
// returns false. nil means that the resource has none.
type RowsFunc func(a *Attr, yield func(Row) bool) error

// Row is one element of an attribute kept as rows: a member of a group, or a
// group of a user.
type Row struct {
	Value    string
	Endpoint string // "Users" or "Groups", for $ref; "" for an unresolved reference
	Kind     string // the "type" sub-attribute: User or Group for members, direct or indirect for groups; "" is left out
	Display  string // "" is left out
}

// Member is an element of a row attribute as a client writes it.
type Member struct {
	Value   string
	Type    string // as sent; "" when absent
	Display string
	Ref     string
}

// Set is a row attribute that can be read and changed piece by piece, so that a
// patch of one member never touches the others.
type Set interface {
	// Has reports whether value is in the set.
	Has(value string) (bool, error)
	// Add puts members in; those already there (by Value) are left as they are.
	// It reports whether anything changed.
	Add(ms []Member) (bool, error)
	// Remove takes values out; those not there are no error.
	Remove(values []string) (bool, error)
	// Replace makes ms the whole set; nil or empty clears it.
	Replace(ms []Member) (bool, error)
	// Each yields the elements in order until yield returns false. Only filters
	// other than an equality on value need it.
	Each(yield func(Row) bool) error
}

// Sets gives the Set of a row attribute of the resource at hand.
type Sets func(a *Attr) (Set, error)
