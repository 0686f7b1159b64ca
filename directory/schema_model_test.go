package directory_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// TestNoSchemaChangeLosesAValue drives random changes of schema and random writes
// at a directory and at a model that remembers every value ever stored. What is
// declared is seen as stored, what is not is not seen, and at the end, when
// everything is declared again, all of it is back.
func TestNoSchemaChangeLosesAValue(t *testing.T) {
	for name, open := range map[string]func() kv.Store{
		"memkv":           func() kv.Store { return memkv.New(memkv.Options{}) },
		"hostile+limited": func() kv.Store { return memkv.New(memkv.Options{Hostile: true, Limited: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { runSchemaModel(t, rt, open()) })
		})
	}
}

// What can be declared: attributes of the extension, and built-in ones that can
// be switched off.
var (
	declarable = []string{"a", "b", "c", "d"}
	switchable = []string{"title", "nickName"}
)

type schemaModel struct {
	*world
	rt     *rapid.T
	ext    bool              // the User has the extension
	in     map[string]string // declared attributes of the extension: "", "filterable" or "unique"
	off    map[string]bool
	things map[string]map[string]string // id -> attribute -> value, retired ones included
	serial int
	fresh  bool // the schema just changed
}

func runSchemaModel(t *testing.T, rt *rapid.T, store kv.Store) {
	m := &schemaModel{
		world: newWorld(t, store, directory.Options{Dialect: scimcore.Lenient()}), rt: rt,
		in: map[string]string{}, off: map[string]bool{}, things: map[string]map[string]string{},
	}
	rt.Repeat(map[string]func(*rapid.T){
		"schema": func(*rapid.T) { m.changeSchema(m.draw()) },
		"create": func(*rapid.T) {
			if len(m.things) == 6 { // few, so that the same ones go through many changes
				return
			}
			m.serial++
			values := m.values()
			id, err := m.create(m.user, m.body(values))
			if m.clashes("", values) {
				requireSCIM(m.world, err, 409, scimcore.Unique)
				return
			}
			require.NoError(rt, err)
			m.things[id] = values
		},
		"put":   func(*rapid.T) { m.put() },
		"patch": func(*rapid.T) { m.patchOne() },
		"delete": func(*rapid.T) {
			if id := m.pick(); id != "" {
				_, err := m.Delete(ctx, m.user, id, nil, directory.Cause{})
				require.NoError(rt, err)
				delete(m.things, id)
			}
		},
		"": func(*rapid.T) { m.compare() },
	})
	all := map[string]string{}
	for _, name := range declarable {
		all[name] = ""
	}
	m.changeSchema(true, all, map[string]bool{})
	m.compare()
}

// draw makes up a schema.
func (m *schemaModel) draw() (ext bool, in map[string]string, off map[string]bool) {
	in, off = map[string]string{}, map[string]bool{}
	for _, name := range declarable {
		if how := rapid.SampledFrom([]string{"no", "", "filterable", "unique"}).Draw(m.rt, name); how != "no" {
			in[name] = how
		}
	}
	for _, name := range switchable {
		off[name] = rapid.Bool().Draw(m.rt, name)
	}
	return len(in) > 0 && rapid.IntRange(0, 4).Draw(m.rt, "ext") > 0, in, off
}

func (m *schemaModel) changeSchema(ext bool, in map[string]string, off map[string]bool) {
	var attrs, offs []string
	for _, name := range slices.Sorted(maps.Keys(in)) {
		more := map[string]string{"": "", "filterable": `,"filterable":true`, "unique": `,"uniqueness":"server"`}[in[name]]
		attrs = append(attrs, `{"name":"`+name+`","caseExact":true`+more+`}`)
	}
	for _, name := range switchable {
		if off[name] {
			offs = append(offs, `"`+userURN+`:`+name+`"`)
		}
	}
	file := `{"attributesOff":[` + strings.Join(offs, ",") + `]`
	if ext {
		file += `,"schemas":[{"id":"` + extURN + `","name":"Ext","attributes":[` + strings.Join(attrs, ",") + `]}],
			"resourceTypes":[{"name":"User","schemaExtensions":[{"schema":"` + extURN + `"}]}]`
	}
	_, err := m.SetSchema(ctx, directory.SchemaWrite{File: []byte(file + `}`), By: "model"})
	if m.shared(ext, in) {
		var no *directory.SchemaRefused
		require.True(m.rt, errors.As(err, &no) && no.Clash, "%v", err)
	} else {
		require.NoError(m.rt, err)
		m.ext, m.in, m.off = ext, in, off
	}
	m.reload()
	m.fresh = true
}

const userURN = scimcore.UserSchema

// shared reports whether a value that is to be unique is there twice.
func (m *schemaModel) shared(ext bool, in map[string]string) bool {
	for name, how := range in {
		seen := map[string]bool{}
		for _, values := range m.things {
			v, has := values[name]
			if ext && how == "unique" && has && seen[v] {
				return true
			}
			seen[v] = seen[v] || has
		}
	}
	return false
}

