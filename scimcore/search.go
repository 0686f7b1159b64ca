package scimcore

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Search is what a query asks for, by the parameters of a GET (RFC 7644, section
// 3.4.2; RFC 9865, section 2) or by the members of a SearchRequest (RFC 7644,
// section 3.4.3), which mean the same (SRCH-03).
type Search struct {
	Filter               string
	HasFilter            bool   // an empty filter is an error, not everybody
	Attributes, Excluded string // attribute notation, comma-separated
	SortBy, SortOrder    string
	StartIndex           int // 1 when absent; never less (PAG-01)
	HasStart             bool
	Count                int // never less than 0 (PAG-03)
	HasCount             bool
	Cursor               string
	HasCursor            bool // an empty cursor starts a walk (CUR-01)

	badCount bool
}

// NewSearch is a Search that asks for everything.
func NewSearch() Search { return Search{StartIndex: 1} }

// Set takes one parameter by its name, in any letter case. Names it does not
// know are ignored (HTTP-15).
func (s *Search) Set(name []byte, value string) (err error) {
	switch {
	case equalFold(name, "filter"):
		if s.HasFilter && s.Filter != value {
			return Bad(InvalidFilter, "The request has several filters. Join them with \"and\".")
		}
		s.Filter, s.HasFilter = value, true
	case equalFold(name, "attributes"):
		s.Attributes = joinList(s.Attributes, value)
	case equalFold(name, "excludedAttributes"):
		s.Excluded = joinList(s.Excluded, value)
	case equalFold(name, "sortBy"):
		s.SortBy = value
	case equalFold(name, "sortOrder"):
		s.SortOrder = value
	case equalFold(name, "cursor"):
		s.Cursor, s.HasCursor = value, true
	case equalFold(name, "startIndex"):
		s.HasStart = value != ""
		var ok bool
		if s.StartIndex, ok = wholeNumber(value, 1); !ok {
			return Bad(InvalidValue, "The parameter startIndex must be a whole number of at most 2147483647.")
		}
	case equalFold(name, "count"):
		s.HasCount = value != ""
		var ok bool
		s.Count, ok = wholeNumber(value, 0)
		s.badCount = !ok
	}
	return nil
}

// Known reports whether Set takes a parameter of that name.
func (s *Search) Known(name []byte) bool {
	for _, known := range [...]string{"filter", "attributes", "excludedAttributes", "sortBy", "sortOrder", "cursor", "startIndex", "count"} {
		if equalFold(name, known) {
			return true
		}
	}
	return false
}

// Check refuses what only all parameters together show to be wrong: a count that
// is no number, which has a scimType of its own beside a cursor (CUR-09), and two
// ways of paging at once (CUR-A03).
func (s *Search) Check() error {
	typ := InvalidValue
	if s.HasCursor {
		typ = InvalidCount
	}
	switch {
	case s.badCount:
		return Bad(typ, "The parameter count must be a whole number of at most 2147483647.")
	case s.HasCursor && s.HasStart:
		return Bad(InvalidValue, "startIndex and cursor are two ways of paging. Send one of them.")
	}
	return nil
}

// wholeNumber reads an integer; less than least means least, an empty text means
// that the parameter is absent.
func wholeNumber(v string, least int) (int, bool) {
	if v == "" {
		return least, true
	}
	n, err := strconv.ParseInt(v, 10, 32)
	return max(int(n), least), err == nil
}

// joinList merges a repeated parameter (PRJ-A02).
func joinList(have, more string) string {
	if have == "" {
		return more
	}
	return have + "," + more
}

// ParseSearch reads the body of a POST to .search. 400 invalidSyntax for a body
// that is not a SearchRequest (SRCH-02), otherwise as Set and Check.
func ParseSearch(body []byte, d Dialect, notes *Notes) (Search, error) {
	s := NewSearch()
	if err := CheckJSON(body); err != nil {
		return s, err
	}
	if jsontext.Value(body).Kind() != '{' {
		return s, Bad(InvalidSyntax, "The body of a .search must be a JSON object: a SearchRequest.")
	}
	declared := false
	err := eachMember(body, func(name []byte, v jsontext.Value) error {
		if equalFold(name, "schemas") {
			declared = declares(v, SearchMessage)
			return nil
		}
		if v.Kind() == 'n' {
			return nil
		}
		if !s.Known(name) {
			if !d.IgnoreUnknown {
				return Bad(InvalidSyntax, "%q is not a member of a SearchRequest.", shorten(string(name)))
			}
			notes.Add(NoteUnknownAttribute, shorten(string(name)))
			return nil
		}
		text, err := searchText(name, v)
		if err != nil {
			return err
		}
		return s.Set(name, text)
	})
	switch {
	case err != nil:
		return s, err
	case !declared:
		return s, Bad(InvalidSyntax, "schemas of a .search body must be [%q].", SearchMessage)
	}
	return s, s.Check()
}

// declares reports whether the "schemas" of a message are that one URN.
func declares(raw jsontext.Value, message string) bool {
	found, others := false, false
	if raw.Kind() == '[' {
		_ = eachElement(raw, func(urn jsontext.Value) error { // never fails
			this := urn.Kind() == '"' && equalFold(unquoted(urn), message)
			found, others = found || this, others || !this
			return nil
		})
	}
	return found && !others
}

// searchText is the member of a SearchRequest as a parameter of a GET would have it.
func searchText(name []byte, v jsontext.Value) (string, error) {
	list := equalFold(name, "attributes") || equalFold(name, "excludedAttributes")
	number := equalFold(name, "startIndex") || equalFold(name, "count")
	switch kind := v.Kind(); {
	case number && kind == '0':
		return string(v), nil
	case !number && kind == '"':
		return string(unquoted(v)), nil
	case list && kind == '[':
		var text []byte
		err := eachElement(v, func(one jsontext.Value) error {
			if one.Kind() != '"' {
				return Bad(InvalidValue, "%s must be an array of attribute names.", name)
			}
			if len(text) > 0 {
				text = append(text, ',')
			}
			text = append(text, unquoted(one)...)
			return nil
		})
		return string(text), err
	case number:
		return "", Bad(InvalidValue, "%s must be a number.", name)
	case list:
		return "", Bad(InvalidValue, "%s must be an array of attribute names.", name)
	}
	return "", Bad(InvalidValue, "%s must be a string.", name)
}
