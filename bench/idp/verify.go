package idp

import (
	"context"
	"net/url"

	"scimedge/bench/scimclient"
)

// Verify reads back every user and group of a report and compares. It is what an
// auditor would do afterwards; no identity provider asks this.
func Verify(ctx context.Context, c *scimclient.Client, rep Report) error {
	s := &session{name: "verify", contentType: "application/scim+json", render: newRenderer(),
		client: c.As(scimclient.Identity{UserAgent: "scimedge-bench", Accept: "application/scim+json"})}
	err := parallel(ctx, 4, 0, len(rep.Users), func(ctx context.Context, i int) error {
		u := rep.Users[i]
		v := &vars{ID: u.ID, Active: u.Active}
		v.P.UserName, v.P.FamilyName = u.UserName, u.FamilyName
		_, err := s.send(ctx, "read user", get("/Users/"+url.PathEscape(u.ID), ok(), aUser, field{"name/familyName", "{{.P.FamilyName}}"}), v)
		return err
	})
	if err != nil {
		return err
	}
	return parallel(ctx, 2, 0, len(rep.Groups), func(ctx context.Context, i int) error {
		g := rep.Groups[i]
		v := &vars{ID: g.ID, Group: g.DisplayName}
		for _, m := range g.Members {
			v.All = append(v.All, member{ID: m})
		}
		_, err := s.send(ctx, "read group", get("/Groups/"+url.PathEscape(g.ID), ok(), groupMembers), v)
		return err
	})
}
