package tenancy

import (
	"context"
	"strconv"

	"scimedge/kv"
)

// ActionSchemaLoaded is a schema file that was taken for a tenant's.
const ActionSchemaLoaded Action = "schema.loaded"

// RecordSchema records that a schema file was loaded for a tenant, and the
// revision that is in force since. The schema itself lives in the tenant's own
// partition, which no transaction of ours reaches, and names who changed it last:
// the record comes after the change.
func (r *Registry) RecordSchema(ctx context.Context, tenant Tenant, revision uint64, by Actor) error {
	now := r.now()
	_, err := r.store.Update(ctx, kv.System, func(w kv.Writer) error {
		return record(w, tenant.ID, entry{At: now, By: by, Action: ActionSchemaLoaded, Target: tenant.Name, Detail: "revision " + strconv.FormatUint(revision, 10)})
	})
	return err
}
