package scimcore

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// scalar checks one value against the type of a and adds it below parent
// (RFC 7643, section 2.3). Details never repeat the value: it may be a secret.
func (p *parser) scalar(parent NodeID, a *Attr, raw jsontext.Value) (NodeID, error) {
	kind := raw.Kind()
	switch a.Type {
	case Boolean:
		return p.boolean(parent, a, raw)
	case Decimal, Integer:
		if kind != '0' {
			return 0, p.mismatch(a, kind)
		}
		if a.Type == Integer {
			if _, err := strconv.ParseInt(string(raw), 10, 64); err != nil {
				return 0, Bad(InvalidValue, "%s must be a whole number of at most 64 bits, without fraction and exponent.", p.where(a))
			}
		}
		return p.doc.AddText(parent, a, KindNumber, raw), nil
	case Complex:
		return 0, p.mismatch(a, kind)
	}
	if kind != '"' {
		return 0, p.mismatch(a, kind)
	}
	n := p.doc.addQuoted(parent, a, raw)
	if err := p.checkText(a, n); err != nil {
		return 0, err
	}
	return n, nil
}

func (p *parser) boolean(parent NodeID, a *Attr, raw jsontext.Value) (NodeID, error) {
	switch kind := raw.Kind(); {
	case kind == 't' || kind == 'f':
		return p.doc.AddBool(parent, a, kind == 't'), nil
	case kind == '"' && p.d.BooleanStrings:
		word := unquoted(raw)
		if yes := equalFold(word, "true"); yes || equalFold(word, "false") {
			p.notes.Add(NoteBoolean, a.Path)
			return p.doc.AddBool(parent, a, yes), nil
		}
		return 0, Bad(InvalidValue, "%s must be true or false.", p.where(a))
	default:
		return 0, p.mismatch(a, kind)
	}
}

// checkText checks the text of a string-like value, and brings a dateTime into canonical form.
func (p *parser) checkText(a *Attr, n NodeID) error {
	text := p.doc.Text(n)
	switch a.Type {
	case DateTime:
		at, ok := parseDateTime(text)
		if !ok {
			return Bad(InvalidValue, "%s must be a date and time such as 2026-01-31T14:00:00Z.", p.where(a))
		}
		node := &p.doc.nodes[n]
		node.off = uint32(len(p.doc.text))
		p.doc.text = appendTime(p.doc.text, at)
		node.end = uint32(len(p.doc.text))
	case Binary:
		der, ok := decodeBase64(text)
		if !ok {
			return Bad(InvalidValue, "%s must be base64.", p.where(a))
		}
		if a.Path == "x509Certificates.value" && !isCertificate(der) {
			return Bad(InvalidValue, "%s must be one X.509 certificate: DER in base64, without PEM lines.", p.where(a))
		}
	case Reference:
		if !p.d.AnyReference && !isReference(text) {
			return Bad(InvalidValue, "%s must be a URI.", p.where(a))
		}
	case String:
		if a.Path == "addresses.country" && !p.d.AnyCountry && !isAlpha2(text) {
			return Bad(InvalidValue, "%s must be a country code of two letters (ISO 3166-1 alpha-2).", p.where(a))
		}
	}
	return nil
}

func (p *parser) mismatch(a *Attr, kind jsontext.Kind) *Error {
	want := "a string"
	switch a.Type {
	case Boolean:
		want = "true or false"
	case Decimal:
		want = "a number"
	case Integer:
		want = "a whole number"
	case Complex:
		want = "an object"
	}
	return Bad(InvalidValue, "%s must be %s, not %s.", p.where(a), want, kindName(kind))
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return "something else"
}

func writeIndex(b *strings.Builder, i int) {
	b.WriteByte('[')
	b.WriteString(strconv.Itoa(i))
	b.WriteByte(']')
}

// addQuoted adds a string given as valid JSON.
func (d *Doc) addQuoted(parent NodeID, a *Attr, raw []byte) NodeID {
	if bytes.IndexByte(raw, '\\') < 0 {
		return d.AddText(parent, a, KindString, raw[1:len(raw)-1])
	}
	off := uint32(len(d.text))
	d.text, _ = jsontext.AppendUnquote(d.text, raw) // raw was validated when it was read
	return d.link(parent, node{attr: a, kind: KindString, off: off, end: uint32(len(d.text))})
}

const timeLayout = "2006-01-02T15:04:05.000Z"

