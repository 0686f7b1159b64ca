package people

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Person is one made-up employee, in the fields identity providers map to SCIM.
type Person struct {
	Index       int
	GivenName   string
	FamilyName  string
	UserName    string // an address, ASCII, unique within the directory
	Email       string
	DisplayName string
	Title       string
	Department  string
	EmployeeNo  string
	Phone       string
	Locale      string
	ExternalID  string // the IdP's own key, a GUID
}

// Directory makes people and groups for one organization.
type Directory struct {
	seed   uint64
	domain string
}

// New returns the directory of seed; addresses are at domain, or at example.com.
func New(seed int64, domain string) Directory {
	if domain == "" {
		domain = "example.com"
	}
	return Directory{seed: uint64(seed), domain: domain}
}

// Person returns the i-th person. It depends on seed and i only, so that workers
// can make people in any order.
func (d Directory) Person(i int) Person {
	r := d.rand(i)
	given, family := pick(r, givenNames()), pick(r, familyNames())
	user := fmt.Sprintf("%s.%s.%d@%s", ascii(given), ascii(family), i, d.domain)
	return Person{
		Index:       i,
		GivenName:   given,
		FamilyName:  family,
		UserName:    user,
		Email:       user,
		DisplayName: given + " " + family,
		Title:       pick(r, titles()),
		Department:  pick(r, departments()),
		EmployeeNo:  fmt.Sprintf("%06d", 100000+i),
		// 555-01xx numbers are set aside for fiction.
		Phone:      fmt.Sprintf("+1 202-555-%04d", 100+r.IntN(100)),
		Locale:     pick(r, []string{"en-US", "en-GB", "de-DE", "fr-FR", "pl-PL", "ja-JP", "pt-BR"}),
		ExternalID: guid(r),
	}
}

// Married returns p after the life event every directory sees: another family
// name, display name, title and department, under the same userName.
func (d Directory) Married(p Person) Person {
	r := d.rand(p.Index + 1<<40)
	p.FamilyName = pick(r, familyNames()) + "-" + p.FamilyName
	p.DisplayName = p.GivenName + " " + p.FamilyName
	p.Title = "Senior " + p.Title
	p.Department = pick(r, departments())
	p.Email = "new." + p.Email
	return p
}

// GroupName is the name of the i-th group.
func (d Directory) GroupName(i int) string {
	names := groupNames()
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s %d", names[i%len(names)], i/len(names)+1)
}

// GUID is the i-th identifier of something that is not a person.
func (d Directory) GUID(i int) string { return guid(d.rand(i + 1<<41)) }

func (d Directory) rand(i int) *rand.Rand { return rand.New(rand.NewPCG(d.seed, uint64(i))) }

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func guid(r *rand.Rand) string {
	a, b := r.Uint64(), r.Uint64()
	// Version 4 and variant 10, as IdPs generate them.
	a = a&^0xF000 | 0x4000
	b = b&^(3<<62) | 1<<63
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xFFFF, a&0xFFFF, b>>48, b&(1<<48-1))
}

// ascii folds name into the letters an address may have.
func ascii(name string) string {
	fold := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "ë", "e", "ł", "l", "ś", "s", "ż", "z",
		"ó", "o", "ñ", "n", "ç", "c", "ã", "a", "á", "a", "í", "i", "ø", "o", "å", "a", "ğ", "g", "ş", "s", "ı", "i", "ů", "u", "ř", "r", "ý", "y", "ś", "s",
		"山田", "yamada", "太郎", "taro", "花子", "hanako", "김", "kim", "민준", "minjun", "Анна", "anna", "Иванова", "ivanova", "Ελένη", "eleni", "Παππάς", "pappas", " ", "", "'", "")
	folded := fold.Replace(strings.ToLower(fold.Replace(name)))
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r == '-' {
			return r
		}
		return -1
	}, folded)
}
