package directory

import "scimedge/scimcore"

// Write is one create, replace, patch or delete made ready: everything that does
// not depend on what is stored has been looked at. It is meant for one use.
type Write struct {
	kind    *kind
	id      ID
	create  bool
	pre     Precondition
	cause   Cause
	mutate  func(*edit) error // pure; runs again whenever the transaction does; nil deletes
	refused error             // why it cannot run at all
	// beside are the resources that come into being together with this write, so
	// that it may name them before they are there: their kind byte by id.
	beside map[ID]byte
	looks  *int // what patches that run together may look at, see [scimcore.Target]
}

// Refuse is a Write that fails with err.
func Refuse(err error) Write { return Write{refused: err} }

// PrepareCreate makes ready a [Directory.Create] under an id that [NewID] gave.
func (d *Directory) PrepareCreate(id ID, doc *scimcore.Doc, c Cause) Write {
	k := d.kinds[doc.Type]
	scimcore.ApplyDefaults(doc)
	var members []scimcore.Member
	if k.members != nil {
		members = scimcore.TakeRows(doc, k.members)
	}
	if err := scimcore.Finish(doc, d.opts.Dialect); err != nil {
		return Refuse(err)
	}
	return Write{kind: k, id: id, cause: c, create: true, mutate: func(e *edit) error {
		e.doc = doc
		if len(members) == 0 {
			return nil
		}
		_, err := e.members.Add(members)
		return err
	}}
}

// PrepareReplace makes ready a [Directory.Replace].
func (d *Directory) PrepareReplace(t *scimcore.Type, id string, doc *scimcore.Doc, pre Precondition, c Cause) Write {
	k := d.kinds[t]
	var members []scimcore.Member
	if k.members != nil {
		members = scimcore.TakeRows(doc, k.members)
	}
	return change(k, id, pre, c, func(e *edit) error {
		merged, err := scimcore.Replace(e.oldDoc, doc, d.opts.Dialect)
		if err != nil {
			return err
		}
		e.doc = merged
		if e.members != nil {
			if _, err := e.members.Replace(members); err != nil {
				return err
			}
		}
		return scimcore.Finish(e.doc, d.opts.Dialect)
	})
}

// PreparePatch makes ready a [Directory.Patch].
func (d *Directory) PreparePatch(t *scimcore.Type, id string, p *scimcore.Patch, pre Precondition, c Cause) Write {
	return change(d.kinds[t], id, pre, c, func(e *edit) error {
		e.doc = e.oldDoc.Clone()
		target := scimcore.Target{ID: id, Doc: e.doc, Sets: e.sets, Dialect: d.opts.Dialect, Notes: &e.notes, Looks: e.looks}
		if err := p.Apply(target); err != nil {
			return err
		}
		return scimcore.Finish(e.doc, d.opts.Dialect)
	})
}

// PrepareDelete makes ready a [Directory.Delete].
func (d *Directory) PrepareDelete(t *scimcore.Type, id string, pre Precondition, c Cause) Write {
	return change(d.kinds[t], id, pre, c, nil)
}

// change is a write to an existing resource, named by what stood in the URL.
func change(k *kind, id string, pre Precondition, c Cause, mutate func(*edit) error) Write {
	key, ok := ParseID(id)
	if !ok {
		return Refuse(notFound(k))
	}
	return Write{kind: k, id: key, pre: pre, cause: c, mutate: mutate}
}

func notFound(k *kind) error {
	return scimcore.Errorf(404, scimcore.NoType, "%s not found: no resource has this id; look it up by a filter, it may have been deleted", k.Name)
}
