package admin

import (
	"context"

	"scimedge/tenancy"
)

// AccountCreate lets a person sign in to a tenant's token API.
func (o *Ops) AccountCreate(ctx context.Context, in AccountSpec) (Account, error) {
	a, err := o.Registry.CreateAccount(ctx, in.Tenant, in.Email, in.Permissions, in.Password, actor(ctx))
	if err != nil {
		return Account{}, explain(err)
	}
	return account(a), nil
}

// AccountList lists the people who can sign in to a tenant's token API.
func (o *Ops) AccountList(ctx context.Context, in TenantRef) ([]Account, error) {
	accounts, err := o.Registry.Accounts(ctx, in.Tenant)
	if err != nil {
		return nil, explain(err)
	}
	out := make([]Account, 0, len(accounts))
	for _, a := range accounts {
		out = append(out, account(a))
	}
	return out, nil
}

func account(a tenancy.Account) Account {
	return Account{ID: a.ID, Email: a.Email, Permissions: a.Permissions, CreatedAt: a.CreatedAt}
}
