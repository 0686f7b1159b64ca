package tenancy

import (
	"net/netip"
	"strings"
)

// maxHostLen is the longest host name DNS allows.
const maxHostLen = 253

// CanonicalHost returns the one spelling of a Host header by which tenants are
// looked up: lower case, without port and without one trailing dot. It accepts
// names of letters, digits and hyphens, IPv4 addresses and bracketed IPv6
// addresses, and refuses everything else, because two parsers that read one Host
// differently are how a request reaches another tenant (reliability: userinfo,
// empty labels, other bytes). A host that is canonical already costs no allocation.
func CanonicalHost(raw string) (string, error) {
	if raw == "" {
		return "", invalid("host", "the host is empty")
	}
	if raw[0] == '[' {
		return canonicalIPv6(raw)
	}
	if strings.Contains(raw, "/") {
		return "", invalid("host", "the host %q is an address with more than a host in it: give the name alone, without https:// and path", clip(raw))
	}
	host, port, hasPort := strings.Cut(raw, ":")
	if hasPort && !validPort(port) {
		return "", invalid("host", "the host has a port that is not a number from 1 to 65535")
	}
	host = strings.TrimSuffix(host, ".")
	if len(host) == 0 || len(host) > maxHostLen {
		return "", invalid("host", "a host name has 1 to %d characters, not %d", maxHostLen, len(host))
	}
	last, upper, ok := scanLabels(host)
	if !ok {
		return "", invalid("host", "the host %q is not a name of letters, digits and hyphens, nor an IP address; write names in other scripts in their xn-- form", clip(host))
	}
	if endsInNumber(last) {
		if addr, err := netip.ParseAddr(host); err != nil || !addr.Is4() {
			return "", invalid("host", "the host %q ends in a number but is not an IPv4 address", clip(host))
		}
	}
	if upper {
		host = strings.ToLower(host) // ASCII only by now
	}
	return host, nil
}

func canonicalIPv6(raw string) (string, error) {
	inside, rest, ok := strings.Cut(raw[1:], "]")
	if ok && rest != "" {
		port, hasPort := strings.CutPrefix(rest, ":")
		ok = hasPort && validPort(port)
	}
	addr, err := netip.ParseAddr(inside)
	if !ok || err != nil || !addr.Is6() || addr.Zone() != "" {
		return "", invalid("host", "the host %q is not an IPv6 address in brackets with an optional port", clip(raw))
	}
	var buf [64]byte
	canonical := addr.AppendTo(buf[:0])
	if string(canonical) == inside {
		return raw[:len(inside)+2], nil
	}
	return "[" + string(canonical) + "]", nil
}

func validPort(s string) bool {
	if len(s) == 0 || len(s) > 5 {
		return false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n >= 1 && n <= 65535
}

// scanLabels reports whether host consists of labels of 1 to 63 letters, digits
// and inner hyphens, whether any letter is a capital, and the last label.
func scanLabels(host string) (last string, upper, ok bool) {
	start := 0
	for i := 0; i <= len(host); i++ {
		if i == len(host) || host[i] == '.' {
			if n := i - start; n == 0 || n > 63 || host[start] == '-' || host[i-1] == '-' {
				return "", false, false
			}
			last, start = host[start:i], i+1
			continue
		}
		switch c := host[i]; {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-':
		case c >= 'A' && c <= 'Z':
			upper = true
		default:
			return "", false, false
		}
	}
	return last, upper, true
}

// endsInNumber follows the URL standard: a name whose last label is a decimal or
// hexadecimal number is an IPv4 address to a browser, so it must be one to us.
func endsInNumber(last string) bool {
	digits := strings.Trim(last, "0123456789") == ""
	if len(last) >= 2 && last[0] == '0' && (last[1] == 'x' || last[1] == 'X') {
		return strings.Trim(last[2:], "0123456789abcdefABCDEF") == ""
	}
	return digits
}

// clip keeps foreign text in messages short.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "..."
	}
	return s
}
