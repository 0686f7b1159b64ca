// Package httpx is what the rooms that speak HTTP share: the scope of a request,
// request ids, and reading and writing JSON and problem details (RFC 9457).
//
// It may import fasthttp, the JSON library and tenancy, no other room. Data
// enters as fasthttp requests and leaves in fasthttp responses; nothing here
// keeps bytes of a request after its handler has returned.
package httpx
