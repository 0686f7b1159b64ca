// Package directory keeps one tenant's users and groups: transactions, indexes,
// uniqueness, memberships, the change log, the query planner and the
// consistency check.
//
// It is handed a kv.Store and one partition and knows nothing of tenants,
// tokens or HTTP. It may import kv, scimcore and an id generator. Resources
// enter parsed, as *scimcore.Doc and *scimcore.Patch; they leave as
// scimcore.Resource, inside a read transaction or as an owned copy. Errors meant
// for the client are *scimcore.Error; all others come from the store.
//
// Transactions begin and end in the exported methods of [Directory] only.
package directory
