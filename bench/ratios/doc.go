// Command ratios measures scimedge against its floors and against itself, in one
// run on one machine, and keeps the results:
//
//	get     server CPU of GET /Users/{id} against bare fasthttp and router with the same bytes
//	create  durable creates a second by 64 clients against boltkv alone with the same rows
//	filter  a userName filter in a tenant of 100,000 users against one of 1,000
//	member  adding a member to a group of 100,000 against groups of 10
//
// The two sides of a ratio take turns, round by round. It starts the real binary in
// a temporary folder and fills it over HTTP; it exits with 1 when anything failed,
// measured nothing, or, with -enforce, broke a promise.
//
// It imports bench/harness, bench/load and bench/scimclient. The floors are another
// program (bench/floor), which it builds and starts.
package main
