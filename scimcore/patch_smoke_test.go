package scimcore

import "testing"

func TestSmoke(t *testing.T) {
	u, g := stockTypes(t)
	for _, ops := range []string{
		`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"x@y"}`,
		`{"op":"replace","value":{"active":"False","name.givenName":"Q","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":"m1"},"foo":1,"groups":[]}}`,
		`{"op":"remove","path":"userName"}`,
		`{"op":"add","path":"emails","value":{"value":"a@b","type":"home","primary":true}}`,
	} {
		p := patchTest{t: u, d: Lenient()}
		out, err := p.run(t, `{"userName":"bob","name":{"familyName":"F"},"emails":[{"value":"a@b","type":"work","primary":true}]}`, ops)
		t.Log(out, err, p.notes)
	}
	for _, ops := range []string{
		`{"op":"remove","path":"members","value":[{"$ref":null,"value":"a"}]}`,
		`{"op":"remove","path":"members[value eq \"b\"]"},{"op":"add","path":"members","value":[{"value":"z"}]}`,
	} {
		p := patchTest{t: g, d: Lenient(), set: newMemSet("a", "b", "c")}
		out, err := p.run(t, `{"displayName":"G"}`, ops)
		t.Log(out, err, p.notes, p.set.values())
	}
}
