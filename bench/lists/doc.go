// Command lists measures what lists cost in a large tenant: the first page and one
// far behind it, a walk through all by index and by cursor, filters that read
// everything, sorting with and without an index. It starts the real binary in a
// temporary folder, fills it over HTTP and asks one request at a time; a figure is
// the server's own: CPU from the scheduler, allocations from its /metrics.
//
// It exits with 1 when a request failed, a walk missed somebody, or nothing was
// measured. It imports bench/harness, bench/load and bench/scimclient.
package main
