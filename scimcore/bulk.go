package scimcore

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// BulkRequest is a parsed bulk request (RFC 7644, section 3.7). Its operations
// share the memory of the body.
type BulkRequest struct {
	// FailOnErrors is how many operations may fail before the rest is left
	// undone; 0 means that all are attempted.
	FailOnErrors int
	Operations   []BulkOperation
}

// BulkOperation is one operation as it stands in the request. What it asks of the
// directory is not looked at yet: the data is any JSON, the path any text.
type BulkOperation struct {
	Method  string // POST, PUT, PATCH or DELETE; with Err whatever was sent, shortened
	BulkID  string // the client's name for what a POST makes; "" for none
	Version string // what If-Match would say; "" for none
	Path    string // as sent, such as /Users or Users/bulkId:x
	Data    jsontext.Value
	// Err is why the operation cannot even be tried; the others can.
	Err error
}

// maxBulkID bounds a client's bulkId, which is repeated in the answer.
const maxBulkID = 256

// ParseBulk reads the body of a bulk request. Errors are 400s about the request as
// a whole, and 413 when it has more than most operations; what is wrong with one
// operation is kept with it. Member names are known in any letter case, as in a
// PATCH.
func ParseBulk(body []byte, most int, d Dialect, notes *Notes) (*BulkRequest, error) {
	if err := CheckJSON(body); err != nil {
		return nil, err
	}
	if jsontext.Value(body).Kind() != '{' {
		return nil, Bad(InvalidSyntax, "the body must be a JSON object with %q and \"Operations\"", "schemas")
	}
	p := &bulkParser{most: most, d: d, notes: notes, made: map[string]bool{}}
	var schemas, stop, operations jsontext.Value
	err := eachMember(body, func(name []byte, v jsontext.Value) error {
		switch {
		case equalFold(name, "schemas"):
			schemas = v
		case equalFold(name, "failOnErrors"):
			stop = v
		case equalFold(name, "Operations"):
			operations = v
		default:
			return p.unknown("", name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := checkMessage(schemas, BulkMessage, "bulk", d, notes); err != nil {
		return nil, err
	}
	if err := p.failOnErrors(stop); err != nil {
		return nil, err
	}
	if operations.Kind() != '[' {
		return nil, Bad(InvalidSyntax, "a bulk body needs \"Operations\", an array with at least one operation")
	}
	if err := eachElement(operations, p.operation); err != nil {
		return nil, err
	}
	if len(p.req.Operations) == 0 {
		return nil, Bad(InvalidSyntax, "\"Operations\" is empty: a bulk body needs at least one operation")
	}
	return &p.req, nil
}

type bulkParser struct {
	most  int
	d     Dialect
	notes *Notes
	made  map[string]bool // bulkIds of POSTs so far
	req   BulkRequest
}

// unknown drops or refuses a member of the message that does not exist.
func (p *bulkParser) unknown(of string, name []byte) error {
	if !p.d.IgnoreUnknown {
		return Bad(InvalidSyntax, "there is no member %s in a bulk request", quoteShort(of+string(name)))
	}
	p.notes.Add(NoteUnknownAttribute, of+shorten(string(name)))
	return nil
}

func (p *bulkParser) failOnErrors(raw jsontext.Value) error {
	if raw == nil || raw.Kind() == 'n' {
		return nil
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil || n < 1 {
		return Bad(InvalidValue, "failOnErrors must be a whole number from 1 up: how many errors end the request; leave it out to try every operation")
	}
	p.req.FailOnErrors = n
	return nil
}

// operation reads one element of Operations.
func (p *bulkParser) operation(raw jsontext.Value) error {
	if len(p.req.Operations) == p.most {
		return Errorf(413, NoType, "The request has more than %d operations, which bulk.maxOperations allows. Nothing was done; send them in several requests.", p.most)
	}
	if raw.Kind() != '{' {
		return Bad(InvalidSyntax, "operation %d: an operation is an object with method, path and data, not %s", len(p.req.Operations)+1, kindName(raw.Kind()))
	}
	var op BulkOperation
	err := eachMember(raw, func(name []byte, v jsontext.Value) error {
		switch {
		case equalFold(name, "method"):
			op.text(&op.Method, "method", v)
		case equalFold(name, "bulkId"):
			op.text(&op.BulkID, "bulkId", v)
		case equalFold(name, "version"):
			op.text(&op.Version, "version", v)
		case equalFold(name, "path"):
			op.text(&op.Path, "path", v)
		case equalFold(name, "data"):
			op.Data = v
		default:
			op.fail(p.unknown("Operations.", name))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(op.BulkID) > maxBulkID {
		return Bad(InvalidValue, "a bulkId has %d bytes, at most %d are allowed", len(op.BulkID), maxBulkID)
	}
	if op.Method == "POST" && op.BulkID != "" {
		if p.made[op.BulkID] {
			return Bad(InvalidValue, "the bulkId %s stands at two POSTs: what refers to it could mean either; give each its own", quoteShort(op.BulkID))
		}
		p.made[op.BulkID] = true
	}
	op.fail(op.complete(p.d))
	p.req.Operations = append(p.req.Operations, op)
	return nil
}

// fail keeps the first thing that is wrong with the operation.
func (op *BulkOperation) fail(err error) {
	if op.Err == nil {
		op.Err = err
	}
}

// text reads a member that is a string; null is as good as none.
func (op *BulkOperation) text(into *string, name string, v jsontext.Value) {
	switch v.Kind() {
	case '"':
		*into = string(unquoted(v))
	case 'n':
	default:
		op.fail(Bad(InvalidSyntax, "%s must be a string, not %s", name, kindName(v.Kind())))
	}
}

// complete says what the operation lacks to be tried, nil for nothing.
func (op *BulkOperation) complete(d Dialect) error {
	switch op.Method {
	case "POST":
		if op.BulkID == "" && !d.MissingBulkID {
			return Bad(InvalidSyntax, "a POST needs a bulkId: a name of your choice, unique in the request")
		}
	case "PUT", "PATCH", "DELETE":
	default:
		op.Method = shorten(op.Method)
		return Bad(InvalidSyntax, "method must be POST, PUT, PATCH or DELETE, in capitals")
	}
	switch {
	case op.Path == "":
		return Bad(InvalidSyntax, "path is missing: send an endpoint such as /Users for a POST, and /Users/{id} for the others")
	case (op.Data == nil || op.Data.Kind() == 'n') && op.Method != "DELETE":
		return Bad(InvalidSyntax, "data is missing: it is the body that a single %s would have", op.Method)
	}
	return nil
}

// PatchBody is the data of a PATCH as the body that [ParsePatch] reads. An example
// of RFC 7644 (section 3.7.3; erratum 5050) has the bare array of operations
// there, which is taken where d lets "schemas" be left out.
func (op *BulkOperation) PatchBody(d Dialect) []byte {
	if op.Data.Kind() != '[' || !d.InferSchemas {
		return op.Data
	}
	body := append(make([]byte, 0, len(op.Data)+len(`{"Operations":}`)), `{"Operations":`...)
	return append(append(body, op.Data...), '}')
}
