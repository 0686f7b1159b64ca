package directory

import (
	"scimedge/kv"
)

// The rows of a partition. <type> and <index> are escaped text (kv.Key.Text),
// <id>, <group> and numbers are raw, <ref> is 0x01 and an id or 0x02 and text.
//
//	!                               head      format; none: the first, see Format
//	s                               schema    what the tenant declares, see schemaState; none: nothing
//	r <type> <id>                   resource  see record
//	u <type> <index> <value>        id        unique index: userName, folded; what a schema says is unique
//	x <type> <index> <value> <id>   empty     index: externalId, emails.value, displayName, active, lastModified
//	m <group> <gen> <ref>           member    one row a membership: kind byte and display name
//	M <ref> <group> <gen>           empty     the same membership seen from the member
//	n <type>                        counts    see counts; "Membership" counts memberships
//	l <seq> <index>                 change    the change log
//	j p <group> <gen>               empty     job: remove a generation of members that no record names
//	j d <ref>                       cause     job: take a deleted resource out of its groups; who deleted it
//
// A membership counts only while the group's record names its generation, so
// replacing or clearing a group of any size is one flip of that number.
const (
	rowHead     = '!'
	rowSchema   = 's'
	rowResource = 'r'
	rowUnique   = 'u'
	rowIndex    = 'x'
	rowMember   = 'm'
	rowReverse  = 'M'
	rowCount    = 'n'
	rowChange   = 'l'
	rowJob      = 'j'

	jobPurge = 'p'
	jobDead  = 'd'
)

func key(kind byte) kv.Key { return append(make(kv.Key, 0, 64), kind) }

func headKey() []byte { return []byte{rowHead} }

func schemaKey() []byte { return []byte{rowSchema} }

func resourcePrefix(typ string) kv.Key { return key(rowResource).Text(typ) }

func resourceKey(typ string, id ID) kv.Key { return resourcePrefix(typ).Raw(id[:]) }

func countKey(what string) []byte { return key(rowCount).Text(what) }

func changeKey(seq kv.Seq, index int) []byte {
	return key(rowChange).Uint64(uint64(seq)).Raw([]byte{byte(index >> 8), byte(index)})
}

func memberPrefix(group ID, gen uint64) kv.Key { return key(rowMember).Raw(group[:]).Uint64(gen) }

func memberKey(group ID, gen uint64, r ref) kv.Key { return memberPrefix(group, gen).Raw(r) }

func reversePrefix(r ref) kv.Key { return key(rowReverse).Raw(r) }

func reverseKey(r ref, group ID, gen uint64) kv.Key {
	return reversePrefix(r).Raw(group[:]).Uint64(gen)
}

func purgeKey(group ID, gen uint64) kv.Key {
	return key(rowJob).Byte(jobPurge).Raw(group[:]).Uint64(gen)
}

func deadPrefix() kv.Key { return key(rowJob).Byte(jobDead) }

func deadKey(r ref) kv.Key { return deadPrefix().Raw(r) }

func textRef(s string) ref { return ref(kv.Key{refText}.Text(s)) }

// value is the member value a client sees.
func (r ref) value() string {
	if len(r) == 17 && r[0] == refID {
		return ID(r[1:]).String()
	}
	s, _, _ := kv.CutText(r[1:])
	return s
}

// cutGroupGen splits the <group> <gen> that ends reverse and purge keys.
func cutGroupGen(b []byte) (group ID, gen uint64, ok bool) {
	if len(b) < 24 {
		return group, 0, false
	}
	gen, _, _ = kv.CutUint64(b[len(b)-8:])
	return ID(b[len(b)-24 : len(b)-8]), gen, true
}
