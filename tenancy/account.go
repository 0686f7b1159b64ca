package tenancy

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"scimedge/kv"
)

// PermissionSSO is what every action on tokens asks for.
const PermissionSSO = "sso:configure"

// Permissions lists what an account can be allowed to do.
func Permissions() []string { return []string{PermissionSSO} }

// Account is a person who can sign in to one tenant's portal. It has nothing to
// do with the users an identity provider writes: no SCIM request can make,
// change or find one.
type Account struct {
	ID          string    `json:"id"`
	Tenant      string    `json:"-"` // the tenant's id
	Email       string    `json:"email"`
	Permissions []string  `json:"permissions"`
	CreatedAt   time.Time `json:"created_at"`
	CreatedBy   string    `json:"created_by"`
}

func (r *accountRow) account() Account {
	return Account{
		ID: r.ID, Tenant: r.Tenant, Email: r.Email, Permissions: r.Permissions,
		CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy,
	}
}

// CreateAccount lets a person sign in to a tenant's portal. The e-mail address is
// unique in the tenant, whatever the case of its letters.
func (r *Registry) CreateAccount(ctx context.Context, tenant, email string, permissions []string, password string, by Actor) (Account, error) {
	known, err := r.find(tenant)
	if err != nil {
		return Account{}, err
	}
	folded, err := foldEmail(email)
	if err != nil {
		return Account{}, err
	}
	permissions, err = checkPermissions(permissions)
	if err != nil {
		return Account{}, err
	}
	if err := checkPassword(password); err != nil {
		return Account{}, err
	}
	phc, err := r.passwords.hash(ctx, password)
	if err != nil {
		return Account{}, err
	}
	id, err := newID(r.opts.Rand)
	if err != nil {
		return Account{}, err
	}
	row := accountRow{
		ID: id, Tenant: known.ID, Email: folded, Permissions: permissions, Password: phc,
		CreatedAt: r.now(), CreatedBy: by.String(),
	}
	_, err = r.store.Update(ctx, kv.System, func(w kv.Writer) error {
		if _, err := readTenant(w, known); err != nil {
			return err
		}
		if taken, err := present(w, emailKey(known.ID, folded)); err != nil || taken {
			return cmpErr(err, exists("email", "the tenant has an account %s already", folded))
		}
		if err := w.Put(emailKey(known.ID, folded), []byte(id)); err != nil {
			return err
		}
		if err := putRow(w, idKey(rowAccount, known.ID, id), row); err != nil {
			return err
		}
		return record(w, known.ID, entry{
			At: row.CreatedAt, By: by, Action: ActionAccountCreated, Target: id,
			Detail: strings.TrimSpace(folded + " " + strings.Join(permissions, " ")),
		})
	})
	return row.account(), err
}

// Accounts lists the people who can sign in to a tenant's portal, by e-mail.
func (r *Registry) Accounts(ctx context.Context, tenant string) ([]Account, error) {
	known, err := r.find(tenant)
	if err != nil {
		return nil, err
	}
	var out []Account
	err = r.store.View(ctx, kv.System, func(rd kv.Reader) error {
		out = []Account{}
		for e, err := range rd.Scan(kv.Prefix(idKey(rowAccount, known.ID))) {
			if err != nil {
				return err
			}
			row, err := decodeRow[accountRow](e.Key, e.Value)
			if err != nil {
				return err
			}
			out = append(out, row.account())
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Account) int { return cmp.Compare(a.Email, b.Email) })
	return out, err
}

// foldEmail returns the one spelling of an address by which accounts are found.
func foldEmail(email string) (string, error) {
	folded := strings.ToLower(strings.TrimSpace(email))
	local, domain, ok := strings.Cut(folded, "@")
	if !ok || local == "" || domain == "" || strings.Contains(domain, "@") || len(folded) > 254 || !utf8.ValidString(email) {
		return "", invalid("email", "this is not an e-mail address; it has the form name@domain and at most 254 characters")
	}
	for _, c := range folded {
		if unicode.IsSpace(c) || !unicode.IsPrint(c) {
			return "", invalid("email", "an e-mail address holds visible characters only")
		}
	}
	return folded, nil
}

func checkPermissions(list []string) ([]string, error) {
	out := []string{}
	for _, p := range list {
		if !slices.Contains(Permissions(), p) {
			return nil, invalid("permissions", "the permission %q is not known; use %s", clip(p), strings.Join(Permissions(), ", "))
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}
