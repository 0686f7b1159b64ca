package conformance_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/proxy"
	"scimedge/tenancy"
)

func deletes(n int) []proxytest.M {
	ops := make([]proxytest.M, n)
	for i := range ops {
		ops[i] = bulkOp("DELETE", "/Users/"+randomID, "", nil)
	}
	return ops
}

func TestBULK_Limits(t *testing.T) {
	s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{BulkOperations: 7, BodyBytes: 4 << 10, LargeBodyBytes: 20 << 10}))
	config := s.Get(t, "/ServiceProviderConfig")
	most, size := config.Int("bulk.maxOperations"), config.Int("bulk.maxPayloadSize")
	t.Run("BULK-01 what is published", func(t *testing.T) {
		config.Has("bulk", proxytest.M{"supported": true, "maxOperations": 7, "maxPayloadSize": 20 << 10})
	})
	t.Run("BULK-21 one operation too many", func(t *testing.T) {
		s.Post(t, "/Bulk", bulkOf(deletes(most)...)).Status(200).Len("Operations", most)
		defer untouched(t, s.Tenant)()
		ops := deletes(most + 1)
		ops[0] = bulkOp("POST", "/Users", "never", proxytest.User("never"))
		s.Post(t, "/Bulk", bulkOf(ops...)).Error(413, "", fmt.Sprint(most), "maxOperations")
	})
	large := func(n int) string {
		head := `{"schemas":["` + bulkRequest + `"],"Operations":[{"method":"POST","path":"/Users","bulkId":"large","data":` + strings.TrimSuffix(body("{$U", fmt.Sprint("large", n)), "}") + `,"title":"`
		return head + strings.Repeat("x", n-len(head)-len(`"}}]}`)) + `"}}]}`
	}
	t.Run("BULK-22 BULK-01 as large as is published", func(t *testing.T) {
		s.Post(t, "/Bulk", large(size)).Status(200).Has("Operations.0.status", "201")
	})
	t.Run("BULK-22 one byte too many", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		s.Post(t, "/Bulk", large(size+1)).Error(413, "", fmt.Sprint(size))
	})
	// The server reads the first 8 KiB of a body with the header, whatever it says.
	first := strings.Repeat("x", 8<<10)
	head := "POST /scim/v2/Bulk HTTP/1.1\nHost: acme.test\nAuthorization: Bearer " + s.Token + "\n"
	t.Run("BULK-22 a Content-Length is refused unread", func(t *testing.T) {
		s.Raw(t, head+fmt.Sprintf("Content-Length: %d\n\n", 1<<30)+first).Error(413, "", fmt.Sprint(size))
	})
	t.Run("BULK-22 a stream is refused once it is too long", func(t *testing.T) {
		chunk := strings.Repeat("x", 0x1000)
		s.RawBytes(t, strings.ReplaceAll(head, "\n", "\r\n")+"Transfer-Encoding: chunked\r\n\r\n"+strings.Repeat("1000\r\n"+chunk+"\r\n", 6)).Error(413, "", fmt.Sprint(size)) // it never ends
	})
	t.Run("BULK-A07 a compressed body is refused unread", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write(bytes.Repeat([]byte(" "), 1<<20)) // it stays small, so that only its encoding can be the reason
		require.NoError(t, err)
		require.NoError(t, z.Close())
		require.Less(t, b.Len(), size)
		s.Post(t, "/Bulk", b.Bytes(), proxytest.Header("Content-Encoding", "gzip")).Error(415, "", "uncompressed")
		s.Raw(t, head+"Content-Encoding: gzip\n"+fmt.Sprintf("Content-Length: %d\n\n", size)+first).Error(415, "", "uncompressed") // the rest is not waited for
	})
}

func TestBULK_Off(t *testing.T) {
	s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{BulkOff: true}))
	t.Run("BULK-01 DISC-04 what is published while there is no bulk", func(t *testing.T) {
		s.Get(t, "/ServiceProviderConfig").Has("bulk", proxytest.M{"supported": false, "maxOperations": 1000, "maxPayloadSize": 32 << 20})
	})
	t.Run("HTTP-13 BULK-01 501 for a bulk request", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		s.Post(t, "/Bulk", bulkOf(bulkOp("POST", "/Users", "a", proxytest.User("a")))).Error(501, "", "ServiceProviderConfig")
		s.Raw(t, "POST /scim/v2/Bulk HTTP/1.1\nHost: acme.test\nAuthorization: Bearer "+s.Token+"\nContent-Length: 1000000\n\n"+strings.Repeat("x", 8<<10)).Error(501, "")
	})
}

// What a tenant wants of single calls it gets of operations, too.
func TestBULK_Switches(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	path := "/Users/" + id
	ops := []proxytest.M{
		bulkOp("PATCH", path, "", proxytest.Ops(proxytest.Op("replace", "title", "T"))),
		bulkOp("PUT", path, "", proxytest.User("ada", "title", "U")),
		bulkOp("DELETE", path, "", nil),
	}
	t.Run("PATCH-01 HTTP-13 BULK-12 a PATCH where there is none", func(t *testing.T) {
		s.SetSwitch(t, tenancy.SwitchPatch, false)
		defer s.SetSwitch(t, tenancy.SwitchPatch, true)
		ran(t, s.Tenant, []string{"501", "200"}, ops[0], ops[1])
		s.Get(t, path).Has("title", "U")
	})
	t.Run("ETAG-A04 BULK-19 without a version where If-Match is wanted", func(t *testing.T) {
		s.SetSwitch(t, tenancy.SwitchRequireIfMatch, true)
		defer s.SetSwitch(t, tenancy.SwitchRequireIfMatch, false)
		defer untouched(t, s.Tenant)()
		ran(t, s.Tenant, []string{"428", "428", "428"}, ops...)
		ran(t, s.Tenant, []string{"412"}, bulkOp("DELETE", path, "", nil, "version", `W/"0"`))
	})
	t.Run("BULK-01 HTTP-13 no bulk for this tenant", func(t *testing.T) {
		s.SetSwitch(t, tenancy.SwitchBulk, false)
		defer s.SetSwitch(t, tenancy.SwitchBulk, true)
		s.Post(t, "/Bulk", bulkOf(ops...)).Error(501, "", "bulk")
		s.Get(t, "/ServiceProviderConfig").Has("bulk.supported", false)
		s.Globex.Get(t, "/ServiceProviderConfig").Has("bulk.supported", true)
	})
}
