package idp

import (
	"net/http"

	"scimedge/bench/scimclient"
)

// profile is the table of one identity provider.
type profile struct {
	name     string
	identity scimclient.Identity
	// contentType is how the type of every answer with a body must begin.
	contentType string
	inFlight    int // requests the provider keeps under way at once
	chunk       int // members it puts into one request
	// linkOnConflict: the provider creates first and looks up after a 409,
	// instead of looking up first.
	linkOnConflict bool
	// membersInCreate: a new group comes with its (first) members.
	membersInCreate bool
	// chunkByServer: chunk is at most the server's bulk.maxOperations.
	chunkByServer bool
	// rehearse: the connection test makes and removes a user and a group.
	rehearse bool

	connect  []call // once, at first
	discover []call // list calls, paged; before the sync and after it
	byReturn bool   // discover advances by itemsPerPage, not by the rows seen

	user  userCalls
	group groupCalls
}

// Each list is sent in order. The first answer with a user (or group) in it gives
// the id that the calls after it use.
type userCalls struct {
	lookUp, create, update, check, deactivate, reactivate, remove []call
}

type groupCalls struct {
	lookUp, create, get, add, check, remove, swap, rename, replace, empty, del []call
}

// call is one request. path and body are templates over vars (see render.go).
type call struct {
	method string
	path   string
	body   string
	want   []int // statuses that will do
	is     shape // what a 2xx body must be
	see    []field
}

// field is a value the answer must show: path as in scimclient.Object.Get, want a
// template.
type field struct{ path, want string }

// shape is the kind of body a client needs.
type shape int

const (
	anything     shape = iota
	nothing            // no body is needed, and none is read
	aUser              // this user
	aUserIfAny         // this user, or 204 without a body
	aGroup             // this group
	aGroupIfAny        // this group, or 204 without a body
	groupMembers       // this group with exactly the members we know
	noMembers          // this group without a members attribute
	aList              // a list of any length
	emptyList
	listOfOne
	config // a complete ServiceProviderConfig
)

// Statuses, named where a table would repeat them.
func ok() []int          { return []int{http.StatusOK} }
func created() []int     { return []int{http.StatusCreated} }
func conflicting() []int { return []int{http.StatusCreated, http.StatusConflict} }
func gone() []int        { return []int{http.StatusNoContent} }
func missing() []int     { return []int{http.StatusNotFound} }
func patched() []int     { return []int{http.StatusOK, http.StatusNoContent} }

func get(path string, want []int, is shape, see ...field) call {
	return call{http.MethodGet, path, "", want, is, see}
}

func post(path, body string, want []int, is shape, see ...field) call {
	return call{http.MethodPost, path, body, want, is, see}
}

func put(path, body string, want []int, is shape, see ...field) call {
	return call{http.MethodPut, path, body, want, is, see}
}

// patch wraps operations into the PatchOp message.
func patch(path, operations string, is shape, see ...field) call {
	body := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operations + `]}`
	return call{http.MethodPatch, path, body, patched(), is, see}
}

func del(path string) call { return call{http.MethodDelete, path, "", gone(), nothing, nil} }

func calls(c ...call) []call { return c }

// Schema URNs and the usual member lists, spelled once.
const (
	coreUser   = "urn:ietf:params:scim:schemas:core:2.0:User"
	coreGroup  = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

	userPath  = "/Users/{{.ID}}"
	groupPath = "/Groups/{{.ID}}"

	valueList    = `[{{range $i, $m := .Members}}{{if $i}},{{end}}{"value":{{json $m.ID}}}{{end}}]`
	allValueList = `[{{range $i, $m := .All}}{{if $i}},{{end}}{"value":{{json $m.ID}}}{{end}}]`
)
