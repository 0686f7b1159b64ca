package httpx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/valyala/fasthttp"
)

// ReadJSON decodes a small body into v, which must be a pointer to a struct. It
// is strict: a wrong type or encoding of the body, more than limit bytes, an
// unknown or repeated member and trailing data are problems, and each says where
// it is and what was expected.
func ReadJSON(ctx *fasthttp.RequestCtx, limit int, v any) *Problem {
	body, p := ReadRawJSON(ctx, limit)
	if p != nil {
		return p
	}
	if err := json.Unmarshal(body, v, json.RejectUnknownMembers(true)); err != nil {
		return badJSON(err, reflect.TypeOf(v).Elem())
	}
	return nil
}

// ReadRawJSON is the body of a request that says it is JSON, of at most limit
// bytes and not empty. What it holds is for the caller to find out.
func ReadRawJSON(ctx *fasthttp.RequestCtx, limit int) ([]byte, *Problem) {
	if p := checkBodyType(&ctx.Request.Header); p != nil {
		return nil, p
	}
	body, p := readBody(ctx, limit)
	if p == nil && len(bytes.TrimSpace(body)) == 0 {
		p = NewProblem(fasthttp.StatusBadRequest, "the body is empty; a JSON object is expected")
	}
	return body, p
}

// readBody takes care of streamed bodies itself: PostBody would read a chunked
// one to its end, whatever the server's limit.
func readBody(ctx *fasthttp.RequestCtx, limit int) ([]byte, *Problem) {
	var body []byte
	if stream := ctx.RequestBodyStream(); stream != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(stream, int64(limit)+1)); err != nil {
			return nil, NewProblem(fasthttp.StatusBadRequest, "the body ended before it was complete")
		}
	} else {
		body = ctx.PostBody()
	}
	if len(body) > limit {
		return nil, NewProblem(fasthttp.StatusRequestEntityTooLarge, fmt.Sprintf("the body is too large; at most %d bytes are read here", limit))
	}
	return body, nil
}

func checkBodyType(h *fasthttp.RequestHeader) *Problem {
	if e := h.ContentEncoding(); len(e) > 0 && !strings.EqualFold(string(e), "identity") {
		return NewProblem(fasthttp.StatusUnsupportedMediaType, "compressed bodies are not read here; send the body without Content-Encoding")
	}
	kind, params, err := mime.ParseMediaType(string(h.ContentType()))
	if charset := params["charset"]; err == nil && kind == TypeJSON && (charset == "" || strings.EqualFold(charset, "utf-8")) {
		return nil
	}
	return NewProblem(fasthttp.StatusUnsupportedMediaType, "send the body as Content-Type: application/json")
}

// badJSON says where and what, and quotes no value: it may be a password.
func badJSON(err error, t reflect.Type) *Problem {
	p := NewProblem(fasthttp.StatusBadRequest, "the body is not a JSON object of the expected form")
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &semantic):
		p.Field = name(semantic.JSONPointer)
		p.Detail = fmt.Sprintf("the member %q is not known; known are %s", p.Field, strings.Join(members(t), ", "))
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntactic):
		p.Field = name(syntactic.JSONPointer)
		p.Detail = fmt.Sprintf("the member %q occurs more than once", p.Field)
	case errors.As(err, &semantic):
		p.Field = name(semantic.JSONPointer)
		p.Detail = "expected " + expectation(semantic.GoType)
		if p.Field != "" {
			p.Detail = fmt.Sprintf("the member %q is wrong: expected %s", p.Field, expectation(semantic.GoType))
		}
	case errors.As(err, &syntactic):
		p.Detail = fmt.Sprintf("the body is not valid JSON in UTF-8: the fault is at byte %d", syntactic.ByteOffset)
	}
	return p
}

// name is the pointer without its leading slash, cut to a length fit for a message.
func name(p jsontext.Pointer) string {
	s := strings.TrimPrefix(string(p), "/")
	if len(s) > 64 {
		s = s[:64] + "..."
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func members(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		out = append(out, tag)
	}
	return out
}

func expectation(t reflect.Type) string {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == nil:
		return "another value"
	case t.PkgPath() == "time" && t.Name() == "Time":
		return "a time such as 2027-01-31T00:00:00Z"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Int32:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}
