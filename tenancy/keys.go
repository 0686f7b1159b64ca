package tenancy

import "scimedge/kv"

// The rows of kv.System. Ids are 16 hexadecimal characters and hashes 32 bytes,
// both of fixed length; all other parts are text as written by kv.Key.Text.
//
//	!                          -> format         of these rows
//	o <organization>           -> organization
//	i <organization> <tenant>  -> nothing        the tenants of an organization
//	t <tenant>                 -> tenant
//	n <name>                   -> tenant id      unique
//	h <host>                   -> tenant id      unique over all tenants
//	g <tenant>                 -> deletion       a tenant being removed, or removed by this process
//	k <tenant> <token>         -> token          with the SHA-256 of its text
//	q <tenant> <name>          -> token id       unique among live tokens, folded
//	p <prefix>                 -> token's key    unique over all tenants
//	u <tenant> <token>         -> last use       Unix milliseconds, big-endian
//	a <tenant> <account>       -> account        with the argon2id hash of its password
//	e <tenant> <e-mail>        -> account id     unique in the tenant, folded
//	s <hash of session id>     -> session
//	S <tenant> <account> <hash>-> nothing        the sessions of an account
//	l <tenant> <n>             -> audit record   chained by hash; tenant "" is the server itself
//	L <tenant>                 -> audit head     number and hash of the newest record
//	c                          -> cursor key     32 random bytes
const (
	rowFormat       = '!'
	rowOrganization = 'o'
	rowMember       = 'i'
	rowTenant       = 't'
	rowName         = 'n'
	rowHost         = 'h'
	rowDeletion     = 'g'
	rowToken        = 'k'
	rowTokenName    = 'q'
	rowPrefix       = 'p'
	rowLastUsed     = 'u'
	rowAccount      = 'a'
	rowEmail        = 'e'
	rowSession      = 's'
	rowSessionOf    = 'S'
	rowAudit        = 'l'
	rowAuditHead    = 'L'
	rowCursorKey    = 'c'
)

// idLen is the length of tenant, token and account ids.
const idLen = 16

func key(kind byte) kv.Key { return kv.Key(make([]byte, 0, 96)).Byte(kind) }

// textKey is the key of a row named by one text: o, n, h, p.
func textKey(kind byte, text string) kv.Key { return key(kind).Text(text) }

// idKey is the key of a row named by ids of fixed length: t, g, k, u, a.
func idKey(kind byte, ids ...string) kv.Key {
	k := key(kind)
	for _, id := range ids {
		k = append(k, id...)
	}
	return k
}

func memberKey(organization, tenant string) kv.Key {
	return append(textKey(rowMember, organization), tenant...)
}

func tokenNameKey(tenant, name string) kv.Key {
	return idKey(rowTokenName, tenant).Text(foldName(name))
}

func emailKey(tenant, folded string) kv.Key { return idKey(rowEmail, tenant).Text(folded) }

func sessionKey(hash [32]byte) kv.Key { return key(rowSession).Raw(hash[:]) }

func sessionOfKey(tenant, account string, hash [32]byte) kv.Key {
	return idKey(rowSessionOf, tenant, account).Raw(hash[:])
}

// The server's own audit trail has the empty tenant id, so audit keys carry the
// tenant as text.
func auditKey(tenant string, n uint64) kv.Key { return textKey(rowAudit, tenant).Uint64(n) }

func auditHeadKey(tenant string) kv.Key { return textKey(rowAuditHead, tenant) }
