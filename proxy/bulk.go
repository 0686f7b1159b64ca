package proxy

import (
	"strings"

	"github.com/valyala/fasthttp"

	"scimedge/directory"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// bulk answers POST /Bulk (RFC 7644, section 3.7). What the operations make gets
// its ids here, before any of their bodies is parsed, so that a reference to it is
// an ordinary value by then. The answer is 200 whatever became of the operations.
func (r *request) bulk() error {
	req, err := scimcore.ParseBulk(r.body, r.edge.Limits.BulkOperations, r.dir.Dialect(), &r.notes)
	if err != nil {
		return err
	}
	r.charge(len(req.Operations) - 1) // the request itself has paid for one
	items, err := r.bulkItems(req.Operations)
	if err != nil {
		return err
	}
	ops := make([]directory.BatchOp, len(items))
	for i := range items {
		ops[i] = items[i].prepare()
	}
	ctx, cancel := r.work()
	defer cancel()
	results := r.dir.Batch(ctx, ops, req.FailOnErrors)
	var answer scimcore.BulkWriter
	answer.Reset(r.out)
	for i := range results {
		if results[i].Processed {
			answer.Add(items[i].result(&results[i]))
		}
	}
	r.ctx.Response.Header.Set(fasthttp.HeaderCacheControl, "no-store")
	r.out = answer.Finish()
	r.respond(200, r.accept)
	return nil
}

// bulkItem is one operation on its way: what the single request would be.
type bulkItem struct {
	*scimcore.BulkOperation
	r     *request
	made  map[string]*bulkItem // the POSTs by their bulkId
	place int                  // among the operations
	verb  verb
	typ   *scimcore.Type // nil when the path names none
	new   directory.ID   // of a POST: the id of what it makes
	seg   string         // the id in the path as it goes into a location; "" for none
	id    string         // the same as it is looked up
	needs []int
	lost  string // a bulkId that the operation names and nothing has
	notes scimcore.Notes
}

func (r *request) bulkItems(ops []scimcore.BulkOperation) ([]bulkItem, error) {
	items := make([]bulkItem, len(ops))
	made := map[string]*bulkItem{}
	for i := range ops {
		it := &items[i]
		*it = bulkItem{BulkOperation: &ops[i], r: r, made: made, place: i, verb: bulkVerb(ops[i].Method)}
		if it.verb != verbCreate {
			continue
		}
		var err error
		if it.new, err = directory.NewID(); err != nil {
			return nil, err
		}
		if it.BulkID != "" {
			made[it.BulkID] = it
		}
	}
	return items, nil
}

func bulkVerb(method string) verb {
	switch method {
	case "POST":
		return verbCreate
	case "PUT":
		return verbReplace
	case "PATCH":
		return verbPatch
	case "DELETE":
		return verbDelete
	}
	return verbOther
}

// prepare makes an operation ready to run, or to fail in its turn.
func (it *bulkItem) prepare() directory.BatchOp {
	w, err := it.write()
	if err != nil {
		w = directory.Refuse(err)
	}
	return directory.BatchOp{Write: w, Needs: it.needs}
}

// write judges an operation as the pipeline does a request: path, scope, body.
func (it *bulkItem) write() (w directory.Write, err error) {
	pathErr := it.aim() // also for an operation that is wrong elsewhere: its location is told
	switch r := it.r; {
	case it.Err != nil:
		return w, it.Err
	case pathErr != nil:
		return w, pathErr
	case !r.principal.Allows(true, it.typ.Endpoint):
		r.edge.Metrics.AuthFailure(r.tenant.Name, r.tenant.Name, r.principal.Token.Prefix, string(tenancy.ReasonScope))
		return w, errScope()
	}
	if it.verb == verbDelete {
		it.Data = nil // a body that the single request would not have either
	}
	if it.Data, err = scimcore.ReplaceBulkRefs(it.Data, it.idOf); err != nil {
		return w, err
	}
	if it.lost != "" {
		return w, scimcore.Errorf(409, scimcore.NoType, "The operation refers to the bulkId %.60q, which no POST of this request has. Add that POST, or send the id of the resource.", it.lost)
	}
	return it.body()
}

// body reads the data as the body of the single request.
func (it *bulkItem) body() (w directory.Write, err error) {
	dir := it.r.dir
	switch it.verb {
	case verbDelete:
		return dir.PrepareDelete(it.typ, it.id, it.precondition(), it.cause()), nil
	case verbPatch:
		if err := it.r.offers(tenancy.SwitchPatch); err != nil {
			return w, err
		}
		p, err := scimcore.ParsePatch(it.typ, it.PatchBody(dir.Dialect()), dir.Dialect(), &it.notes)
		if err != nil {
			return w, err
		}
		return dir.PreparePatch(it.typ, it.id, p, it.precondition(), it.cause()), nil
	}
	doc, err := scimcore.Parse(it.typ, it.Data, dir.Dialect(), &it.notes)
	if err != nil {
		return w, err
	}
	if it.verb == verbCreate {
		return dir.PrepareCreate(it.new, doc, it.cause()), nil
	}
	return dir.PrepareReplace(it.typ, it.id, doc, it.precondition(), it.cause()), nil
}

func (it *bulkItem) cause() directory.Cause {
	c := it.r.cause()
	c.Notes = it.notes
	return c
}

// precondition takes the version for what If-Match would say.
func (it *bulkItem) precondition() directory.Precondition {
	var c conditions
	if it.Version != "" {
		c.ifMatch = []byte(it.Version)
	}
	return it.r.preconditionOf(c)
}

// idOf resolves a reference to what a POST of the request makes, and notes it.
func (it *bulkItem) idOf(bulkID string) (id string, ok bool) {
	to := it.made[bulkID]
	if to == nil {
		it.lost = bulkID
		return "", false
	}
	it.needs = append(it.needs, to.place)
	return to.new.String(), true
}

// aim finds out what the path names: an endpoint for a POST, else a resource of
// one. There is nothing else: an operation reaches neither another host or tenant
// nor the endpoints that are not a type's, /Bulk itself among them.
func (it *bulkItem) aim() error {
	wrong := func() error {
		return scimcore.Bad(scimcore.InvalidValue, "path must be an endpoint such as /Users for a POST, and a resource such as /Users/{id} for the others, without the base URL")
	}
	path := strings.TrimPrefix(it.Path, "/")
	endpoint, seg, _ := strings.Cut(path, "/")
	bulkID, isRef := scimcore.BulkRef(seg)
	if !isRef { // a bulkId is any text
		seg = strings.TrimSuffix(seg, "/")
		if checkPath([]byte("/"+path)) != nil || strings.Contains(path, "?") || strings.Contains(seg, "/") {
			return wrong()
		}
	}
	typ := it.r.dir.Catalog().Endpoint(endpoint)
	switch {
	case typ == nil:
		return scimcore.Errorf(404, scimcore.NoType, "path: there is no such endpoint for the operations of a bulk request, which are about resources, such as /Users/{id}.")
	case (it.verb == verbCreate) != (seg == ""):
		return wrong()
	}
	it.typ, it.seg = typ, seg
	it.id = string(appendDecoded(nil, []byte(seg)))
	if isRef {
		it.id, _ = it.idOf(bulkID)
		it.seg = it.id
	}
	return nil
}

// result says what became of the operation, and counts it as the single request
// would have been counted (BULK-A10).
func (it *bulkItem) result(res *directory.BatchResult) *scimcore.BulkResult {
	out := &scimcore.BulkResult{Method: it.Method, BulkID: it.BulkID}
	switch {
	case res.Err != nil:
		out.Err, _ = it.r.explain(res.Err)
		out.Status = out.Err.Status
	default:
		out.Status = it.done(&res.Result)
	}
	var buf [256]byte
	if res.Err == nil && it.verb != verbDelete {
		out.Version = string(res.Resource.AppendTag(buf[:0]))
	}
	if res.Err == nil && it.verb == verbCreate {
		it.seg = it.new.String()
	}
	if it.seg != "" {
		out.Location = string(it.r.site.location(buf[:0], it.typ.Endpoint, it.seg))
	}
	it.r.bound.BulkOperation(opOf(it.verb, it.typ), out.Status)
	for _, n := range it.notes {
		it.r.bound.Quirk(string(n.Kind))
	}
	return out
}

// done counts what a write did and returns the status of the single request.
func (it *bulkItem) done(res *directory.Result) (status int) {
	it.notes = res.Notes // those met while applying, too
	if res.Change == nil {
		it.r.bound.Noop(resourceLabel(it.typ))
	} else {
		it.r.seq = max(it.r.seq, uint64(res.Change.Seq))
	}
	countChange(it.r.bound, res.Change)
	switch it.verb {
	case verbCreate:
		return 201
	case verbDelete:
		return 204
	case verbPatch:
		return patchStatus(it.typ)
	}
	return 200
}
