package directory_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/scimcore"
)

// BenchmarkScan is what a query costs that has to look at everybody.
func BenchmarkScan(b *testing.B) {
	const users = 5_000
	w := benchWorld(b, true)
	for i := range users {
		_, err := w.create(w.user, fmt.Sprintf(`{"userName":"user%d","externalId":"E%d","name":{"givenName":"Given%d","familyName":"Family%d"},"displayName":"Given Family %d",`+
			`"title":"Engineer","active":true,"emails":[{"value":"user%d@example.com","type":"work","primary":true}],"phoneNumbers":[{"value":"+1 202-555-0101","type":"work"}],"locale":"en-US",`+
			`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"%d","department":"Research"}}`, i, i, i, i%97, i, i, i))
		require.NoError(b, err)
	}
	for name, q := range map[string]struct{ filter, order string }{"co": {`title co "zzz"`, ""}, "co_indexed": {`userName co "zzz"`, ""}, "sort": {"", "name.familyName"}} {
		b.Run(name, func(b *testing.B) {
			ask := directory.Query{Sources: w.sources(q.filter, q.order, w.user), Count: 100}
			b.ReportAllocs()
			for b.Loop() {
				_, err := w.List(ctx, ask, func(*scimcore.Resource) error { return nil })
				require.NoError(b, err)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/users, "ns/user")
		})
	}
}
