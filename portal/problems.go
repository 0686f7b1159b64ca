package portal

import (
	"errors"

	"github.com/valyala/fasthttp"

	"scimedge/directory"
	"scimedge/internal/httpx"
	"scimedge/tenancy"
)

// refusal carries a problem through error returns.
type refusal struct{ *httpx.Problem }

func (r refusal) Error() string { return r.Detail }

func fail(status int, detail string) error { return refusal{httpx.NewProblem(status, detail)} }

// problem turns an error into the answer, in this one place. An error nobody
// foresaw is 500 with the request id: its text stays in the log.
func (a *API) problem(c *call, err error) *httpx.Problem {
	var known refusal
	var told *tenancy.Error
	var schema *directory.SchemaRefused
	switch {
	case errors.As(err, &known):
		return known.Problem
	case errors.As(err, &schema):
		status := fasthttp.StatusBadRequest
		switch {
		case schema.Outdated:
			status = fasthttp.StatusPreconditionFailed
		case schema.Clash:
			status = fasthttp.StatusConflict
		}
		p := httpx.NewProblem(status, "the schema is not taken, and nothing was changed: "+schema.Problems[0])
		p.Errors = schema.Problems
		return p
	case errors.Is(err, tenancy.ErrBadCredentials):
		return httpx.NewProblem(fasthttp.StatusUnauthorized, err.Error())
	case errors.Is(err, tenancy.ErrTooManyAttempts):
		c.http.Response.Header.Set(fasthttp.HeaderRetryAfter, "60")
		return httpx.NewProblem(fasthttp.StatusTooManyRequests, err.Error())
	case errors.As(err, &told):
		status := fasthttp.StatusBadRequest
		switch told.Kind {
		case tenancy.ErrNotFound:
			status = fasthttp.StatusNotFound
		case tenancy.ErrExists:
			status = fasthttp.StatusConflict
		}
		return httpx.NewProblem(status, told.Message).In(told.Field)
	}
	a.log.Error("portal request failed", "request_id", c.scope.RequestID, "tenant", c.scope.Tenant.Name, "error", err)
	switch tenancy.FaultOf(err) {
	case tenancy.FaultBusy:
		c.http.Response.Header.Set(fasthttp.HeaderRetryAfter, "1")
		return httpx.NewProblem(fasthttp.StatusServiceUnavailable, "the server is busy; try again shortly")
	case tenancy.FaultFull:
		return httpx.NewProblem(fasthttp.StatusInsufficientStorage, "the server has no room left to write; tell its operator")
	case tenancy.FaultStopped:
		return httpx.NewProblem(fasthttp.StatusServiceUnavailable, "the server takes no changes until it is restarted; tell its operator")
	}
	return httpx.NewProblem(fasthttp.StatusInternalServerError, "something went wrong here; tell the operator the request id")
}
