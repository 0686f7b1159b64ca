package conformance_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
)

const (
	bulkRequest  = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	bulkResponse = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
)

// bulkOp is one operation; what is empty is left out.
func bulkOp(method, path, bulkID string, data any, more ...any) proxytest.M {
	m := proxytest.M{"method": method}
	for name, v := range map[string]string{"path": path, "bulkId": bulkID} {
		if v != "" {
			m[name] = v
		}
	}
	if data != nil {
		m["data"] = data
	}
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i].(string)] = more[i+1]
	}
	return m
}

// bulkOf is the body of a bulk request.
func bulkOf(ops ...proxytest.M) proxytest.M {
	return proxytest.M{"schemas": []string{bulkRequest}, "Operations": ops}
}

// ran sends operations and expects these statuses, in order.
func ran(t *testing.T, x *proxytest.Tenant, want []string, ops ...proxytest.M) *proxytest.Response {
	t.Helper()
	return answered(t, x, want, bulkOf(ops...))
}

func answered(t *testing.T, x *proxytest.Tenant, want []string, body any) *proxytest.Response {
	t.Helper()
	r := x.Post(t, "/Bulk", body).Status(200).Has("schemas", []string{bulkResponse}).HasHeader("Content-Type", "application/scim+json")
	require.Equal(t, want, r.Strs("Operations", "status"), r.Body)
	return r
}

// idAt is the id in the location of a result.
func idAt(t *testing.T, x *proxytest.Tenant, r *proxytest.Response, i int) string {
	t.Helper()
	path := below(t, x, r.Str(fmt.Sprintf("Operations.%d.location", i)))
	for j := len(path) - 1; ; j-- {
		if path[j] == '/' {
			return path[j+1:]
		}
	}
}

// failedAt expects the SCIM error of one operation, with words of its detail.
func failedAt(t *testing.T, r *proxytest.Response, i int, status, scimType, detail string) {
	t.Helper()
	at := fmt.Sprintf("Operations.%d.", i)
	r.Has(at+"status", status).Has(at+"response.schemas.0", "urn:ietf:params:scim:api:messages:2.0:Error").Has(at+"response.status", status)
	if scimType == "" {
		r.HasNot(at + "response.scimType")
	} else {
		r.Has(at+"response.scimType", scimType)
	}
	require.Contains(t, r.Str(at+"response.detail"), detail)
}
