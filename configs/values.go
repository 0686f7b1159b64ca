package configs

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Bytes is a size, written as a number or with one of the units KiB, MiB, GiB.
type Bytes int64

var errSize = errors.New("a size is a number of bytes, or a number with KiB, MiB or GiB, such as 32MiB")

func units() []struct {
	suffix string
	shift  int
} {
	return []struct {
		suffix string
		shift  int
	}{{"GiB", 30}, {"MiB", 20}, {"KiB", 10}}
}

// UnmarshalYAML reads a number or a text with a unit.
func (b *Bytes) UnmarshalYAML(read func(any) error) error {
	var text string
	if err := read(&text); err != nil {
		return errSize
	}
	number, shift := strings.TrimSpace(text), 0
	for _, u := range units() {
		if n, ok := strings.CutSuffix(number, u.suffix); ok {
			number, shift = strings.TrimSpace(n), u.shift
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > 1<<62>>shift {
		return fmt.Errorf("%q: %w", text, errSize)
	}
	*b = Bytes(n << shift)
	return nil
}

// String is the shortest form that reads back as b.
func (b Bytes) String() string {
	for _, u := range units() {
		if n := int64(b) >> u.shift; n > 0 && n<<u.shift == int64(b) {
			return strconv.FormatInt(n, 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// UnmarshalYAML reads networks and single addresses, and names every bad one.
func (c *CIDRs) UnmarshalYAML(read func(any) error) error {
	var texts []string
	if err := read(&texts); err != nil {
		return errors.New("this is a list of networks such as [10.0.0.0/8, 192.0.2.1]")
	}
	out := CIDRs{}
	var problems []error
	for _, s := range texts {
		p, err := netip.ParsePrefix(s)
		if addr, addrErr := netip.ParseAddr(s); addrErr == nil && addr.Zone() == "" {
			p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil || p.Addr().Is4In6() {
			problems = append(problems, fmt.Errorf("%q is not a network such as 10.0.0.0/8 or fd00::/8", s))
			continue
		}
		out = append(out, p.Masked())
	}
	*c = out
	return errors.Join(problems...)
}
