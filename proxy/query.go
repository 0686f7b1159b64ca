package proxy

import (
	"bytes"
	"strconv"

	"scimedge/scimcore"
)

// queryParams are the parameters SCIM defines for a query (RFC 7644, section
// 3.4.2), decoded. Others are ignored (HTTP-15).
type queryParams struct {
	filter               string
	attributes, excluded string
	startIndex, count    int
	hasFilter, hasCount  bool
}

// parseQuery decodes the query string, once, with both "+" and %20 as a space.
func (r *request) parseQuery() error {
	q := &r.params
	q.startIndex = 1
	for rest := r.target.query; len(rest) > 0; {
		var part []byte
		part, rest, _ = bytes.Cut(rest, []byte("&"))
		rawName, rawValue, _ := bytes.Cut(part, []byte("="))
		set := q.setter(rawName)
		if set == nil {
			continue
		}
		value, ok := unescapeQuery(rawValue)
		if !ok {
			return scimcore.Bad(scimcore.InvalidValue, "The query parameter %s is not percent-encoded correctly.", rawName)
		}
		if err := set(value); err != nil {
			return err
		}
	}
	return nil
}

// setter finds what takes the value of a parameter, in any letter case.
func (q *queryParams) setter(name []byte) func(string) error {
	switch {
	case foldEqual(name, "filter"):
		return func(v string) error {
			if q.hasFilter && q.filter != v {
				return scimcore.Bad(scimcore.InvalidFilter, "The request has several filters. Join them with \"and\".")
			}
			q.filter, q.hasFilter = v, true // an empty one is an error, not everybody
			return nil
		}
	case foldEqual(name, "attributes"):
		return func(v string) error { q.attributes = joinList(q.attributes, v); return nil }
	case foldEqual(name, "excludedattributes"):
		return func(v string) error { q.excluded = joinList(q.excluded, v); return nil }
	case foldEqual(name, "startindex"):
		return func(v string) (err error) {
			q.startIndex, err = number("startIndex", v, 1)
			return err
		}
	case foldEqual(name, "count"):
		return func(v string) (err error) {
			q.hasCount = v != ""
			q.count, err = number("count", v, 0)
			return err
		}
	}
	return nil
}

// number reads an integer; less than least means least (PAG-01, PAG-03), an
// empty value means that the parameter is absent.
func number(name, v string, least int) (int, error) {
	if v == "" {
		return least, nil
	}
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil {
		return 0, scimcore.Bad(scimcore.InvalidValue, "The parameter %s must be a whole number of at most 2147483647.", name)
	}
	return max(int(n), least), nil
}

// joinList merges a repeated parameter (PRJ-A02).
func joinList(have, more string) string {
	if have == "" {
		return more
	}
	return have + "," + more
}

// unescapeQuery decodes one value; false if a percent sign is not followed by
// two hexadecimal digits.
func unescapeQuery(raw []byte) (string, bool) {
	if bytes.IndexByte(raw, '%') < 0 && bytes.IndexByte(raw, '+') < 0 {
		return string(raw), true
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '+':
			out = append(out, ' ')
		case '%':
			b, ok := unhexPair(raw[i+1:])
			if !ok {
				return "", false
			}
			out = append(out, b)
			i += 2
		default:
			out = append(out, raw[i])
		}
	}
	return view(out), true
}

// projection is what the request wants to see of a resource; nil for the default.
func (r *request) projection() (*scimcore.Projection, error) {
	if r.params.attributes == "" && r.params.excluded == "" {
		return nil, nil
	}
	show, err := scimcore.ParseProjection(r.typ, r.params.attributes, r.params.excluded, r.dir.Dialect(), &r.notes)
	if err != nil {
		return nil, err
	}
	return show, r.refuseSensitive(show.Personal())
}
