package proxy

import (
	"math"
	"strconv"

	"golang.org/x/time/rate"
)

// The headers of draft-ietf-httpapi-ratelimit-headers are lists of structured
// fields (RFC 9651), one item for each bucket that a request is taken from. A
// bucket holds two seconds' worth, so that is its quota and its window.

// ratePolicy is the value of RateLimit-Policy, made once for a caller; empty when
// no bucket bounds it.
func (c *caller) ratePolicy() string {
	var b []byte
	c.eachBucket(func(name string, l *rate.Limiter) {
		b = appendBucket(b, name)
		b = append(append(b, ";q="...), strconv.Itoa(l.Burst())...)
		b = append(append(b, ";w="...), strconv.Itoa(fillTime(l, float64(l.Burst())))...)
	})
	return string(b)
}

// tellRate says what is left of each bucket, and in how many seconds it is full,
// which one in debt is later.
func (r *request) tellRate(c *caller) {
	var buf [64]byte
	b := buf[:0]
	c.eachBucket(func(name string, l *rate.Limiter) {
		left := min(l.TokensAt(r.began), float64(l.Burst()))
		b = appendBucket(b, name)
		b = strconv.AppendInt(append(b, ";r="...), int64(max(left, 0)), 10)
		b = strconv.AppendInt(append(b, ";t="...), int64(fillTime(l, float64(l.Burst())-left)), 10)
	})
	h := &r.ctx.Response.Header
	h.Set("RateLimit-Policy", c.policy)
	h.SetBytesV("RateLimit", b)
}

func (c *caller) eachBucket(do func(name string, l *rate.Limiter)) {
	if c.token != nil {
		do("token", c.token)
	}
	if c.tenant != nil {
		do("tenant", c.tenant)
	}
}

func appendBucket(b []byte, name string) []byte {
	if len(b) > 0 {
		b = append(b, ", "...)
	}
	return append(append(append(b, '"'), name...), '"')
}

// fillTime is how many seconds, rounded up, so many requests take to come back.
func fillTime(l *rate.Limiter, missing float64) int {
	return int(math.Ceil(missing / float64(l.Limit())))
}
