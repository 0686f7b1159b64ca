// Package people makes up persons and group names for simulated directories. The
// same seed gives the same people, so that a failing run can be repeated; all
// addresses end in reserved names (RFC 2606).
//
// It imports the standard library only, and holds no data about anybody.
package people
