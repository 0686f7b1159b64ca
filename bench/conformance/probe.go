package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"scimedge/bench/scimclient"
)

// maxRequests bounds one check; none comes near it.
const maxRequests = 120

// probe is what a check speaks through. The first expectation that is not met ends
// the check: nothing is sent or compared after it, so a check reads like a
// conversation and need not ask whether the last sentence was understood.
type probe struct {
	*runner
	ctx     context.Context
	problem *problem
	soft    []problem
	talk    []Exchange
	made    []made
}

// made is the path of a resource to remove. It is sure when the answer to its create
// gave the id; what a bulk answer names is looked at before it is removed.
type made struct {
	path string
	sure bool
}

// problem is an expectation that was not met.
type problem struct {
	expected, got string
	blocked       bool // the check did not get to its question
	at            int  // the exchange it is about; -1 for none
}

func (p *probe) stopped() bool { return p.problem != nil }

// want states what is expected, and what came instead if ok is false.
func (p *probe) want(ok bool, expected string, got any) {
	if !ok && !p.stopped() {
		p.problem = &problem{expected: expected, got: shown(got), at: len(p.talk) - 1}
	}
}

// prefer is want for what is not binding by itself: the check goes on.
func (p *probe) prefer(ok bool, expected string, got any) {
	if !ok && !p.stopped() {
		p.soft = append(p.soft, problem{expected: expected, got: shown(got), at: len(p.talk) - 1})
	}
}

// setUp runs what a check needs before its question; a failure there is not the
// answer to it.
func (p *probe) setUp(do func()) {
	before := p.stopped()
	do()
	if p.stopped() && !before {
		p.problem.blocked = true
	}
}

// request is a call that differs from the usual in its header.
type request struct {
	method, path string
	body         any // nil, []byte as it is, or a value to encode
	header       http.Header
}

// send is every request's way out. Too many requests (429) are waited out where
// the server says how long, within reason.
func (p *probe) send(r request) *answer {
	if p.stopped() {
		return &answer{p: p}
	}
	if len(p.talk) >= maxRequests {
		p.want(false, fmt.Sprintf("the check ends within %d requests", maxRequests), "it did not")
		return &answer{p: p}
	}
	body, ok := r.body.([]byte)
	if !ok && r.body != nil {
		body = encode(r.body)
	}
	x := Exchange{Method: r.method, Path: r.path, Headers: p.headersSent(r.header), Sent: p.text(body)}
	res, err := p.patiently(p.ctx, scimclient.Request{Method: r.method, Path: r.path, Header: r.header, Body: body})
	if err != nil {
		p.talk = append(p.talk, x)
		p.want(false, "an answer", strings.TrimPrefix(err.Error(), "scimclient: "))
		return &answer{p: p}
	}
	x.Status, x.Got, x.AnswerHeaders = res.Status, p.text(res.Body), headersOf(res.Header)
	p.talk = append(p.talk, x)
	a := &answer{p: p, status: res.Status, header: res.Header, raw: res.Body}
	a.body, a.err = scimclient.Parse(res.Body)
	p.track(r, a)
	return a
}

// track remembers what was made.
func (p *probe) track(r request, a *answer) {
	endpoint, _, _ := strings.Cut(r.path, "?")
	if id := a.body.Text("id"); r.method == http.MethodPost && a.status == http.StatusCreated && id != "" && strings.Count(endpoint, "/") == 1 {
		p.made = append(p.made, made{path: endpoint + "/" + url.PathEscape(id), sure: true})
	}
	if r.method == http.MethodPost && strings.EqualFold(endpoint, "/Bulk") {
		for _, op := range a.body.List("Operations") {
			if path := pathOf(op.Text("location")); strings.HasPrefix(op.Text("status"), "201") && path != "" {
				p.made = append(p.made, made{path: path})
			}
		}
	}
}

// pathOf is the part of a resource's URI below the base, such as /Users/ID.
func pathOf(location string) string {
	parts := strings.Split(strings.TrimRight(location, "/"), "/")
	if len(parts) < 2 {
		return ""
	}
	return "/" + strings.Join(parts[len(parts)-2:], "/")
}

func (p *probe) get(path string) *answer { return p.send(request{method: http.MethodGet, path: path}) }

func (p *probe) post(path string, body any) *answer {
	return p.send(request{method: http.MethodPost, path: path, body: body})
}

func (p *probe) put(path string, body any) *answer {
	return p.send(request{method: http.MethodPut, path: path, body: body})
}

func (p *probe) del(path string) *answer {
	return p.send(request{method: http.MethodDelete, path: path})
}

// patch sends operations to r.
func (p *probe) patch(path string, ops ...fields) *answer {
	return p.send(request{method: http.MethodPatch, path: path, body: patchBody(ops...)})
}

func patchBody(ops ...fields) fields {
	return fields{"schemas": []any{messages + "PatchOp"}, "Operations": ops}
}

// op is a PATCH operation; path "" and a nil value are left out.
func op(verb, path string, value any) fields {
	o := fields{"op": verb}
	if path != "" {
		o["path"] = path
	}
	if value != nil {
		o["value"] = value
	}
	return o
}

// user makes a user; see [runner.userBody].
func (p *probe) user(change fields) *resource { return p.make("/Users", p.userBody(change)) }

// group makes a group of members.
func (p *probe) group(members ...*resource) *resource {
	change := fields{}
	if len(members) > 0 {
		var refs []any
		for _, m := range members {
			refs = append(refs, m.member())
		}
		change["members"] = refs
	}
	return p.make("/Groups", p.groupBody(change))
}

func (p *probe) make(endpoint string, body fields) *resource {
	var r *resource
	p.setUp(func() { r = p.create(endpoint, body) })
	return r
}

// create is make where the create is the question itself.
func (p *probe) create(endpoint string, body fields) *resource {
	a := p.post(endpoint, body).is(http.StatusCreated)
	p.want(a.body.Text("id") != "", "an id in the answer", a)
	id := a.body.Text("id")
	return &resource{id: id, path: endpoint + "/" + url.PathEscape(id), sent: body, body: a.body}
}

// newUser is user where the create is the question itself.
func (p *probe) newUser(change fields) *resource { return p.create("/Users", p.userBody(change)) }

// again reads r.
func (p *probe) again(r *resource) *answer {
	a := p.get(r.path)
	a.is(http.StatusOK)
	return a
}

// patched sends operations that must succeed, and reads the result: the answer may
// be without a body.
func (p *probe) patched(r *resource, ops ...fields) *answer {
	p.patch(r.path, ops...).is(http.StatusOK, http.StatusNoContent)
	return p.again(r)
}

func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // a table holds what JSON cannot say
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
