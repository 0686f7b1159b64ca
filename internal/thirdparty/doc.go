// Package thirdparty runs SCIM suites and clients that no one here wrote against
// the real binary. They come from the public registries, at versions named in
// python/requirements.txt, the pom.xml files and node/package.json, and are kept
// out of this tree: scripts/thirdparty fetches them into .cache. What drives them
// is our own, in python/, java/ and node/, and prints one line for each check,
// which the test turns into subtests. patches.json holds patches that libraries
// apply as well as the server does, to the same user, for the results to be equal.
//
// A check that fails without a row in deviations.tsv fails the test, and so does
// a row whose check passes or never ran. docs/reference/conformance.md shows the
// rows; the suites in docs/reference/third-party-suites.md are held against the
// ones that run.
package thirdparty
