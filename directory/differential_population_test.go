package directory_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/scimcore"
)

// fill gives some of the attributes a value and leaves out the others.
func fill(rnd *rand.Rand, res object, attrs []*attribute) {
	for _, a := range attrs {
		if a.readOnly || a.name == "schemas" || a.name == "members" || chance(rnd, 3) && !a.required {
			continue
		}
		into := res
		if a.urn != "" {
			if into, _ = res[a.urn].(object); into == nil {
				into = object{}
				res[a.urn] = into
			}
		}
		switch {
		case !a.multi && a.kind == "complex":
			o := object{}
			fill(rnd, o, standalone(a.subs))
			if len(o) > 0 {
				into[a.name] = o
			}
		case !a.multi:
			into[a.name] = a.draw(rnd)
		default:
			if list := a.drawElements(rnd); len(list) > 0 {
				into[a.name] = list
			}
		}
	}
	for _, urn := range []string{enterprise, custom} {
		if box, ok := res[urn].(object); ok && len(box) == 0 {
			delete(res, urn)
		}
	}
}

// standalone are sub-attributes as if they stood on their own.
func standalone(subs []*attribute) (out []*attribute) {
	for _, s := range subs {
		c := *s
		c.urn, c.parent = "", nil
		out = append(out, &c)
	}
	return out
}

// drawElements makes up to three elements that no server would take for the same.
func (a *attribute) drawElements(rnd *rand.Rand) (list []any) {
	seen, primary := map[string]bool{}, false
	for range rnd.IntN(4) {
		if a.kind != "complex" {
			if v := anyText(rnd); !seen[folded(v)] {
				seen[folded(v)] = true
				list = append(list, v)
			}
			continue
		}
		el := object{}
		fill(rnd, el, standalone(a.subs))
		if el["primary"] == true {
			if primary {
				delete(el, "primary")
			}
			primary = true
		}
		value, _ := el["value"].(string)
		if key := folded(value); len(el) > 0 && !seen[key] && (value != "" || a.sub("value") == nil) {
			seen[key] = a.sub("value") != nil
			list = append(list, el)
		}
	}
	return list
}

// population is a directory's content, and the same as JSON objects.
type population struct {
	*world
	users, groups []object // as a client sees them
}

func newPopulation(rnd *rand.Rand, w *world, users, groups int) *population {
	p := &population{world: w}
	for i := range users {
		u := object{"userName": fmt.Sprintf("%s%d", oneOf(rnd, "user", "User", "Zoë", "\uff35ser"), i)}
		fill(rnd, u, slices.DeleteFunc(userModel(), func(a *attribute) bool { return a.name == "userName" }))
		p.users = append(p.users, p.store(w.user, u, coreUser))
	}
	for range groups {
		g := object{"displayName": anyText(rnd)}
		if chance(rnd, 2) {
			g["externalId"] = anyText(rnd)
		}
		p.groups = append(p.groups, p.store(w.group, g, coreGroup))
	}
	p.populate(rnd)
	return p
}

// store creates a resource and adds to it what the server does.
func (p *population) store(typ *scimcore.Type, res object, urn string) object {
	doc, err := scimcore.Parse(typ, []byte(mustJSON(res)), p.dialect, nil)
	require.NoError(p, err, mustJSON(res))
	made, err := p.Create(ctx, doc, directory.Cause{})
	require.NoError(p, err, mustJSON(res))
	if _, ok := res["active"]; !ok && urn == coreUser {
		res["active"] = true // Decided: who says nothing creates an active user.
	}
	schemas := []any{urn}
	for _, ext := range []string{enterprise, custom} {
		if res[ext] != nil {
			schemas = append(schemas, ext)
		}
	}
	res["schemas"], res["id"] = schemas, made.Resource.ID
	p.setMeta(res, typ, made.Resource)
	return res
}

func (p *population) setMeta(res object, typ *scimcore.Type, made scimcore.Resource) {
	at := func(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano) }
	res["meta"] = object{
		"resourceType": typ.Name, "created": at(made.Created), "lastModified": at(made.Modified),
		"location": "https://x.example/" + typ.Endpoint + "/" + made.ID, "version": fmt.Sprintf(`W/"%d"`, made.Version),
	}
}

// populate puts members into the groups: users, groups, some in circles, and some
// that are unknown.
func (p *population) populate(rnd *rand.Rand) {
	m := graph{users: map[string]bool{}, members: map[string]map[string]bool{}}
	var everyone []object
	for _, u := range p.users {
		m.users[u["id"].(string)] = true
	}
	everyone = append(append(everyone, p.users...), p.groups...)
	for _, g := range p.groups {
		in := map[string]bool{}
		m.members[g["id"].(string)] = in
		var members []any
		for _, i := range rnd.Perm(len(everyone))[:rnd.IntN(8)] {
			id, kind := everyone[i]["id"].(string), everyone[i]["meta"].(object)["resourceType"].(string)
			in[id] = true
			members = append(members, object{"value": id, "type": kind, "$ref": kind + "s/" + id})
			if chance(rnd, 2) {
				members[len(members)-1].(object)["display"] = anyText(rnd)
			}
		}
		if chance(rnd, 3) { // Decided: an id nobody has is kept, without a type.
			members = append(members, object{"value": oneOf(rnd, "ghost", "Ghost")})
		}
		if len(members) == 0 {
			continue
		}
		g["members"] = members
		patch, err := scimcore.ParsePatch(p.group, []byte(`{"Operations":[{"op":"add","path":"members","value":`+mustJSON(members)+`}]}`), p.dialect, nil)
		require.NoError(p, err)
		res, err := p.Patch(ctx, p.group, g["id"].(string), patch, nil, directory.Cause{})
		require.NoError(p, err)
		p.setMeta(g, p.group, res.Resource)
	}
	names := map[string]any{}
	for _, g := range p.groups {
		names[g["id"].(string)] = g["displayName"]
	}
	for _, u := range p.users {
		var groups []any
		for _, row := range m.groups(u["id"].(string)) {
			kind, id, _ := strings.Cut(row, " ")
			groups = append(groups, object{"value": id, "type": kind, "display": names[id], "$ref": "Groups/" + id})
		}
		if groups != nil {
			u["groups"] = groups
		}
	}
}
