package load

import (
	"encoding/json"
	"strings"

	"scimedge/bench/people"
)

// user is the body of a create: every attribute a well-kept directory has, about
// 1.2 KB as JSON, so that nothing is measured on toys.
type user struct {
	Schemas    []string   `json:"schemas"`
	ExternalID string     `json:"externalId"`
	UserName   string     `json:"userName"`
	Name       name       `json:"name"`
	Display    string     `json:"displayName"`
	Title      string     `json:"title"`
	Locale     string     `json:"locale"`
	Timezone   string     `json:"timezone"`
	Active     bool       `json:"active"`
	Emails     []valued   `json:"emails"`
	Phones     []valued   `json:"phoneNumbers"`
	Addresses  []address  `json:"addresses"`
	Roles      []valued   `json:"roles"`
	Enterprise enterprise `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`
}

type name struct {
	Formatted string `json:"formatted"`
	Family    string `json:"familyName"`
	Given     string `json:"givenName"`
}

type valued struct {
	Value   string `json:"value"`
	Type    string `json:"type,omitempty"`
	Primary bool   `json:"primary,omitempty"`
}

type address struct {
	Type     string `json:"type"`
	Street   string `json:"streetAddress"`
	Locality string `json:"locality"`
	Postal   string `json:"postalCode"`
	Country  string `json:"country"`
}

type enterprise struct {
	EmployeeNumber string `json:"employeeNumber"`
	CostCenter     string `json:"costCenter"`
	Organization   string `json:"organization"`
	Division       string `json:"division"`
	Department     string `json:"department"`
}

func userBody(p people.Person, userName string) []byte {
	b, _ := json.Marshal(user{ // strings and booleans only: it cannot fail
		Schemas:    []string{"urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"},
		ExternalID: p.ExternalID,
		UserName:   userName,
		Name:       name{Formatted: p.DisplayName, Family: p.FamilyName, Given: p.GivenName},
		Display:    p.DisplayName,
		Title:      p.Title,
		Locale:     p.Locale,
		Timezone:   "Europe/Berlin",
		Active:     true,
		Emails:     []valued{{Value: userName, Type: "work", Primary: true}, {Value: "private." + userName, Type: "home"}},
		Phones:     []valued{{Value: p.Phone, Type: "work"}, {Value: "+1 202-555-0199", Type: "mobile"}},
		Addresses:  []address{{Type: "work", Street: "1 Example Way, Building " + p.EmployeeNo, Locality: "Exampletown", Postal: "12345", Country: "US"}},
		Roles:      []valued{{Value: "employee", Primary: true}},
		Enterprise: enterprise{EmployeeNumber: p.EmployeeNo, CostCenter: "CC-4130", Organization: "Example Industries", Division: "Theme Parks", Department: p.Department},
	})
	return b
}

// groupBody names size members by id. Ids are the server's own and go in quoted as
// JSON, so that any server's will do.
func groupBody(display string, ids []string) []byte {
	var b strings.Builder
	b.Grow(200 + 60*len(ids))
	b.WriteString(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":`)
	b.Write(quote(display))
	b.WriteString(`,"members":`)
	writeMembers(&b, ids)
	b.WriteString(`}`)
	return []byte(b.String())
}

func patchBody(op, path, value string) []byte {
	return []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"` + op + `","path":"` + path + `","value":` + value + `}]}`)
}

func membersPatch(op string, ids ...string) []byte {
	var b strings.Builder
	writeMembers(&b, ids)
	return patchBody(op, "members", b.String())
}

func writeMembers(b *strings.Builder, ids []string) {
	b.WriteByte('[')
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"value":`)
		b.Write(quote(id))
		b.WriteByte('}')
	}
	b.WriteByte(']')
}

func quote(s string) []byte {
	b, _ := json.Marshal(s)
	return b
}
