package tenancy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"scimedge/kv"
)

// Action is what an audit record is about.
type Action string

// The actions on record.
const (
	ActionTenantCreated  Action = "tenant.created"
	ActionTenantPaused   Action = "tenant.paused"
	ActionTenantResumed  Action = "tenant.resumed"
	ActionTenantProfile  Action = "tenant.profile_changed"
	ActionTenantSettings Action = "tenant.settings_changed"
	ActionTenantHosts    Action = "tenant.hosts_changed"
	ActionTenantDeleted  Action = "tenant.deleted" // in the server's own trail
	ActionTokenCreated   Action = "token.created"
	ActionTokenRevoked   Action = "token.revoked"
	ActionAccountCreated Action = "account.created"
	ActionSessionCreated Action = "session.created"
	ActionSessionEnded   Action = "session.ended"
)

// AuditRecord is one thing that was done, by whom and to what. Each carries the
// hash of the one before it, so that an edited or missing record shows.
type AuditRecord struct {
	N      uint64    `json:"n"` // 1 for the first of a tenant
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Action Action    `json:"action"`
	Target string    `json:"target"`
	Detail string    `json:"detail,omitempty"`
	Before string    `json:"before"` // SHA-256 of record N-1 as stored; empty for the first
}

type auditHeadRow struct {
	N    uint64 `json:"n"`
	Hash string `json:"hash"`
}

type entry struct {
	At     time.Time
	By     Actor
	Action Action
	Target string
	Detail string
}

// record appends to a tenant's trail, or to the server's for tenant "", within
// the transaction that does what is recorded.
func record(w kv.Writer, tenant string, e entry) error {
	head, err := getRow[auditHeadRow](w, auditHeadKey(tenant))
	if err != nil {
		return err
	}
	if head == nil {
		head = &auditHeadRow{}
	}
	rec := AuditRecord{
		N: head.N + 1, At: e.At, By: e.By.String(), Action: e.Action,
		Target: e.Target, Detail: e.Detail, Before: head.Hash,
	}
	b, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("encoding an audit record: %w", err)
	}
	if err := w.Put(auditKey(tenant, rec.N), b); err != nil {
		return err
	}
	return putRow(w, auditHeadKey(tenant), auditHeadRow{N: rec.N, Hash: auditHash(b)})
}

func auditHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Audit returns up to limit records of a tenant, by name or id, that come after
// record number after, the oldest first. The tenant "" is the server itself.
func (r *Registry) Audit(ctx context.Context, tenant string, after uint64, limit int) ([]AuditRecord, error) {
	id, err := r.auditID(tenant)
	if err != nil {
		return nil, err
	}
	var out []AuditRecord
	err = r.store.View(ctx, kv.System, func(rd kv.Reader) error {
		out = []AuditRecord{}
		rows := kv.Prefix(textKey(rowAudit, id))
		rows.Lo = auditKey(id, after+1)
		for e, err := range rd.Scan(rows) {
			if err != nil || len(out) >= limit {
				return err
			}
			rec, err := decodeRow[AuditRecord](e.Key, e.Value)
			if err != nil {
				return err
			}
			out = append(out, *rec)
		}
		return nil
	})
	return out, err
}

// VerifyAudit follows the chain of a trail from its first record to its head,
// and returns how many records it holds. An edited, missing or surplus record is
// an error that says where.
func (r *Registry) VerifyAudit(ctx context.Context, tenant string) (uint64, error) {
	id, err := r.auditID(tenant)
	if err != nil {
		return 0, err
	}
	var n uint64
	err = r.store.View(ctx, kv.System, func(rd kv.Reader) error {
		head := auditHeadRow{}
		if row, err := getRow[auditHeadRow](rd, auditHeadKey(id)); err != nil {
			return err
		} else if row != nil {
			head = *row
		}
		var hash string
		n = 0
		for e, err := range rd.Scan(kv.Prefix(textKey(rowAudit, id))) {
			if err != nil {
				return err
			}
			rec, err := decodeRow[AuditRecord](e.Key, e.Value)
			if err != nil {
				return err
			}
			if n++; rec.N != n || rec.Before != hash {
				return fmt.Errorf("%w: the audit trail is broken at record %d", kv.ErrCorrupt, n)
			}
			hash = auditHash(e.Value)
		}
		if head.N != n || head.Hash != hash {
			return fmt.Errorf("%w: the audit trail ends at record %d and its head says %d", kv.ErrCorrupt, n, head.N)
		}
		return nil
	})
	return n, err
}

func (r *Registry) auditID(tenant string) (string, error) {
	if tenant == "" {
		return "", nil
	}
	t, err := r.find(tenant)
	if err != nil {
		return "", err
	}
	return t.ID, nil
}
