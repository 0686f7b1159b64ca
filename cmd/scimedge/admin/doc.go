// Package admin is the management of a scimedge server: what an operator can do
// to tenants, tokens and accounts, and how a command reaches a running server.
//
// Each operation is written once, as a method of [Ops]. A command calls it
// directly when no server runs (the command then owns the store), and through
// [Client] when one does; [Server] answers on the other end of the unix socket
// DATA_DIR/admin.sock. Both are a [Service], so that a command does not know
// which of the two it talks to.
//
// The protocol is one HTTP POST of JSON per operation, the path being its name.
// Who may connect is settled by the file system: the socket has mode 0600 in a
// folder of mode 0700.
//
// It may import directory, tenancy, kv and the standard library. Values enter and
// leave as the types of this package, whose JSON forms are also what the commands
// print.
package admin
