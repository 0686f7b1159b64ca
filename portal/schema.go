package portal

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"

	"scimedge/directory"
	"scimedge/internal/httpx"
)

// maxSchemaBody is what the edge reads of a call of the API; larger files are
// loaded by the command line.
const maxSchemaBody = 64 << 10

// showSchema answers with the tenant's schema file, as it could be sent back. Its
// tag is the revision.
func (a *API) showSchema(c *call) error {
	s, err := a.schemas.Schema(c, c.scope.Tenant)
	if err != nil {
		return err
	}
	c.http.Response.Header.Set(fasthttp.HeaderETag, `"`+strconv.FormatUint(s.Revision, 10)+`"`)
	c.http.Response.Header.SetContentType(httpx.TypeJSON)
	c.http.Response.SetBodyRaw(s.Declaration.AppendFile(nil))
	return nil
}

// setSchema takes a schema file in place of the one before and answers with what
// that changes; with ?dry_run=true with what it would change.
func (a *API) setSchema(c *call) error {
	dry := string(c.http.QueryArgs().Peek("dry_run"))
	if dry != "" && dry != "true" && dry != "false" {
		return fail(fasthttp.StatusBadRequest, "dry_run is true or false")
	}
	file, p := httpx.ReadRawJSON(c.http, maxSchemaBody)
	if p != nil {
		return refusal{p}
	}
	by := c.session.Actor()
	change, err := a.schemas.SetSchema(c, c.scope.Tenant, directory.SchemaWrite{
		File: file, By: by.String(), DryRun: dry == "true", IfRevision: revisions(string(c.http.Request.Header.Peek(fasthttp.HeaderIfMatch))),
	})
	if dry != "true" && (err == nil || change.Stands(err)) {
		// It may have taken longer than the request has time.
		err = errors.Join(err, a.registry.RecordSchema(context.WithoutCancel(c), *c.scope.Tenant, change.Revision, by))
	}
	if err != nil {
		return err
	}
	httpx.WriteJSON(c.http, fasthttp.StatusOK, change)
	return nil
}

// revisions are those an If-Match header names (RFC 9110, section 13.1.1); nil is
// any. What is no tag of ours names none.
func revisions(ifMatch string) []uint64 {
	if ifMatch = strings.TrimSpace(ifMatch); ifMatch == "" || ifMatch == "*" {
		return nil
	}
	out := []uint64{}
	for tag := range strings.SplitSeq(ifMatch, ",") {
		tag, quoted := strings.CutPrefix(strings.TrimSpace(tag), `"`)
		if n, err := strconv.ParseUint(strings.TrimSuffix(tag, `"`), 10, 64); err == nil && quoted {
			out = append(out, n)
		}
	}
	return out
}
