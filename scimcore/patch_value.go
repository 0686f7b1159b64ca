package scimcore

import "github.com/go-json-experiment/json/jsontext"

// write reads an add or replace.
func (p *patchParser) write(raw jsontext.Value) error {
	switch {
	case p.text == "" && !p.d.PathlessPatch:
		return pathMissing()
	case raw == nil:
		return Bad(InvalidValue, "value is missing: send what to write; null unassigns the attribute")
	case p.text == "" || equalFold(p.text, p.typ.Schema.ID):
		return p.members(raw)
	}
	path, known, err := p.parsePath(p.text)
	if err != nil || !known {
		return err
	}
	return p.assign(path, raw, false)
}

// pathMissing is the answer of the interop profile to every operation without a path.
func pathMissing() error {
	return Bad(InvalidSyntax, "path is missing: this tenant wants one operation with a path for each attribute (pathless_patch is off)")
}

// parsePath parses a path, or a key that is one. For an attribute that does not
// exist it reports false, or the error if d does not let it pass.
func (p *patchParser) parsePath(text string) (Path, bool, error) {
	path, err := parsePath(p.typ, text, p.d, p.notes)
	if path.Unknown != "" && p.d.IgnoreUnknown {
		p.notes.Add(NoteUnknownAttribute, path.Unknown)
		return path, false, nil
	}
	return path, err == nil, err
}

// members reads the value of an operation without a path. Each key is a path of
// its own: Entra sends "name.givenName" and "urn:...:User:department" as keys.
func (p *patchParser) members(raw jsontext.Value) error {
	if raw.Kind() != '{' {
		return Bad(InvalidValue, "without a path, value must be an object of attributes, not %s", kindName(raw.Kind()))
	}
	return eachMember(raw, func(name []byte, v jsontext.Value) error {
		switch {
		case equalFold(name, "schemas"):
			// It describes the value it stands in: no attribute goes because its schema is not listed.
			_, err := p.urns(v)
			return err
		case equalFold(name, p.typ.Schema.ID):
			return p.members(v)
		}
		p.text = string(name)
		path, known, err := p.parsePath(p.text)
		if err != nil || !known {
			return err
		}
		return p.assign(path, v, true)
	})
}

// assign adds the steps that write raw to path. within says that the client
// named a whole of which path is a part, and may have echoed what it once read.
func (p *patchParser) assign(path Path, raw jsontext.Value, within bool) error {
	a := path.target()
	switch {
	case path.Attr == p.typ.Schemas:
		return p.editSchemas(path, raw)
	case path.protected():
		return p.protect(path, raw, within)
	case path.Filter == nil && path.Sub == nil && a.Type == Complex && !a.MultiValued &&
		a.Mutability != Immutable && raw.Kind() == '{':
		return p.parts(a, raw)
	}
	value, err := p.read(path, raw)
	if err != nil {
		return err
	}
	p.add(step{path: path, value: value})
	return nil
}

func (p *patchParser) add(s step) {
	s.label = p.label
	if s.verb == verbNone {
		s.verb = p.label.verb
	}
	p.steps = append(p.steps, s)
}

// parts reads an object for the complex attribute a, one step for each part, so
// that the parts it does not name stay (PATCH-28, PATCH-43) and null unassigns.
func (p *patchParser) parts(a *Attr, raw jsontext.Value) error {
	if p.verb == verbReplace && !p.d.MergeComplex {
		p.add(step{path: Path{Attr: a}, clear: true})
	}
	whole := p.text
	defer func() { p.text = whole }()
	return eachMember(raw, func(name []byte, v jsontext.Value) error {
		sub := a.Sub(string(name))
		if sub != nil {
			p.text = sub.Path
			return p.assign(Path{Attr: sub}, v, true)
		}
		if !a.Container {
			return p.unknown(a.Path + "." + shorten(string(name)))
		}
		p.text = a.Path + ":" + string(name) // manager.value is a path here, too
		path, known, err := p.parsePath(p.text)
		if err != nil || !known {
			return err
		}
		return p.assign(path, v, true)
	})
}

func (p *patchParser) unknown(name string) error {
	if !p.d.IgnoreUnknown {
		return Bad(InvalidSyntax, "%s has no attribute %s: /Schemas lists all", p.typ.Name, quoteShort(name))
	}
	p.notes.Add(NoteUnknownAttribute, name)
	return nil
}

