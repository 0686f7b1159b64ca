// Command scimedge is a multi-tenant SCIM 2.0 edge with an embedded store, in one
// static binary.
//
// This package is wiring and command line only: it reads flags, environment and
// configuration, starts the services of a server one after the other and stops
// them in reverse. It is the only package that may import all the others, and
// nothing imports it. What a management command does lives in the folder admin;
// the commands here turn flags into its requests and print its answers.
//
// Data goes to standard output, messages to standard error. Exit codes: 0 done,
// 1 failed, 2 wrong usage.
package main
