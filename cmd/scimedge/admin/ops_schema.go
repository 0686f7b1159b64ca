package admin

import (
	"context"
	"errors"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/tenancy"
)

// Schemas reads and changes what tenants declare.
type Schemas interface {
	Schema(ctx context.Context, t *tenancy.Tenant) (*directory.Schema, error)
	SetSchema(ctx context.Context, t *tenancy.Tenant, w directory.SchemaWrite) (directory.SchemaChange, error)
}

// SchemaLoad makes a schema file that of a tenant.
func (o *Ops) SchemaLoad(ctx context.Context, in SchemaSpec) (SchemaChange, error) {
	t, err := o.Registry.TenantByName(ctx, in.Tenant)
	if err != nil {
		return SchemaChange{}, explain(err)
	}
	change, err := o.Schemas.SetSchema(ctx, &t, directory.SchemaWrite{File: []byte(in.File), By: actor(ctx).String(), DryRun: in.DryRun})
	if !in.DryRun && (err == nil || change.Stands(err)) {
		// It may have taken longer than whoever asked for it has waited.
		err = errors.Join(err, o.Registry.RecordSchema(context.WithoutCancel(ctx), t, change.Revision, actor(ctx)))
	}
	var no *directory.SchemaRefused
	switch {
	case errors.As(err, &no):
		return change, Failed("the schema is not taken, and nothing was changed:\n%v", no)
	case errors.Is(err, kv.ErrConflict) && change.Revision == 0:
		return change, Failed("another change of the schema is under way: try again when it has ended")
	}
	return change, explain(err)
}

// SchemaShow shows what a tenant declares.
func (o *Ops) SchemaShow(ctx context.Context, in TenantRef) (Schema, error) {
	t, err := o.Registry.TenantByName(ctx, in.Tenant)
	if err != nil {
		return Schema{}, explain(err)
	}
	s, err := o.Schemas.Schema(ctx, &t)
	if err != nil {
		return Schema{}, explain(err)
	}
	return Schema{
		Tenant: t.Name, Revision: s.Revision, ChangedAt: orNil(s.ChangedAt), ChangedBy: s.ChangedBy,
		Schema: s.Declaration.AppendFile(nil),
	}, nil
}