// appendTime writes the one canonical form of a dateTime, whose order as text is
// that of time (SCH-A07). By hand, as every resource shows two of them.
func appendTime(dst []byte, at time.Time) []byte {
	at = at.UTC()
	year, month, day := at.Date()
	if year < 0 || year > 9999 {
		return at.AppendFormat(dst, timeLayout)
	}
	hour, minute, second := at.Clock()
	dst = appendDigits(dst, year, 4)
	dst = appendDigits(append(dst, '-'), int(month), 2)
	dst = appendDigits(append(dst, '-'), day, 2)
	dst = appendDigits(append(dst, 'T'), hour, 2)
	dst = appendDigits(append(dst, ':'), minute, 2)
	dst = appendDigits(append(dst, ':'), second, 2)
	dst = appendDigits(append(dst, '.'), at.Nanosecond()/1e6, 3)
	return append(dst, 'Z')
}

// appendDigits writes n with leading zeros, width digits in all.
func appendDigits(dst []byte, n, width int) []byte {
	for range width {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; n > 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

// parseDateTime reads an xsd:dateTime of the years 0 to 9999; without a zone it is
// UTC. time.Parse is too generous: it takes one-digit hours and commas.
func parseDateTime(s []byte) (time.Time, bool) {
	const shape = "dddd-dd-ddTdd:dd:dd"
	if len(s) < len(shape) {
		return time.Time{}, false
	}
	for i := range len(shape) {
		if c := s[i]; shape[i] == 'd' && (c < '0' || c > '9') || shape[i] != 'd' && c != shape[i] {
			return time.Time{}, false
		}
	}
	num := func(from, to int) int {
		n := 0
		for _, c := range s[from:to] {
			n = n*10 + int(c-'0')
		}
		return n
	}
	year, month, day := num(0, 4), num(5, 7), num(8, 10)
	hour, minute, second := num(11, 13), num(14, 16), num(17, 19)
	nanos, zone, ok := fraction(s[len(shape):])
	offset, zoned := zoneSeconds(zone)
	midnight := hour == 24 && minute == 0 && second == 0 && nanos == 0
	if !ok || !zoned || hour > 23 && !midnight || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	if date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC); date.Day() != day || int(date.Month()) != month {
		return time.Time{}, false
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second-offset, nanos, time.UTC)
	return at, at.Year() >= 0 && at.Year() <= 9999
}

// fraction cuts ".123" off the front of s.
func fraction(s []byte) (nanos int, rest []byte, ok bool) {
	if len(s) == 0 || s[0] != '.' {
		return 0, s, true
	}
	i, scale := 1, 100_000_000
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		nanos += int(s[i]-'0') * scale
		scale /= 10
	}
	return nanos, s[i:], i > 1
}

// zoneSeconds reads "", "Z" or "+hh:mm".
func zoneSeconds(s []byte) (int, bool) {
	if len(s) == 0 || string(s) == "Z" {
		return 0, true
	}
	if len(s) != len("+hh:mm") || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	for _, i := range []int{1, 2, 4, 5} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	h, m := int(s[1]-'0')*10+int(s[2]-'0'), int(s[4]-'0')*10+int(s[5]-'0')
	if m > 59 || h*60+m > 14*60 {
		return 0, false
	}
	if s[0] == '-' {
		return -(h*60 + m) * 60, true
	}
	return (h*60 + m) * 60, true
}

// decodeBase64 takes both alphabets, with or without padding (SCH-15).
func decodeBase64(s []byte) ([]byte, bool) {
	body := bytes.TrimRight(s, "=")
	if pad := len(s) - len(body); pad > 2 || pad > 0 && len(s)%4 != 0 || bytes.ContainsAny(body, "\r\n") {
		return nil, false
	}
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(body, "-_") {
		enc = base64.RawURLEncoding
	}
	out := make([]byte, enc.DecodedLen(len(body)))
	n, err := enc.Decode(out, body)
	return out[:n], err == nil
}

// isCertificate checks the outer structure of an X.509 certificate (RFC 5280,
// section 4.1) and no more: what a certificate may say is for its users to judge,
// and crypto/x509 refuses some that are in use.
func isCertificate(der []byte) bool {
	var cert struct {
		TBS       asn1.RawValue
		Algorithm asn1.RawValue
		Signature asn1.BitString
	}
	rest, err := asn1.Unmarshal(der, &cert)
	return err == nil && len(rest) == 0 && cert.TBS.Tag == asn1.TagSequence && cert.Algorithm.Tag == asn1.TagSequence
}

// isReference checks for a URI, absolute or relative.
func isReference(s []byte) bool {
	for _, c := range s {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return false
		}
	}
	_, err := url.Parse(string(s))
	return err == nil && len(s) > 0
}

func isAlpha2(s []byte) bool {
	return len(s) == 2 && lower(s[0])-'a' < 26 && lower(s[1])-'a' < 26
}
