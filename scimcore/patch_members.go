package scimcore

import "github.com/go-json-experiment/json/jsontext"

// isMemberPatch recognises the SCIM 1.1 form OneLogin's older connector sends: a
// partial group without Operations, whose members say "operation":"delete".
func (p *patchParser) isMemberPatch(body []byte) bool {
	found := false
	_ = eachMember(body, func(name []byte, v jsontext.Value) error {
		a := p.typ.Root.Sub(string(name))
		found = found || a != nil && a.Rows && a.Mutability != ReadOnly && v.Kind() == '['
		return nil
	})
	return found && p.d.MemberOperations
}

// memberPatch reads that form: members are added or removed as each says, all
// other attributes are merged into the resource.
func (p *patchParser) memberPatch(body []byte) error {
	return eachMember(body, func(name []byte, v jsontext.Value) error {
		p.number++
		p.label = label{number: p.number, verb: verbAdd, text: string(name)}
		a := p.typ.Root.Sub(p.text)
		var err error
		switch {
		case equalFold(name, "schemas"):
			return nil // of SCIM 1.1, which names other URNs
		case a != nil && a.Rows && a.Mutability != ReadOnly:
			p.notes.Add(NoteMemberOperation, a.Path)
			err = eachElement(v, func(v jsontext.Value) error { return p.memberElement(a, v) })
		default:
			var path Path
			var known bool
			if path, known, err = p.parsePath(p.text); known {
				err = p.assign(path, v, true)
			}
		}
		if err != nil {
			return p.wrap(err)
		}
		return nil
	})
}

func (p *patchParser) memberElement(a *Attr, raw jsontext.Value) error {
	op := "add"
	if raw.Kind() == '{' {
		err := eachMember(raw, func(name []byte, v jsontext.Value) error {
			if equalFold(name, "operation") && v.Kind() != 'n' {
				op = string(v)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	// "operation" is no sub-attribute: it has been read, so nobody needs to hear of it.
	d := p.d
	d.IgnoreUnknown = true
	up := p.frag.Add(p.holder, p.typ.Root, KindObject)
	value, err := ReadValue(p.frag, up, a, raw, d, nil)
	if err != nil {
		return err
	}
	if value == 0 {
		return Bad(InvalidValue, "an element of %s names no member", a.Path)
	}
	path := Path{Attr: a}
	switch {
	case equalFold(op, "add") || equalFold(op, `"add"`):
		p.add(step{path: path, value: value})
	case equalFold(op, `"delete"`) || equalFold(op, `"remove"`):
		p.add(step{verb: verbRemove, path: path, value: value, listed: true})
	default:
		return Bad(InvalidValue, "operation of an element of %s must be \"add\" or \"delete\"", a.Path)
	}
	return nil
}
