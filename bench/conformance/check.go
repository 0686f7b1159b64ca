package conformance

import "strings"

// Level says how binding a requirement is.
type Level string

// A failed MUST fails the run. SHOULD and FIELD, which is what identity providers
// do beyond the standard, give warnings; MAY gives information.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY"
	Field  Level = "FIELD"
)

// Status is how a check ended.
type Status string

const (
	Passed     Status = "passed"
	Failed     Status = "failed"      // a MUST is not met
	Warned     Status = "warning"     // a SHOULD or FIELD is not met, or a MUST not quite
	Noted      Status = "information" // a MAY is answered in another way
	NotOffered Status = "not offered" // the server does not announce what is checked
	Blocked    Status = "blocked"     // what the check needs could not be set up, or is refused as too much
)

// check is one row of the tables.
type check struct {
	id    string // of the requirement, such as PATCH-16, or PATCH-16.bulk where it has several checks
	level Level
	ref   string // document and section
	title string // what a right server does
	cure  string // what to do about a server that does not
	needs string // features and attributes, separated by spaces; see offer.lacks
	run   func(*probe)
}

// section is the part of an id before the dash.
func (c check) section() string {
	key, _, _ := strings.Cut(c.id, "-")
	return key
}

// named reports whether only selects the check: by its section (PATCH), by its
// requirement (PATCH-16) or by itself (PATCH-16.bulk), in any letter case.
func (c check) named(only string) bool {
	requirement, _, _ := strings.Cut(c.id, ".")
	return strings.EqualFold(only, c.section()) || strings.EqualFold(only, requirement) || strings.EqualFold(only, c.id)
}

// failing is what becomes of a check whose expectation is not met. A soft one is
// a part of it that is not binding by itself, such as the scimType of an error.
func (l Level) failing(soft bool) Status {
	switch {
	case l == Must && !soft:
		return Failed
	case l == May || soft && l != Must:
		return Noted
	}
	return Warned
}

// section is a group of the report, and of its JUnit form.
type section struct {
	key, title string
	checks     []check
}

// sections is every check there is, in the order in which they run: what others
// stand on comes first.
func sections() []section {
	return []section{
		{"DISC", "Discovery", discovery()},
		{"HTTP", "Transport and media types", transport()},
		{"CRT", "Create", create()},
		{"GET", "Read", read()},
		{"PUT", "Replace", replace()},
		{"DEL", "Delete", remove()},
		{"ERR", "Errors", errorBodies()},
		{"SCH", "Attributes", attributes()},
		{"RES", "Users, groups and the enterprise extension", resources()},
		{"LIST", "Lists", lists()},
		{"PAG", "Paging by index", indexPaging()},
		{"FLT", "Filters", append(filterMatches(), filterRefusals()...)},
		{"PRJ", "Projection", projection()},
		{"PATCH", "Patch", join(patchMessages(), patchAdd(), patchRemove(), patchReplace(), patchRules())},
		{"ETAG", "Versions", versions()},
		{"SRT", "Sorting", sorting()},
		{"CUR", "Paging by cursor", cursorPaging()},
		{"SRCH", "Search by POST", search()},
		{"BULK", "Bulk", join(bulkMessages(), bulkReferences(), bulkLimits())},
		{"ME", "The caller's own resource", me()},
		{"IDP", "What identity providers do", join(idpUsers(), idpGroups())},
		// Last: a server may shut out an address that shows it bad tokens.
		{"AUTH", "Authentication", authentication()},
	}
}

func join(tables ...[]check) []check {
	var out []check
	for _, t := range tables {
		out = append(out, t...)
	}
	return out
}
