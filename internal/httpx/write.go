package httpx

import (
	"github.com/go-json-experiment/json"
	"github.com/valyala/fasthttp"
)

// Media types of our answers.
const (
	TypeJSON    = "application/json"
	TypeProblem = "application/problem+json"
)

// Problem is an answer that says what went wrong (RFC 9457).
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"`
	Instance  string `json:"instance,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	Field     string `json:"field,omitempty"` // the member of the body at fault
	// Errors are all reasons, where there are several.
	Errors []string `json:"errors,omitempty"`
}

// NewProblem is a problem that its status and detail say all about.
func NewProblem(status int, detail string) *Problem { return &Problem{Status: status, Detail: detail} }

// In names the member of the body that is at fault.
func (p *Problem) In(field string) *Problem {
	p.Field = field
	return p
}

// WriteProblem answers with p, filling in what the status and the scope say.
func WriteProblem(ctx *fasthttp.RequestCtx, s *Scope, p *Problem) {
	out := *p
	if out.Type == "" {
		out.Type = "about:blank"
	}
	if out.Title == "" {
		out.Title = fasthttp.StatusMessage(out.Status)
	}
	if out.RequestID = s.RequestID; out.Instance == "" && out.RequestID != "" {
		out.Instance = "urn:request:" + out.RequestID
	}
	write(ctx, out.Status, TypeProblem, &out)
}

// WriteJSON answers with v.
func WriteJSON(ctx *fasthttp.RequestCtx, status int, v any) { write(ctx, status, TypeJSON, v) }

func write(ctx *fasthttp.RequestCtx, status int, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil { // a type of ours that cannot be encoded: nothing a caller can mend
		status, contentType = fasthttp.StatusInternalServerError, TypeProblem
		body = []byte(`{"type":"about:blank","title":"Internal Server Error","status":500}`)
	}
	ctx.Response.Header.SetContentType(contentType)
	ctx.SetStatusCode(status)
	ctx.Response.SetBodyRaw(body)
}
