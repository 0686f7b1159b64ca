package metrics

import "strings"

// Op is what a request asked for: a closed set, fit for a label.
type Op uint8

const (
	OpOther Op = iota // anything that is not SCIM, or not understood
	OpDiscovery
	OpUserCreate
	OpUserGet
	OpUserList
	OpUserReplace
	OpUserPatch
	OpUserDelete
	OpGroupCreate
	OpGroupGet
	OpGroupList
	OpGroupReplace
	OpGroupPatch
	OpGroupDelete
	OpSearch
	OpBulk
	opCount
)

func (o Op) String() string {
	return [opCount]string{
		"other", "discovery",
		"user.create", "user.get", "user.list", "user.replace", "user.patch", "user.delete",
		"group.create", "group.get", "group.list", "group.replace", "group.patch", "group.delete",
		"search", "bulk",
	}[o]
}

// Write reports whether the operation changes the directory.
func (o Op) Write() bool {
	switch o {
	case OpUserCreate, OpUserReplace, OpUserPatch, OpUserDelete,
		OpGroupCreate, OpGroupReplace, OpGroupPatch, OpGroupDelete, OpBulk:
		return true
	}
	return false
}

// Event is what a committed change meant, in the words of dashboards.
type Event uint8

const (
	UserCreated Event = iota
	UserUpdated
	UserDeactivated
	UserReactivated
	UserDeleted
	GroupCreated
	GroupUpdated
	GroupDeleted
	MemberAdded
	MemberRemoved
	eventCount
)

func (e Event) String() string {
	return [eventCount]string{
		"user.created", "user.updated", "user.deactivated", "user.reactivated", "user.deleted",
		"group.created", "group.updated", "group.deleted", "group.member_added", "group.member_removed",
	}[e]
}

// codes are the statuses counted without a look-up; others take the slow way.
const codeCount = 24

func codeIndex(code int) int {
	for i, c := range [codeCount]int16{
		200, 201, 204, 404, 401, 304, 400, 409, 412, 403, 405, 408,
		413, 415, 429, 431, 500, 501, 503, 505, 507, 301, 302, 502,
	} {
		if int(c) == code {
			return i
		}
	}
	return -1
}

// codeText avoids an allocation for the usual statuses and keeps a label to
// three digits whatever a handler set.
func codeText(code int) string {
	if code < 100 || code > 599 {
		return "000"
	}
	return string([]byte{'0' + byte(code/100), '0' + byte(code/10%10), '0' + byte(code%10)})
}

// clean makes text of any origin a valid label value.
func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// Other is the token label of all tokens beyond Options.MaxTokenSeries, and
// UnknownTenant the tenant label of requests for a host that is not configured.
const (
	Other         = "other"
	UnknownTenant = "unknown"
)
