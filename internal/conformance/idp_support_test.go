package conformance_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"scimedge/internal/proxytest"
)

// client is a tenant spoken to as one identity provider does it.
type client struct {
	*proxytest.Tenant
	headers []proxytest.Opt
	answers string // the content type it wants back
}

const scimJSON = "application/scim+json"

func clientOf(x *proxytest.Tenant, agent, accept, contentType string) client {
	answers := scimJSON
	if accept == "application/json" {
		answers = accept
	}
	return client{x, []proxytest.Opt{proxytest.Header("User-Agent", agent), proxytest.Header("Accept", accept), proxytest.Header("Content-Type", contentType)}, answers}
}

func entra(x *proxytest.Tenant) client {
	return clientOf(x, "", scimJSON, scimJSON+"; charset=utf-8")
}

func okta(x *proxytest.Tenant) client {
	return clientOf(x, "Okta SCIM Client 1.0.0", scimJSON, scimJSON+"; charset=utf-8")
}

// send is one request; %U, %G, %E and %P in its body stand for the URNs of the
// User, the Group, the enterprise extension and the PATCH message. Any body that
// comes back has the content type the provider insists on.
func (c client) send(t *testing.T, method, path, text string, opts ...proxytest.Opt) *proxytest.Response {
	t.Helper()
	var b any
	all := append([]proxytest.Opt{}, c.headers...)
	if text == "" {
		all = append(all, proxytest.Header("Content-Type", ""))
	} else {
		b = strings.NewReplacer("%U", proxytest.UserSchema, "%G", proxytest.GroupSchema, "%E", proxytest.EnterpriseSchema, "%P", proxytest.PatchSchema).Replace(text)
	}
	r := c.Do(t, method, path, b, append(all, opts...)...)
	if r.Body != "" {
		r.HasHeader("Content-Type", c.answers)
	}
	return r
}

// patch sends a PATCH of the given operations.
func (c client) patch(t *testing.T, path, ops string) *proxytest.Response {
	t.Helper()
	return c.send(t, "PATCH", path, `{"schemas":["%P"],"Operations":[`+ops+`]}`)
}

// user makes a user with further attributes written as JSON and tells its id.
func (c client) user(t *testing.T, name, fields string) string {
	t.Helper()
	if fields != "" {
		fields = "," + fields
	}
	return c.send(t, "POST", "/Users", fmt.Sprintf(`{"schemas":["%%U"],"userName":"%s"%s}`, name, fields)).Status(201).ID()
}

// errDeadline is what a store returns that was not ready in time.
func errDeadline() error { return fmt.Errorf("waiting for the store: %w", context.DeadlineExceeded) }
