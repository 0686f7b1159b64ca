package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"scimedge/cmd/scimedge/admin"
)

const demoPicture = `
  Okta  --SCIM-->  acme.localhost   --+
                                      +-->  scimedge  -->  one store  -->  your application
  Entra --SCIM-->  globex.localhost --+

`

// demoSignIn is the account the demo made for the token API.
type demoSignIn struct{ email, password string }

// createSignIn makes an account with a random password. A kept folder may have
// accounts whose passwords nobody remembers, so each start makes its own.
func createSignIn(ctx context.Context, ops admin.Service, t *demoTenant) (demoSignIn, error) {
	in := demoSignIn{email: "admin@" + t.domain, password: rand.Text()}
	have, err := ops.AccountList(ctx, admin.TenantRef{Tenant: t.name})
	if err != nil {
		return in, err
	}
	if len(have) > 0 {
		in.email = fmt.Sprintf("admin-%d@%s", len(have)+1, t.domain)
	}
	_, err = ops.AccountCreate(ctx, admin.AccountSpec{
		Tenant: t.name, Email: in.email, Password: in.password, Permissions: []string{"sso:configure"},
	})
	return in, err
}

// printDemo prints what there is now and lines to paste into a shell.
func printDemo(w io.Writer, s *server, tenants []*demoTenant, in demoSignIn) {
	for _, t := range tenants {
		r := t.report
		fmt.Fprintf(w, "%s\n", strings.ToUpper(t.name))
		pairs(w,
			"  synced", fmt.Sprintf("%d users, %d groups by a simulated %s: %d requests in %.1f s",
				len(r.Users), len(r.Groups), r.Provider, r.Requests, time.Duration(r.Elapsed).Seconds()),
			"  base URL", t.baseURL,
			"  token", t.token,
		)
	}
	first := tenants[0]
	origin := strings.TrimSuffix(first.baseURL, "/scim/v2")
	fmt.Fprintln(w, "TOKEN API")
	pairs(w, "  URL", origin+"/api/v1", "  sign in", in.email, "  password", in.password)
	fmt.Fprintln(w, "OPERATE")
	pairs(w, "  metrics", "http://"+s.adminAddr+"/metrics", "  health", "http://"+s.adminAddr+"/readyz?verbose",
		"  manage", os.Args[0]+" --data-dir "+s.cfg.DataDir+" tenant list")
	fmt.Fprintln(w, "\nTry it:")
	demoCurls(w, first, origin, in, filepath.Join(s.cfg.DataDir, "cookies"))
}

// demoCurls prints lines that work as they are; curl itself knows that names
// under localhost are this machine.
func demoCurls(w io.Writer, t *demoTenant, origin string, in demoSignIn, cookies string) {
	fmt.Fprintf(w, `
# anyone may discover what the server can do
curl -sS %[1]s/ServiceProviderConfig -H 'Accept: application/scim+json'

# the users %[2]s synced
curl -sS '%[1]s/Users?count=3' -H 'Authorization: Bearer %[3]s' -H 'Accept: application/scim+json'

# one of them, by name
curl -sS -G %[1]s/Users --data-urlencode 'filter=userName eq "%[4]s"' -H 'Authorization: Bearer %[3]s'

# the groups with their members
curl -sS '%[1]s/Groups?count=1' -H 'Authorization: Bearer %[3]s'

# sign in to the token API and list the tokens
curl -sS -c %[8]s %[5]s/api/v1/session -H 'Content-Type: application/json' -d '{"email":"%[6]s","password":"%[7]s"}'
curl -sS -b %[8]s %[5]s/api/v1/scim/tokens
`, t.baseURL, t.idp.Name(), t.token, t.report.Users[0].UserName, origin, in.email, in.password, cookies)
}
