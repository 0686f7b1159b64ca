package proxy

import (
	"context"

	"github.com/valyala/fasthttp"

	"scimedge/directory"
	"scimedge/scimcore"
)

// work gives a write its own scope: it ends when the time of a request is up or
// the server gives up draining, never because the client went away, so that
// what was begun is finished and recorded.
func (r *request) work() (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.edge.life, r.edge.Limits.RequestTimeout)
}

func (r *request) create() error {
	show, err := r.writeProjection()
	if err != nil {
		return err
	}
	doc, err := scimcore.Parse(r.typ, r.body, r.dir.Dialect(), &r.notes)
	if err != nil {
		return err
	}
	r.wrote = scimcore.Written(doc)
	ctx, cancel := r.work()
	defer cancel()
	res, err := r.dir.Create(ctx, doc, r.cause())
	if err != nil {
		return err
	}
	var buf [256]byte
	r.ctx.Response.Header.SetBytesV(fasthttp.HeaderLocation, r.site.location(buf[:0], r.typ.Endpoint, res.Resource.ID))
	return r.written(&res, 201, false, show)
}

func (r *request) replace() error {
	return r.changeResource(false, func() (change, error) {
		doc, err := scimcore.Parse(r.typ, r.body, r.dir.Dialect(), &r.notes)
		if err == nil {
			r.wrote = scimcore.Written(doc)
		}
		return func(ctx context.Context) (directory.Result, error) {
			return r.dir.Replace(ctx, r.typ, r.pathID(), doc, r.precondition(), r.cause())
		}, err
	})
}

// patchStatus is 200 with the resource for users, which Okta reads, and 204 for
// groups, which Entra asks for and whose members nobody wants to load.
func patchStatus(t *scimcore.Type) int {
	if t.Name == "Group" {
		return 204
	}
	return 200
}

func (r *request) patch() error {
	return r.changeResource(patchStatus(r.typ) == 204, func() (change, error) {
		p, err := scimcore.ParsePatch(r.typ, r.body, r.dir.Dialect(), &r.notes)
		if err == nil {
			r.wrote = p.Written()
		}
		return func(ctx context.Context) (directory.Result, error) {
			return r.dir.Patch(ctx, r.typ, r.pathID(), p, r.precondition(), r.cause())
		}, err
	})
}

// change is a write to an existing resource, read from the body and ready to run.
type change func(context.Context) (directory.Result, error)

// changeResource reads, runs and answers a write. Nothing is written before all of the
// request is understood.
func (r *request) changeResource(brief bool, read func() (change, error)) error {
	show, err := r.writeProjection()
	if err != nil {
		return err
	}
	run, err := read()
	if err != nil {
		return err
	}
	ctx, cancel := r.work()
	defer cancel()
	res, err := run(ctx)
	if err != nil {
		return err
	}
	return r.written(&res, 200, brief, show)
}

func (r *request) delete() error {
	ctx, cancel := r.work()
	defer cancel()
	res, err := r.dir.Delete(ctx, r.typ, r.pathID(), r.precondition(), r.cause())
	if err != nil {
		return err
	}
	r.change = res.Change
	r.ctx.Response.Header.Set(fasthttp.HeaderCacheControl, "no-store")
	r.ctx.SetStatusCode(204)
	return nil
}

// writeProjection reads the parameters that shape the answer before anything is
// written, so that a bad one changes nothing.
func (r *request) writeProjection() (*scimcore.Projection, error) {
	if err := r.parseQuery(); err != nil {
		return nil, err
	}
	return r.projection()
}

// written answers a committed write: with the resource, or with 204 when the
// client prefers it or the type does and nothing of it was asked for.
func (r *request) written(res *directory.Result, status int, brief bool, show *scimcore.Projection) error {
	r.change, r.noop = res.Change, res.Change == nil
	if len(res.Notes) > 0 {
		r.notes = append(r.notes[:0], res.Notes...) // those met while applying, too
	}
	asked := show != nil
	switch r.prefer() {
	case preferMinimal:
		brief = true
		r.ctx.Response.Header.Set("Preference-Applied", "return=minimal")
	case preferRepresentation:
		asked = true
		r.ctx.Response.Header.Set("Preference-Applied", "return=representation")
	}
	if brief && !asked {
		r.tag(&res.Resource)
		if status != 201 {
			status = 204
		}
		r.ctx.SetStatusCode(status)
		return nil
	}
	if show == nil {
		show = r.wrote // what is returned on request, and was written (SCH-34)
	}
	if err := r.render(&res.Resource, show); err != nil {
		return err
	}
	r.respond(status, r.accept)
	return nil
}
