package tenancy

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"scimedge/kv"
)

// maxSessions bounds the open sessions of an account; the oldest make room.
const maxSessions = 20

// Session is a person signed in to a tenant's portal. It is good for that tenant
// only, and its permissions are read anew each time.
type Session struct {
	ID          Secret    `json:"-"` // known only right after SignIn
	Tenant      string    `json:"-"` // the tenant's id
	Account     string    `json:"account"`
	Email       string    `json:"email"`
	Permissions []string  `json:"permissions"`
	CreatedAt   time.Time `json:"created_at"`
	ExpiresAt   time.Time `json:"expires_at"`
}

// Allows reports whether the person has a permission.
func (s *Session) Allows(permission string) bool { return slices.Contains(s.Permissions, permission) }

// Actor is the person for the audit trail.
func (s *Session) Actor() Actor { return Actor{Kind: "account", Name: s.Email} }

// SignIn starts a session for a person with e-mail and password, coming from
// remote. A wrong e-mail and a wrong password give the same ErrBadCredentials
// after the same work; more than five failures a minute for an account, or thirty
// from one source, give ErrTooManyAttempts.
func (r *Registry) SignIn(ctx context.Context, tenant *Tenant, email, password string, remote netip.Addr) (Session, error) {
	folded, err := foldEmail(email)
	if err != nil || len(password) > MaxPassword {
		return Session{}, ErrBadCredentials // says nothing about any account: the input alone decides
	}
	now := r.now()
	attempt, source := tenant.ID+folded, sourceOf(remote)
	if !r.attempts.begin(attempt, maxAttempts, now) || !r.attempts.begin(source, maxSourceAttempts, now) {
		return Session{}, ErrTooManyAttempts
	}
	row, err := r.accountByEmail(ctx, tenant, folded)
	if err != nil {
		return Session{}, err
	}
	ok, err := r.passwords.verify(ctx, password, row.Password)
	if err != nil {
		return Session{}, err
	}
	if !ok {
		return Session{}, ErrBadCredentials
	}
	s, err := r.openSession(ctx, tenant, row, now, remote)
	if err == nil {
		r.attempts.forget(attempt)
		r.attempts.undo(source)
	}
	return s, err
}

// accountByEmail returns an empty row when there is no such account.
func (r *Registry) accountByEmail(ctx context.Context, tenant *Tenant, folded string) (*accountRow, error) {
	row := &accountRow{}
	err := r.store.View(ctx, kv.System, func(rd kv.Reader) error {
		row = &accountRow{}
		id, err := rd.Get(emailKey(tenant.ID, folded))
		if err != nil || id == nil {
			return err
		}
		found, err := getRow[accountRow](rd, idKey(rowAccount, tenant.ID, string(id)))
		if found != nil {
			row = found
		}
		return err
	})
	return row, err
}

func (r *Registry) openSession(ctx context.Context, tenant *Tenant, account *accountRow, now time.Time, remote netip.Addr) (Session, error) {
	var b [32]byte
	if _, err := io.ReadFull(r.opts.Rand, b[:]); err != nil {
		return Session{}, fmt.Errorf("reading randomness: %w", err)
	}
	id := base64.RawURLEncoding.EncodeToString(b[:])
	hash := sha256.Sum256([]byte(id))
	row := sessionRow{Tenant: tenant.ID, Account: account.ID, CreatedAt: now, ExpiresAt: now.Add(r.opts.SessionTTL)}
	by := Actor{Kind: "account", Name: account.Email}
	from := ""
	if remote.IsValid() {
		from = remote.Unmap().String()
	}
	_, err := r.store.Update(ctx, kv.System, func(w kv.Writer) error {
		if _, err := readTenant(w, tenant); err != nil {
			return err
		}
		if err := makeRoom(w, tenant.ID, account.ID, now); err != nil {
			return err
		}
		if err := putRow(w, sessionKey(hash), row); err != nil {
			return err
		}
		if err := w.Put(sessionOfKey(tenant.ID, account.ID, hash), nil); err != nil {
			return err
		}
		return record(w, tenant.ID, entry{At: now, By: by, Action: ActionSessionCreated, Target: account.ID, Detail: from})
	})
	if err != nil {
		return Session{}, err
	}
	return Session{
		ID: Secret(id), Tenant: tenant.ID, Account: account.ID, Email: account.Email,
		Permissions: account.Permissions, CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt,
	}, nil
}

