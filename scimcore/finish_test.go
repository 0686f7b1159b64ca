package scimcore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFinish_Refuses(t *testing.T) {
	user, group := stockTypes(t)
	device := customType(t)
	const site = `"urn:example:ext:Site":{"room":"r"}`
	for _, c := range []struct {
		id   string
		typ  *Type
		body string
		want string // in the detail; "" is accepted
	}{
		{"SCH-37 RES-01 no userName", user, `{"title":"t"}`, "userName is required"},
		{"SCH-37 empty userName", user, `{"userName":""}`, "userName is required"},
		{"SCH-37 blank userName", user, `{"userName":" \t "}`, "userName is required"},
		{"SCH-37 null userName", user, `{"userName":null}`, "userName is required"},
		{"RES-13 Group.displayName", group, `{"members":[]}`, "displayName is required"},
		{"SCH-09 required extension", device, `{"serial":"1"}`, "urn:example:ext:Site is required"},
		{"SCH-09 required extension, empty", device, `{"serial":"1","urn:example:ext:Site":{}}`, "urn:example:ext:Site is required"},
		{"SCH-09 its required attribute", device, `{"serial":"1","urn:example:ext:Site":{"floor":1}}`, "urn:example:ext:Site:room is required"},
		{"required part of a complex value", device, `{"serial":"1",` + site + `,"owner":{"since":"x"}}`, "owner.value is required"},
		{"required part of an element", device, `{"serial":"1",` + site + `,"disks":[{"value":"d"}]}`, "disks.size is required"},
		{"complete", device, `{"serial":"1",` + site + `,"disks":[{"value":"d","size":0}],"owner":{"value":"o"}}`, ""},
	} {
		t.Run(c.id, func(t *testing.T) {
			doc, err := Parse(c.typ, []byte(c.body), Lenient(), nil)
			require.NoError(t, err)
			if err := Finish(doc, Lenient()); c.want != "" {
				refused(t, err, InvalidValue, c.want)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

func TestFinish_SCH22_Primary(t *testing.T) {
	user, _ := stockTypes(t)
	doc := parsed(t, user, `{"userName":"a","emails":[{"value":"x","primary":true},{"value":"y","primary":false}]}`)
	arr := doc.Child(Root, user.Root.Sub("emails"))
	_, err := ReadValue(doc, arr, user.Root.Sub("emails"), []byte(`{"value":"z","primary":true}`), Lenient(), nil)
	require.NoError(t, err)
	refused(t, Finish(doc, Lenient()), InvalidValue, "emails")
}

func TestFinish_PATCHA05_Schemas(t *testing.T) {
	user, _ := stockTypes(t)
	doc := parsed(t, user, `{"userName":"a","`+EnterpriseSchema+`":{"department":"d"}}`)
	box := doc.Child(Root, user.Containers[0])
	doc.Remove(box, doc.Child(box, user.Containers[0].Sub("department")))
	require.NoError(t, Finish(doc, Lenient()))
	require.Equal(t, `{"schemas":["`+UserSchema+`"],"userName":"a"}`, string(doc.AppendStored(nil)))
	require.NoError(t, Finish(doc, Lenient()))
	require.Equal(t, `{"schemas":["`+UserSchema+`"],"userName":"a"}`, string(doc.AppendStored(nil)), "a second Finish changes nothing")
}

func TestFinish_LeavesRowsAlone(t *testing.T) {
	_, group := stockTypes(t)
	doc := parsed(t, group, `{"displayName":"g","members":[{"value":"1"},{"value":"1"}]}`)
	require.Len(t, TakeRows(doc, group.Root.Sub("members")), 2)
}
