package conformance

import (
	"net/http"
	"regexp"
	"strings"
)

// etagForm is RFC 9110 section 8.8.3.
var etagForm = regexp.MustCompile(`^(W/)?"[!\x23-\x7e\x80-\xff]*"$`)

func versions() []check {
	const (
		where       = "RFC 7644 §3.14"
		match       = "RFC 9110 §13.1.1"
		noneMatch   = "RFC 9110 §13.1.2"
		stale       = "Compare If-Match with the current version in the same step that writes; answer 412 and change nothing."
		wrongAnswer = `W/"conformance-no-such-version"`
	)
	conditional := func(method, header, value string) func(p *probe, u *resource) *answer {
		return func(p *probe, u *resource) *answer {
			var body any
			switch method {
			case http.MethodPut:
				body = u.with(fields{"title": "Changed"})
			case http.MethodPatch:
				body = patchBody(op("replace", "title", "Changed"))
			}
			return p.send(request{method: method, path: u.path, body: body, header: http.Header{header: {value}}})
		}
	}
	refuses := func(method string) func(*probe) {
		return func(p *probe) {
			u := p.user(fields{"title": "Engineer"})
			conditional(method, "If-Match", wrongAnswer)(p, u).is(http.StatusPreconditionFailed)
			p.again(u).has("title", "Engineer")
		}
	}
	passes := func(method string) func(*probe) {
		return func(p *probe) {
			u := p.user(fields{"title": "Engineer"})
			conditional(method, "If-Match", p.again(u).header.Get("ETag"))(p, u).is(http.StatusOK, http.StatusNoContent)
		}
	}
	return []check{
		{"ETAG-01.get", Must, where, "GET returns an ETag", "Send the version as ETag header.", "etag",
			func(p *probe) { p.again(p.user(nil)).tagged() }},
		{"ETAG-01.post", Must, where, "POST returns an ETag", "Send the version as ETag header.", "etag",
			func(p *probe) { p.post("/Users", p.userBody(nil)).is(http.StatusCreated).tagged() }},
		{"ETAG-01.put", Must, where, "PUT returns an ETag", "Send the new version as ETag header.", "etag",
			func(p *probe) { u := p.user(nil); p.put(u.path, u.sent).is(http.StatusOK).tagged() }},
		{"ETAG-01.patch", Should, where, "PATCH returns an ETag", "Send the new version as ETag header, with 204, too.", "etag patch User.title",
			func(p *probe) {
				p.patch(p.user(nil).path, op("add", "title", "Boss")).is(http.StatusOK, http.StatusNoContent).tagged()
			}},
		{"ETAG-03", Must, "RFC 9110 §8.8.3", "An ETag is quoted", `Write "7" or W/"7".`, "etag",
			func(p *probe) {
				tag := p.again(p.user(nil)).header.Get("ETag")
				p.want(etagForm.MatchString(tag), "an entity tag", tag)
			}},
		{"ETAG-A03.moves", Must, where, "A change moves the ETag", "Give each stored version another tag.", "etag User.title",
			func(p *probe) {
				u := p.user(nil)
				before := p.again(u).header.Get("ETag")
				p.setUp(func() { p.put(u.path, u.with(fields{"title": "Boss"})).is(http.StatusOK) })
				after := p.again(u).header.Get("ETag")
				p.want(before != after, "another tag than "+before, after)
			}},
		{"ETAG-A03.stays", Must, where, "Reading does not move the ETag", "Compute the tag from the stored version.", "etag",
			func(p *probe) {
				u := p.user(nil)
				before, after := p.again(u).header.Get("ETag"), p.again(u).header.Get("ETag")
				p.want(before == after, "the tag of the first time: "+before, after)
			}},
		{"ETAG-A03.list", Should, where, "A list shows the same versions", "Return meta.version in lists, too.", "etag filter",
			func(p *probe) {
				u := p.user(nil)
				tag := p.again(u).header.Get("ETag")
				p.find("/Users", `id eq "`+u.id+`"`).has("Resources/0/meta/version", tag)
			}},
		{"ETAG-04.same", Must, noneMatch, "If-None-Match with the current version is answered 304", "Answer 304 without a body.", "etag",
			func(p *probe) {
				u := p.user(nil)
				a := p.send(request{method: http.MethodGet, path: u.path, header: http.Header{"If-None-Match": {p.again(u).header.Get("ETag")}}}).is(http.StatusNotModified)
				p.want(len(a.raw) == 0, "no body", string(a.raw))
			}},
		{"ETAG-04.weak", Must, noneMatch, "If-None-Match compares without regard to W/", "Compare weakly.", "etag",
			func(p *probe) {
				u := p.user(nil)
				bare := strings.TrimPrefix(p.again(u).header.Get("ETag"), "W/")
				p.send(request{method: http.MethodGet, path: u.path, header: http.Header{"If-None-Match": {bare}}}).is(http.StatusNotModified)
			}},
		{"ETAG-04.other", Must, noneMatch, "If-None-Match with another version is answered 200", "Answer with the resource.", "etag",
			func(p *probe) {
				conditional(http.MethodGet, "If-None-Match", wrongAnswer)(p, p.user(nil)).is(http.StatusOK)
			}},
		{"ETAG-06.put", Must, match, "PUT of an old version is refused", stale, "etag User.title", refuses(http.MethodPut)},
		{"ETAG-06.patch", Must, match, "PATCH of an old version is refused", stale, "etag patch User.title", refuses(http.MethodPatch)},
		{"ETAG-06.delete", Must, match, "DELETE of an old version is refused", stale, "etag User.title", refuses(http.MethodDelete)},
		{"ETAG-A01.put", Must, where, "PUT of the current version succeeds", "Accept the tag that was handed out, weak or not.", "etag User.title", passes(http.MethodPut)},
		{"ETAG-A01.patch", Must, where, "PATCH of the current version succeeds", "Accept the tag that was handed out, weak or not.", "etag patch User.title", passes(http.MethodPatch)},
		{"ETAG-A01.delete", Must, where, "DELETE of the current version succeeds", "Accept the tag that was handed out, weak or not.", "etag User.title", passes(http.MethodDelete)},
		{"ETAG-07.any", Must, match, "If-Match: * means any version", "Let * pass when the resource exists.", "etag User.title",
			func(p *probe) { conditional(http.MethodPut, "If-Match", "*")(p, p.user(nil)).is(http.StatusOK) }},
		{"ETAG-07.list", Must, match, "If-Match may list several versions", "Pass when any tag of the list matches.", "etag User.title",
			func(p *probe) {
				u := p.user(nil)
				conditional(http.MethodPut, "If-Match", wrongAnswer+", "+p.again(u).header.Get("ETag"))(p, u).is(http.StatusOK)
			}},
		{"ETAG-05", Must, noneMatch, "If-None-Match: * refuses a write to what exists", "Answer 412.", "etag User.title",
			func(p *probe) {
				conditional(http.MethodPut, "If-None-Match", "*")(p, p.user(nil)).is(http.StatusPreconditionFailed)
			}},
		{"ETAG-08", Must, "RFC 9110 §13.2.1", "A missing resource is 404, whatever If-Match says", "Look for the resource first.", "etag",
			func(p *probe) {
				p.send(request{method: http.MethodDelete, path: "/Users/conformance-nobody", header: http.Header{"If-Match": {wrongAnswer}}}).is(http.StatusNotFound)
			}},
	}
}

// tagged wants an ETag header.
func (a *answer) tagged() {
	a.p.want(a.header.Get("ETag") != "", "an ETag header", "none")
}
