// Package bench is the room of simulated clients and measurements. It holds no
// code itself; its folders are
//
//	scimclient  an HTTP client for any SCIM server: Host override, loopback dial, checked answers
//	people      made-up persons and group names, the same for the same seed
//	idp         identity providers as tables of the exact requests they send
//	load        load scenarios with latency histograms
//	conformance  what the RFCs demand, asked of any server
//	harness     starts and measures server processes, records results
//	ratios      the command behind the project's speed lines: scimedge against its floors
//
// Everything here reaches a SCIM server over HTTP only. The floors of ratios are
// the one exception: they run bare fasthttp and kv/boltkv alone, to know what
// the hardware and the libraries allow.
package bench