// makeRoom removes the account's sessions that are over, and the oldest of the
// others when there are too many.
func makeRoom(w kv.Writer, tenant, account string, now time.Time) error {
	type open struct {
		hash [32]byte
		at   time.Time
	}
	var live []open
	var doomed [][32]byte
	rows := kv.Prefix(idKey(rowSessionOf, tenant, account))
	rows.KeysOnly = true
	for e, err := range w.Scan(rows) {
		if err != nil {
			return err
		}
		hash := [32]byte(e.Key[1+2*idLen:])
		row, err := getRow[sessionRow](w, sessionKey(hash))
		switch {
		case err != nil:
			return err
		case row == nil || !now.Before(row.ExpiresAt):
			doomed = append(doomed, hash)
		default:
			live = append(live, open{hash, row.CreatedAt})
		}
	}
	slices.SortFunc(live, func(a, b open) int { return a.at.Compare(b.at) })
	for len(live) >= maxSessions {
		doomed = append(doomed, live[0].hash)
		live = live[1:]
	}
	for _, hash := range doomed {
		if err := closeSession(w, tenant, account, hash); err != nil {
			return err
		}
	}
	return nil
}

func closeSession(w kv.Writer, tenant, account string, hash [32]byte) error {
	if err := w.Delete(sessionKey(hash)); err != nil {
		return err
	}
	return w.Delete(sessionOfKey(tenant, account, hash))
}

// SessionByID returns the live session of that id in that tenant, or
// ErrNotFound: when it never was, is over, or belongs to another tenant.
func (r *Registry) SessionByID(ctx context.Context, tenant *Tenant, id string) (Session, error) {
	hash := sha256.Sum256([]byte(id))
	now := r.now()
	var s Session
	err := r.store.View(ctx, kv.System, func(rd kv.Reader) error {
		row, err := liveSession(rd, tenant, hash, now)
		if err != nil {
			return err
		}
		account, err := getRow[accountRow](rd, idKey(rowAccount, tenant.ID, row.Account))
		if err != nil || account == nil {
			return cmpErr(err, errNoSession())
		}
		s = Session{
			Tenant: tenant.ID, Account: account.ID, Email: account.Email, Permissions: account.Permissions,
			CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt,
		}
		return nil
	})
	return s, err
}

// SignOut ends a session. A session that is over already is no error.
func (r *Registry) SignOut(ctx context.Context, tenant *Tenant, id string) error {
	hash := sha256.Sum256([]byte(id))
	now := r.now()
	_, err := r.store.Update(ctx, kv.System, func(w kv.Writer) error {
		row, err := getRow[sessionRow](w, sessionKey(hash))
		if err != nil || row == nil || row.Tenant != tenant.ID {
			return err
		}
		if err := closeSession(w, tenant.ID, row.Account, hash); err != nil {
			return err
		}
		account, err := getRow[accountRow](w, idKey(rowAccount, tenant.ID, row.Account))
		if err != nil || account == nil {
			return err
		}
		by := Actor{Kind: "account", Name: account.Email}
		return record(w, tenant.ID, entry{At: now, By: by, Action: ActionSessionEnded, Target: row.Account})
	})
	return err
}

func liveSession(rd kv.Reader, tenant *Tenant, hash [32]byte, now time.Time) (*sessionRow, error) {
	row, err := getRow[sessionRow](rd, sessionKey(hash))
	if err != nil {
		return nil, err
	}
	if row == nil || row.Tenant != tenant.ID || !now.Before(row.ExpiresAt) {
		return nil, errNoSession()
	}
	return row, nil
}

func errNoSession() error {
	return notFound("there is no such session, or it has ended; sign in again")
}
