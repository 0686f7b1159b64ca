package directory

import (
	"scimedge/kv"
)

// member checks one membership row: its group names the generation or a job
// clears it away, its reverse row is there, and it points at what it says.
// Member rows come before resources in key order, so their number per
// generation is known when the group's own record is checked.
func (c *checker) member(e kv.Entry) error {
	if len(e.Key) < 1+24+1 {
		c.find(cureRewrite, drop(e.Key), "membership row %s is malformed", rowName(e.Key))
		return nil
	}
	group, gen, _ := cutGroupGen(e.Key[1:25])
	to := ref(e.Key[25:])
	if v, err := c.r.Get(purgeKey(group, gen)); err != nil || v != nil {
		return err // on its way out
	}
	inForce, err := c.d.names(c.r, group, gen)
	if err != nil {
		return err
	}
	if !inForce {
		c.find(cureRewrite, drop(e.Key), "membership of %s in %s belongs to no group", to.value(), group)
		return nil
	}
	c.members[membership{group, gen}]++
	if c.dead[string(to)] {
		return nil
	}
	c.report.Memberships++
	back := reverseKey(to, group, gen)
	if v, err := c.r.Get(back); err != nil {
		return err
	} else if v == nil {
		c.find(cureRewrite, put(back, nil), "membership of %s in %s has no reverse row", to.value(), group)
	}
	return c.target(e, to, group)
}

// target checks what a membership row points at.
func (c *checker) target(e kv.Entry, to ref, group ID) error {
	what := byte(0)
	if len(e.Value) > 0 {
		what = e.Value[0]
	}
	typ := memberTypes[what]
	switch {
	case what == kindUnresolved:
		return nil
	case typ == "" || to[0] != refID:
		c.find(cureRestore, nil, "membership of %s in %s has the unknown kind %q", to.value(), group, what)
		return nil
	}
	v, err := c.r.Get(resourceKey(typ, ID(to[1:])))
	if err == nil && v == nil {
		c.find("remove the member with a PATCH of the group", nil, "%s %s is a member of %s and does not exist", typ, to.value(), group)
	}
	return err
}

// reverse checks that the membership a reverse row speaks of is there.
func (c *checker) reverse(e kv.Entry) error {
	group, gen, ok := cutGroupGen(e.Key)
	if !ok {
		c.find(cureRewrite, drop(e.Key), "reverse membership row %s is malformed", rowName(e.Key))
		return nil
	}
	to := ref(e.Key[1 : len(e.Key)-24])
	v, err := c.r.Get(memberKey(group, gen, to))
	if err == nil && v == nil {
		c.find(cureRewrite, drop(e.Key), "reverse row says %s is a member of %s, and it is not", to.value(), group)
	}
	return err
}

// totals compares the kept counts with what was counted.
func (c *checker) totals() error {
	if c.unread {
		return nil // what was counted is not all there is
	}
	members := &counts{}
	for _, n := range c.members {
		members.total += n
	}
	want := map[string]*counts{membershipCount: members}
	for _, t := range c.d.cat.Types() {
		want[t.Name] = c.counted[t.Name]
	}
	for what, n := range want {
		if n == nil {
			n = &counts{}
		}
		k := countKey(what)
		v, err := c.r.Get(k)
		if err != nil {
			return err
		}
		kept, err := decodeCounts(v)
		if err != nil || kept != *n {
			c.find(cureRewrite, put(k, n.encode()), "the count of %s is kept as %+v, counted were %+v", what, kept, *n)
		}
	}
	return nil
}
