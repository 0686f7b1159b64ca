package idp

import (
	"context"
	"net/http"
	"strings"

	"scimedge/bench/scimclient"
)

// provision brings users from..to-1 into being.
func (r *run) provision(ctx context.Context, from, to int) error {
	return parallel(ctx, r.p.inFlight, from, to, func(ctx context.Context, i int) error {
		v := &vars{P: r.dir.Person(i), Active: true, ManagerID: r.manager(i)}
		linked, err := r.createOrLink(ctx, v)
		if err != nil {
			return err
		}
		r.users[i] = UserState{ID: v.ID, UserName: v.P.UserName, FamilyName: v.P.FamilyName, Active: v.Active}
		r.count(func(c *Counts) {
			if linked {
				c.UsersLinked++
			} else {
				c.UsersCreated++
			}
		})
		r.progress(func(p *Progress) { p.UsersDone++ })
		return nil
	})
}

// manager is the id of i's manager; the managers themselves have none.
func (r *run) manager(i int) string {
	if r.managers == 0 || i < r.managers {
		return ""
	}
	return r.users[i%r.managers].ID
}

// createOrLink creates the user of v, or finds it and brings it up to date; v.ID
// is known afterwards.
func (r *run) createOrLink(ctx context.Context, v *vars) (linked bool, err error) {
	if row, ok := r.found["user "+strings.ToLower(v.P.UserName)]; ok {
		return true, r.adopt(ctx, v, row)
	}
	if !r.p.linkOnConflict {
		if linked, err = r.link(ctx, v); linked || err != nil {
			return linked, err
		}
	}
	a, err := r.session.all(ctx, "create user", r.p.user.create, v)
	if err != nil || a.status != http.StatusConflict {
		return false, err
	}
	linked, err = r.link(ctx, v)
	if err == nil && !linked {
		// Say what is strange: the name is taken, yet nobody has it.
		_, err = r.session.all(ctx, "create user the server says exists, but does not find", withWant(r.p.user.create, http.StatusCreated), v)
	}
	return linked, err
}

func withWant(list []call, status int) []call {
	out := make([]call, len(list))
	for i, c := range list {
		c.want = []int{status}
		out[i] = c
	}
	return out
}

func (r *run) link(ctx context.Context, v *vars) (bool, error) {
	a, err := r.session.all(ctx, "look up user", r.p.user.lookUp, v)
	if err != nil {
		return false, err
	}
	found, ok := firstResource(a)
	if !ok {
		return false, nil
	}
	return true, r.adopt(ctx, v, found)
}

// adopt takes a user that the server has already for the one of v.
func (r *run) adopt(ctx context.Context, v *vars, row scimclient.Object) error {
	v.ID = row.Text("id")
	v.Active = row.Text("active") != "false"
	_, err := r.session.all(ctx, "update found user", r.p.user.update, v)
	return err
}

// What happens to user i after it was created.
func changes(i int) bool    { return i%5 == 0 }
func deactivate(i int) bool { return i%10 == 3 }
func returns(i int) bool    { return i%20 == 13 }

// lifecycle updates every fifth user, switches every tenth off, and every other of
// those on again.
func (r *run) lifecycle(ctx context.Context) error {
	return parallel(ctx, r.p.inFlight, 0, r.plan.Users, func(ctx context.Context, i int) error {
		u := &r.users[i]
		v := &vars{P: r.dir.Person(i), Active: u.Active, ID: u.ID, ManagerID: r.manager(i)}
		if changes(i) {
			v.P = r.dir.Married(v.P)
			if _, err := r.session.all(ctx, "update user", r.p.user.update, v); err != nil {
				return err
			}
			u.FamilyName = v.P.FamilyName
			r.count(func(c *Counts) { c.UsersUpdated++ })
			if v.ManagerID != "" {
				if _, err := r.session.all(ctx, "check manager", r.p.user.check, v); err != nil {
					return err
				}
			}
		}
		if !deactivate(i) {
			return nil
		}
		if err := r.setActive(ctx, u, v, false); err != nil || !returns(i) {
			return err
		}
		return r.setActive(ctx, u, v, true)
	})
}

func (r *run) setActive(ctx context.Context, u *UserState, v *vars, active bool) error {
	v.Active = active
	step, list := "deactivate user", r.p.user.deactivate
	if active {
		step, list = "reactivate user", r.p.user.reactivate
	}
	if _, err := r.session.all(ctx, step, list, v); err != nil {
		return err
	}
	u.Active = active
	r.count(func(c *Counts) {
		if active {
			c.Reactivated++
		} else {
			c.Deactivated++
		}
	})
	return nil
}

// leaverCount is how many more users come and go during the sync.
func (r *run) leaverCount() int {
	if len(r.p.user.remove) == 0 || r.plan.Users == 0 {
		return 0
	}
	return 1 + r.plan.Users/50
}

func (r *run) leavers(ctx context.Context) error {
	return parallel(ctx, r.p.inFlight, r.plan.Users, r.plan.Users+r.leaverCount(), r.passThrough)
}

// passThrough takes user i from creation to deletion.
func (r *run) passThrough(ctx context.Context, i int) error {
	v := &vars{P: r.dir.Person(i), Active: true}
	if _, err := r.createOrLink(ctx, v); err != nil {
		return err
	}
	v.P = r.dir.Married(v.P)
	if _, err := r.session.all(ctx, "update user", r.p.user.update, v); err != nil {
		return err
	}
	v.Active = false
	if _, err := r.session.all(ctx, "deactivate user", r.p.user.deactivate, v); err != nil {
		return err
	}
	if _, err := r.session.all(ctx, "delete user", r.p.user.remove, v); err != nil {
		return err
	}
	r.count(func(c *Counts) { c.UsersDeleted++ })
	return nil
}
