// Package conformance holds the matrix of SCIM requirements (matrix.tsv: id,
// source, level, requirement) and compares it with what the tests prove.
//
// A test proves a requirement when its name, or that of one of its subtests,
// holds the id: TestCRT04_..., t.Run("CRT-04 ..."), t.Run("PATCH-A10 ..."). The
// names idp-1 to idp-42 stand for the observed behaviours of identity providers
// in idp.tsv. Package report, a command, turns the output of `go test -json`
// into docs/reference/conformance.md.
//
// It imports the standard library only.
package conformance
