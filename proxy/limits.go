package proxy

import "time"

// Limits bound what one request, one address and all requests together may cost.
// Zero values mean the defaults, which reliability figures were measured with.
type Limits struct {
	BodyBytes         int           // request body; default 1 MiB
	LargeBodyBytes    int           // request body of Groups and Bulk; default 32 MiB: a push of 100,000 members is about 8 MB
	BodyBytesInFlight int64         // request bodies being held, all together; default 64 MiB
	Connections       int           // default 8,192, and at most RLIMIT_NOFILE - 512
	ConnectionsPerIP  int           // default 256; trusted proxies are exempt
	HeaderBytes       int           // default 16 KiB
	PageSize          int           // page of a list without count; default 100
	MaxPageSize       int           // most resources in one page, published as filter.maxResults; default 1,000
	BulkOperations    int           // of a bulk request; published also when there is none, as clients chunk PATCH by it; default 1,000
	BulkOff           bool          // no bulk requests: 501
	ReadTimeout       time.Duration // header and body; default 10 s, longer for large bodies
	WriteTimeout      time.Duration // default 30 s
	IdleTimeout       time.Duration // default 60 s
	CursorLife        time.Duration // how long a cursor is good for, published as pagination.cursorTimeout; default 1 h
	RequestTimeout    time.Duration // work behind the edge for one request; default 30 s

	// Requests a second, and twice as many at once. They are off by default: a
	// load test or a first sync on this machine sends as fast as it is answered,
	// and the 25 a second that every identity provider must get are far below
	// what the edge serves. Set them where tenants do not trust each other.
	RatePerToken, RatePerTenant int
	// RateHeaders tells clients of these rates, with every answer to a known token.
	RateHeaders bool
	// FailedAuthPerSource is how often one address may fail to authenticate in a
	// minute before it is answered 429; default 300. IPv6 counts by /64.
	FailedAuthPerSource int
}

func (l Limits) withDefaults() Limits {
	orElse(&l.BodyBytes, 1<<20)
	orElse(&l.LargeBodyBytes, 32<<20)
	orElse(&l.BodyBytesInFlight, 64<<20)
	orElse(&l.Connections, 8192)
	orElse(&l.ConnectionsPerIP, 256)
	orElse(&l.HeaderBytes, 16<<10)
	orElse(&l.PageSize, 100)
	orElse(&l.MaxPageSize, 1000)
	orElse(&l.BulkOperations, 1000)
	orElse(&l.ReadTimeout, 10*time.Second)
	orElse(&l.WriteTimeout, 30*time.Second)
	orElse(&l.IdleTimeout, 60*time.Second)
	orElse(&l.CursorLife, time.Hour)
	orElse(&l.RequestTimeout, 30*time.Second)
	orElse(&l.FailedAuthPerSource, 300)
	return l
}

func orElse[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}