// clashes reports whether another resource holds a unique value of values.
func (m *schemaModel) clashes(id string, values map[string]string) bool {
	for other, theirs := range m.things {
		for name, v := range values {
			if their, has := theirs[name]; other != id && has && their == v && m.ext && m.in[name] == "unique" {
				return true
			}
		}
	}
	return false
}

func (m *schemaModel) live(name string) bool {
	if slices.Contains(switchable, name) {
		return !m.off[name]
	}
	_, declared := m.in[name]
	return m.ext && declared
}

// values makes up some for attributes a client can see.
func (m *schemaModel) values() map[string]string {
	out := map[string]string{}
	for _, name := range slices.Concat(declarable, switchable) {
		if v := rapid.IntRange(0, 8).Draw(m.rt, "value of "+name); v > 0 && m.live(name) {
			out[name] = fmt.Sprintf("v%d", v)
		}
	}
	return out
}

func (m *schemaModel) body(values map[string]string) string {
	user := map[string]any{"userName": fmt.Sprintf("u%d", m.serial)}
	ext := map[string]string{}
	for name, v := range values {
		if slices.Contains(switchable, name) {
			user[name] = v
		} else {
			ext[name] = v
		}
	}
	if m.ext {
		user[extURN] = ext
	}
	b, err := json.Marshal(user)
	require.NoError(m.rt, err)
	return string(b)
}

func (m *schemaModel) pick() string {
	if len(m.things) == 0 {
		return ""
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.things))).Draw(m.rt, "id")
}

func (m *schemaModel) put() {
	id := m.pick()
	if id == "" {
		return
	}
	m.serial++
	values := m.values()
	doc, err := scimcore.Parse(m.user, []byte(m.body(values)), m.dialect, nil)
	require.NoError(m.rt, err)
	_, err = m.Replace(ctx, m.user, id, doc, nil, directory.Cause{})
	if m.clashes(id, values) {
		requireSCIM(m.world, err, 409, scimcore.Unique)
		return
	}
	require.NoError(m.rt, err)
	for name, v := range m.things[id] {
		if !m.live(name) {
			values[name] = v
		}
	}
	m.things[id] = values
}

// patchOne sets one attribute, or removes it, or the whole extension.
func (m *schemaModel) patchOne() {
	id := m.pick()
	name := rapid.SampledFrom(slices.Concat(declarable, switchable)).Draw(m.rt, "attribute")
	if id == "" || !m.live(name) {
		return
	}
	path := name
	if slices.Contains(declarable, name) {
		path = extURN + ":" + name
	}
	values := maps.Clone(m.things[id])
	var op string
	switch v := rapid.IntRange(-1, 8).Draw(m.rt, "value"); {
	case v == 0:
		op = `{"op":"remove","path":"` + path + `"}`
		delete(values, name)
	case v < 0 && m.ext:
		op = `{"op":"remove","path":"` + extURN + `"}`
		for _, name := range declarable {
			if m.live(name) {
				delete(values, name)
			}
		}
	default:
		values[name] = fmt.Sprintf("v%d", v)
		op = `{"op":"replace","path":"` + path + `","value":"` + values[name] + `"}`
	}
	_, err := m.patch(m.user, id, "["+op+"]")
	if m.clashes(id, values) {
		requireSCIM(m.world, err, 409, scimcore.Unique)
		return
	}
	require.NoError(m.rt, err)
	m.things[id] = values
}

// compare proves that clients see what the model says they may, and no more.
func (m *schemaModel) compare() {
	rep, err := m.Check(ctx, false)
	require.NoError(m.rt, err)
	require.Empty(m.rt, rep.Findings)
	require.Zero(m.rt, rep.Jobs)
	defer func() { m.fresh = false }()
	for id, values := range m.things {
		var got map[string]any
		require.NoError(m.rt, json.Unmarshal([]byte(m.json(m.user, id)), &got))
		ext, _ := got[extURN].(map[string]any)
		listed := slices.Contains(got["schemas"].([]any), any(extURN))
		require.Equal(m.rt, len(ext) > 0, listed, "schemas names the extension if it shows anything")
		for _, name := range slices.Concat(declarable, switchable) {
			seen := ext[name]
			if slices.Contains(switchable, name) {
				seen = got[name]
			}
			want, has := values[name]
			if !has || !m.live(name) {
				require.Nil(m.rt, seen, name)
				continue
			}
			require.Equal(m.rt, want, seen, name)
			if !m.fresh {
				continue // Check has looked at every index row
			}
			if how := m.in[name]; how == "unique" && slices.Contains(declarable, name) {
				require.Equal(m.rt, []string{id}, m.find(m.user, extURN+`:`+name+` eq "`+want+`"`))
			} else if how == "filterable" {
				require.Contains(m.rt, m.find(m.user, extURN+`:`+name+` eq "`+want+`"`), id)
			}
		}
	}
}
