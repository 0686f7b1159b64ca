// Package arch proves the import rules of the house on every test run: which
// room may use which, and which outside library is kept behind which room. It
// holds no code of the product. The rules themselves are the tables of its test.
package arch
