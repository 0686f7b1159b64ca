package people

import (
	"regexp"
	"testing"
)

func TestPeopleAreTheSameForTheSameSeed(t *testing.T) {
	a, b, c := New(7, "acme.example"), New(7, "acme.example"), New(8, "acme.example")
	differs := false
	for i := range 200 {
		if a.Person(i) != b.Person(i) {
			t.Fatalf("person %d differs between two directories of one seed", i)
		}
		differs = differs || a.Person(i).ExternalID != c.Person(i).ExternalID
	}
	if !differs {
		t.Error("seed has no effect")
	}
}

func TestUserNamesAreUniqueAddresses(t *testing.T) {
	d := New(1, "")
	address := regexp.MustCompile(`^[a-z-]+\.[a-z-]+\.[0-9]+@example\.com$`)
	guid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	users, ids, foreign := map[string]bool{}, map[string]bool{}, 0
	for i := range 3000 {
		p := d.Person(i)
		if !address.MatchString(p.UserName) {
			t.Errorf("userName %q of %q is not a plain address", p.UserName, p.DisplayName)
		}
		if !guid.MatchString(p.ExternalID) {
			t.Errorf("externalId %q is not a GUID", p.ExternalID)
		}
		if users[p.UserName] || ids[p.ExternalID] {
			t.Errorf("person %d is not unique", i)
		}
		users[p.UserName], ids[p.ExternalID] = true, true
		for _, r := range p.DisplayName {
			if r > 127 {
				foreign++
				break
			}
		}
		if m := d.Married(p); m.UserName != p.UserName || m.FamilyName == p.FamilyName || m.ExternalID != p.ExternalID {
			t.Errorf("Married(%d) = %+v", i, m)
		}
	}
	if foreign < 300 {
		t.Errorf("only %d of 3000 names are not plain ASCII", foreign)
	}
}

func TestGroupNamesAreUnique(t *testing.T) {
	d, seen := New(1, ""), map[string]bool{}
	for i := range 50 {
		if n := d.GroupName(i); seen[n] {
			t.Errorf("group name %q comes twice", n)
		} else {
			seen[n] = true
		}
	}
}
