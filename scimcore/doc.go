// Package scimcore is SCIM 2.0 itself (RFC 7643, RFC 7644): schemas, resources,
// filters, paths, patch, projection, messages and errors.
//
// It is pure: no HTTP, no storage, no clock, no logging, no mutable package
// state. It may import the standard library, jsontext (JSON syntax) and x/text
// (Unicode folding).
//
// Data enters as bytes: a body through [Parse] or [ParsePatch], a query through
// [ParseFilter] and [ParseProjection]. All of them are driven by a [Type], one
// resource type compiled from its schemas by [NewCatalog], and end in a [Doc],
// the one tree that patch, filter and validation work on. Data leaves as
// canonical JSON: [Doc.AppendStored] writes what is kept at rest, and
// [AppendResource] splices id, meta and computed attributes into stored bytes
// without ever decoding them.
package scimcore
