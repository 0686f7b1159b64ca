// Package harness starts the processes that are measured, reads their CPU time, and
// keeps the results.
//
// A server is measured as a process of its own because the load generator shares
// the machine with it: wall time would measure both. It needs Linux's /proc.
//
// It imports the standard library only and knows the server by its command line
// and configuration file, as an operator does.
package harness
