// Command floor runs what scimedge is measured against, each in a process of its
// own so that its CPU time can be read:
//
//	floor http   bare fasthttp and fasthttp/router, answering GET with given bytes
//	floor kv     boltkv alone, writing as many rows and bytes as a user create does
//
// It is driven over its standard input, one JSON object a line, answers one a line,
// and ends with its input; bench/ratios is the one who drives it. It may import kv
// and kv/boltkv, which the rest of bench may not.
package main
