// Package kvtest is the conformance suite of kv engines. An engine is one when
// it passes [Run] whole; each subtest is named after the rule of [kv.Store] it
// holds the engine to.
//
// It may import kv, testify and rapid. An engine's test calls it:
//
//	func TestConformance(t *testing.T) {
//		kvtest.Run(t, func(t *testing.T) kv.Store { return open(t, t.TempDir()) })
//	}
//
// Nothing in it sleeps or measures time, and every fn may run more than once
// (K3), so an engine can be tested in its most hostile mode.
package kvtest
