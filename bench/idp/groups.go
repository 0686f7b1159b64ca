package idp

import (
	"context"
	"net/http"
	"slices"
)

// groupsInFlight is how many groups are worked on at once: providers take users
// several at a time but groups nearly one by one.
const groupsInFlight = 2

func (r *run) provisionGroups(ctx context.Context) error {
	err := parallel(ctx, groupsInFlight, 0, r.plan.Groups, func(ctx context.Context, g int) error {
		if err := r.provisionGroup(ctx, g); err != nil {
			return err
		}
		r.progress(func(p *Progress) { p.GroupsDone++ })
		return nil
	})
	if err != nil || r.plan.Groups == 0 || len(r.p.group.del) == 0 {
		return err
	}
	return r.testGroup(ctx, r.plan.Groups, "Project that ends", r.membersOf(0))
}

// membersOf are the users that stay in group g: everybody for "All Staff", a
// share that shrinks for the others.
func (r *run) membersOf(g int) []member {
	return r.pickUsers(func(i int) bool { return g == 1 || i%(g+2) == 0 })
}

// passersby are in group g for a while: at most a dozen others.
func (r *run) passersby(g int) []member {
	if g == 1 {
		return nil
	}
	all := r.pickUsers(func(i int) bool { return i%(g+2) == 1 })
	return all[:min(len(all), 12)]
}

func (r *run) pickUsers(in func(i int) bool) []member {
	var out []member
	for i, u := range r.users {
		if in(i) {
			out = append(out, member{ID: u.ID, Name: u.UserName})
		}
	}
	return out
}

func (r *run) provisionGroup(ctx context.Context, g int) error {
	stay, pass := r.membersOf(g), r.passersby(g)
	v := &vars{Group: r.plan.GroupPrefix + r.dir.GroupName(g), GroupKey: r.dir.GUID(g)}
	if err := r.createGroup(ctx, v, slices.Concat(pass, stay)); err != nil {
		return err
	}
	r.groups[g] = GroupState{ID: v.ID, DisplayName: v.Group}
	if err := r.removeMembers(ctx, v, pass); err != nil {
		return err
	}
	if err := r.swapMembers(ctx, v, stay, pass); err != nil {
		return err
	}
	if err := r.rename(ctx, v); err != nil {
		return err
	}
	v.All, v.Members = stay, stay
	if _, err := r.session.all(ctx, "push whole group", r.p.group.replace, v); err != nil {
		return err
	}
	if len(stay) > 0 {
		v.Member = stay[len(stay)-1].ID
		if _, err := r.session.all(ctx, "check membership", r.p.group.check, v); err != nil {
			return err
		}
	}
	if _, err := r.session.all(ctx, "read group", r.p.group.get, v); err != nil {
		return err
	}
	for _, m := range stay {
		r.groups[g].Members = append(r.groups[g].Members, m.ID)
	}
	return nil
}

// createGroup creates or finds the group of v and puts members into it, in as many
// requests as the provider's chunks ask for.
func (r *run) createGroup(ctx context.Context, v *vars, members []member) error {
	var err error
	row, linked := r.found["group "+v.Group]
	if linked {
		v.ID = row.Text("id")
	}
	if !linked && !r.p.linkOnConflict {
		if linked, err = r.linkGroup(ctx, v); err != nil {
			return err
		}
	}
	rest := members
	if !linked {
		if r.p.membersInCreate {
			v.Members, rest = cut(members, r.chunk)
			v.All = v.Members
		}
		a, err := r.session.all(ctx, "create group", r.p.group.create, v)
		if err != nil {
			return err
		}
		if a.status == http.StatusConflict {
			if linked, err = r.linkGroup(ctx, v); err != nil {
				return err
			}
			if !linked {
				_, err = r.session.all(ctx, "create group the server says exists, but does not find", withWant(r.p.group.create, http.StatusCreated), v)
				return err
			}
			rest = members
		}
	}
	r.count(func(c *Counts) {
		if linked {
			c.GroupsLinked++
		} else {
			c.GroupsCreated++
		}
		c.MembersAdded += len(members)
	})
	v.All = members[:len(members)-len(rest)]
	for len(rest) > 0 {
		v.Members, rest = cut(rest, r.chunk)
		v.All = members[:len(members)-len(rest)]
		if _, err := r.session.all(ctx, "add members", r.p.group.add, v); err != nil {
			return err
		}
	}
	_, err = r.session.all(ctx, "read group", r.p.group.get, v)
	return err
}

func (r *run) linkGroup(ctx context.Context, v *vars) (bool, error) {
	a, err := r.session.all(ctx, "look up group", r.p.group.lookUp, v)
	if err != nil {
		return false, err
	}
	found, ok := firstResource(a)
	if ok {
		v.ID = found.Text("id")
	}
	return ok, nil
}

func cut(list []member, n int) (head, rest []member) {
	n = min(n, len(list))
	return list[:n], list[n:]
}

func (r *run) removeMembers(ctx context.Context, v *vars, pass []member) error {
	for rest := pass; len(rest) > 0; {
		v.Members, rest = cut(rest, r.chunk)
		v.All = v.All[len(v.Members):] // the passers-by come first
		if _, err := r.session.all(ctx, "remove members", r.p.group.remove, v); err != nil {
			return err
		}
	}
	r.count(func(c *Counts) { c.MembersRemoved += len(pass) })
	return nil
}

// swapMembers lets one member go and another come in a single request, and then
// takes it back.
func (r *run) swapMembers(ctx context.Context, v *vars, stay, pass []member) error {
	if len(r.p.group.swap) == 0 || len(stay) == 0 || len(pass) == 0 {
		return nil
	}
	v.Members, v.Others = stay[:1], pass[:1]
	v.All = slices.Concat(stay[1:], pass[:1])
	if _, err := r.session.all(ctx, "swap members", r.p.group.swap, v); err != nil {
		return err
	}
	v.Members, v.Others = pass[:1], stay[:1]
	v.All = stay
	if _, err := r.session.all(ctx, "swap members back", r.p.group.swap, v); err != nil {
		return err
	}
	r.count(func(c *Counts) { c.MembersAdded += 2; c.MembersRemoved += 2 })
	return nil
}

// rename gives the group another name and then its own again, so that a later sync
// finds it under the name of the plan.
func (r *run) rename(ctx context.Context, v *vars) error {
	if len(r.p.group.rename) == 0 {
		return nil
	}
	name := v.Group
	for _, to := range []string{name + " (EMEA)", name} {
		v.Group = to
		if _, err := r.session.all(ctx, "rename group", r.p.group.rename, v); err != nil {
			return err
		}
		r.count(func(c *Counts) { c.GroupsRenamed++ })
	}
	return nil
}

// testGroup takes a group from creation over emptiness to deletion.
func (r *run) testGroup(ctx context.Context, g int, name string, members []member) error {
	v := &vars{Group: r.plan.GroupPrefix + name, GroupKey: r.dir.GUID(g)}
	if err := r.createGroup(ctx, v, members); err != nil {
		return err
	}
	if len(r.p.group.empty) > 0 {
		v.All, v.Members = nil, nil
		if _, err := r.session.all(ctx, "empty group", r.p.group.empty, v); err != nil {
			return err
		}
		r.count(func(c *Counts) { c.MembersRemoved += len(members) })
	}
	if _, err := r.session.all(ctx, "delete group", r.p.group.del, v); err != nil {
		return err
	}
	r.count(func(c *Counts) { c.GroupsDeleted++ })
	return nil
}