// read parses raw as a value of path into the fragment. The result is the array
// of a multi-valued attribute, the element for a path with brackets, and else
// the value itself.
func (p *patchParser) read(path Path, raw jsontext.Value) (NodeID, error) {
	top := p.frag.Add(p.holder, p.typ.Root, KindObject)
	up := p.ensure(top, path.Attr.Parent)
	switch {
	case path.Sub != nil:
		arr := p.frag.Add(up, path.Attr, KindArray)
		return ReadValue(p.frag, p.frag.Add(arr, path.Attr, KindObject), path.Sub, raw, p.d, p.notes)
	case path.Filter != nil:
		arr, err := ReadValue(p.frag, p.frag.Add(up, path.Attr, KindArray), path.Attr, raw, p.d, p.notes)
		if err != nil || arr == 0 {
			return 0, err
		}
		if p.frag.Count(arr) > 1 {
			return 0, Bad(InvalidValue, "value must be one element of %s, since the path chooses elements", path.Attr.Path)
		}
		return p.frag.nodes[arr].first, nil
	}
	return ReadValue(p.frag, up, path.Attr, raw, p.d, p.notes)
}

// ensure is Doc.Ensure below the pseudo resource top.
func (p *patchParser) ensure(top NodeID, a *Attr) NodeID {
	if a.Parent == nil {
		return top
	}
	return p.frag.Add(p.ensure(top, a.Parent), a, KindObject)
}

// protected reports whether nobody but the server writes what p addresses.
func (p Path) protected() bool {
	for a := p.target(); a != nil; a = a.Parent {
		if a.Mutability == ReadOnly {
			return true
		}
	}
	return false
}

// protect settles a write to a readOnly attribute: an error, unless it is the
// value that is there already (PATCH-10, PATCH-A04), or an echo of what the
// client once read (Okta sends the id, others meta or groups).
func (p *patchParser) protect(path Path, raw jsontext.Value, within bool) error {
	a := path.target()
	if within && p.d.EchoedReadOnly && a != p.typ.ID {
		p.notes.Add(NoteReadOnly, a.Path)
		return nil
	}
	if path.Filter != nil || path.Sub != nil || a.Type == Complex || a.MultiValued {
		return readOnlyError(path)
	}
	value, err := p.read(path, raw)
	if err != nil {
		return err
	}
	p.add(step{path: path, value: value, readOnly: true})
	return nil
}

func readOnlyError(path Path) error {
	cure := "leave it out"
	if path.Attr.Rows {
		cure = "change the members of the group"
	}
	return Bad(Mutable, "%s is readOnly: %s", path.target().Path, cure)
}

// remove reads a remove.
func (p *patchParser) remove(raw jsontext.Value) error {
	switch {
	case p.text == "" && !p.d.PathlessPatch:
		return pathMissing()
	case p.text == "" || equalFold(p.text, p.typ.Schema.ID):
		return Bad(NoTarget, "remove needs a path: name the attribute to remove")
	}
	path, known, err := p.parsePath(p.text)
	if err != nil || !known {
		return err
	}
	given := raw != nil && raw.Kind() != 'n'
	switch {
	case path.Attr == p.typ.Schemas:
		return p.editSchemas(path, raw)
	case path.protected():
		return readOnlyError(path)
	case raw != nil && !given && path.Attr.Rows && path.Filter == nil:
		// An empty list of a careless client comes as null. To empty a group takes a clear word.
		return Bad(InvalidValue, "value is null: list the %s to remove, or leave value out to remove all", path.Attr.Path)
	case !given || path.Filter != nil || path.Sub == nil && !path.Attr.MultiValued:
		p.add(step{path: path})
		return nil
	case path.Sub != nil || !p.d.RemoveByValue:
		// Passing over the value would remove everything, the opposite of what was meant.
		return Bad(InvalidValue, "remove takes no value here: choose elements in the path, such as %s[value eq \"...\"]", path.Attr.Path)
	}
	list, err := p.read(path, raw)
	if err != nil {
		return err
	}
	if list == 0 {
		return Bad(InvalidValue, "value lists nothing to remove from %s: list elements, or leave value out to remove all", path.Attr.Path)
	}
	p.notes.Add(NoteRemoveByValue, path.Attr.Path)
	p.add(step{path: path, value: list, listed: true})
	return nil
}
