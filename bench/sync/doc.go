// Command sync lets one simulated identity provider, or all of them, provision
// people and groups into any SCIM server, and verifies what is there afterwards:
//
//	go run ./bench/sync -provider entra -token "$TOKEN" http://acme.localhost:8080/scim/v2
//
// It imports bench/idp and bench/scimclient.
package main
