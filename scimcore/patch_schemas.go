package scimcore

import "github.com/go-json-experiment/json/jsontext"

// editSchemas reads an operation on "schemas" (PATCH-14). [Finish] derives the
// list from the attributes there are, so an edit acts on them: a URN that goes
// takes the attributes of its extension along, one that is added waits for them.
func (p *patchParser) editSchemas(path Path, raw jsontext.Value) error {
	keep := func(urn string) bool { return true }
	switch {
	case path.Filter != nil && p.verb != verbRemove:
		return Bad(Mutable, "the URNs in schemas do not change: add or remove them")
	case path.Filter != nil:
		keep = func(urn string) bool { return !p.matchesURN(path.Filter, urn) }
	case raw == nil || raw.Kind() == 'n':
		keep = func(string) bool { return false }
	default:
		urns, err := p.urns(raw)
		if err != nil {
			return err
		}
		switch p.verb {
		case verbReplace:
			keep = func(urn string) bool { return urns[urn] }
		case verbRemove:
			if !p.d.RemoveByValue || len(urns) == 0 {
				return Bad(InvalidValue, "remove takes no value here: write schemas[value eq \"...\"]")
			}
			keep = func(urn string) bool { return !urns[urn] }
		}
	}
	if !keep(p.typ.Schema.ID) {
		return Bad(Mutable, "schemas always holds %q: it cannot be removed", p.typ.Schema.ID)
	}
	for _, box := range p.typ.Containers {
		if !keep(box.Name) {
			p.add(step{verb: verbRemove, path: Path{Attr: box}})
		}
	}
	return nil
}

func (p *patchParser) matchesURN(f *Filter, urn string) bool {
	doc := NewDoc(p.typ)
	ok, _ := f.MatchElement(doc, doc.AddString(doc.Ensure(p.typ.Schemas), p.typ.Schemas, urn)) // asks no Set
	return ok
}

// urns reads a list of schema URNs and returns those the type has, in their
// canonical spelling.
func (p *patchParser) urns(raw jsontext.Value) (map[string]bool, error) {
	arr, err := p.read(Path{Attr: p.typ.Schemas}, raw)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for n := range p.frag.Kids(arr) {
		urn := p.frag.String(n)
		canonical := ""
		if equalFold(urn, p.typ.Schema.ID) {
			canonical = p.typ.Schema.ID
		}
		for _, box := range p.typ.Containers {
			if equalFold(urn, box.Name) {
				canonical = box.Name
			}
		}
		switch {
		case canonical != "":
			known[canonical] = true
		case p.d.IgnoreUnknown:
			p.notes.Add(NoteUnknownSchema, shorten(urn))
		default:
			return nil, Bad(InvalidSyntax, "%s has no schema %s: /ResourceTypes lists them", p.typ.Name, quoteShort(urn))
		}
	}
	return known, nil
}
