package proxy

import (
	"bytes"
	"strconv"

	"scimedge/scimcore"
)

const (
	typeSCIM = "application/scim+json"
	typeJSON = "application/json"
)

// answerType chooses between the two names of the one format we speak. SCIM's
// own is the default and the answer to what we cannot satisfy, since a client
// that gets 406 can do nothing about it (RFC 7644, section 3.8); plain JSON is
// for those who ask for it by name, as OneLogin does.
func answerType(accept []byte) string {
	if len(accept) == 0 || string(accept) == typeSCIM || string(accept) == "*/*" {
		return typeSCIM
	}
	var scim, plain, wild float64
	named := false // scim+json itself was named
	for len(accept) > 0 {
		var part []byte
		part, accept, _ = bytes.Cut(accept, []byte(","))
		media, params, _ := bytes.Cut(part, []byte(";"))
		q := quality(params)
		switch media = bytes.TrimSpace(media); {
		case foldEqual(media, typeSCIM):
			scim, named = q, true
		case foldEqual(media, typeJSON):
			plain = q
		case string(media) == "*/*" || foldEqual(media, "application/*"):
			wild = max(wild, q)
		}
	}
	if !named {
		scim = wild
	}
	if plain > scim || plain > 0 && plain == scim && !named {
		return typeJSON
	}
	return typeSCIM
}

// quality reads the q parameter; 1 when there is none or it makes no sense.
func quality(params []byte) float64 {
	for len(params) > 0 {
		var p []byte
		p, params, _ = bytes.Cut(params, []byte(";"))
		name, value, _ := bytes.Cut(bytes.TrimSpace(p), []byte("="))
		if !foldEqual(name, "q") {
			continue
		}
		if q, err := strconv.ParseFloat(string(value), 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
	}
	return 1
}

// checkContentType accepts the two names of JSON, in any case, with or without a
// UTF-8 charset, and a body without a type, which some clients send.
func checkContentType(contentType, encoding []byte) *scimcore.Error {
	if len(encoding) > 0 && !foldEqual(encoding, "identity") {
		return scimcore.Errorf(415, scimcore.NoType, "The body has a Content-Encoding, which this server does not read. Send it uncompressed.")
	}
	if len(contentType) == 0 {
		return nil
	}
	media, params, _ := bytes.Cut(contentType, []byte(";"))
	if media = bytes.TrimSpace(media); !foldEqual(media, typeSCIM) && !foldEqual(media, typeJSON) {
		return scimcore.Errorf(415, scimcore.NoType, "The body's Content-Type must be application/scim+json or application/json.")
	}
	for len(params) > 0 {
		var p []byte
		p, params, _ = bytes.Cut(params, []byte(";"))
		name, value, _ := bytes.Cut(bytes.TrimSpace(p), []byte("="))
		value = bytes.Trim(value, `"`)
		if foldEqual(name, "charset") && !foldEqual(value, "utf-8") && !foldEqual(value, "utf8") {
			return scimcore.Errorf(415, scimcore.NoType, "The body's charset must be utf-8.")
		}
	}
	return nil
}
