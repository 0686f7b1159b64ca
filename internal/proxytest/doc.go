// Package proxytest starts the whole stack for tests: a store, the registry,
// directories, the portal, metrics and the edge, on a loopback listener, with three tenants
// and a token each. When the test ends the edge is drained and every directory
// is checked for consistency.
//
//	s := proxytest.New(t)
//	ada := s.CreateUser(t, "ada")
//	s.Get(t, "/Users/"+ada).Status(200).Has("userName", "ada")
//	s.Patch(t, "/Users/"+ada, proxytest.Ops(proxytest.Op("replace", "active", false))).Status(200)
//	s.Globex.Get(t, "/Users/" + ada).Error(404, "")
//
// A [Stack] speaks as Acme; Acme's sibling Staging and the stranger Globex are
// fields of it. Paths are below /scim/v2 unless they start with /scim, /api or
// /portal. Bodies are text, bytes, or values that are marshalled. Assertions
// fail the test at the caller's line.
//
// It may import every room below cmd.
package proxytest
