package idp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"text/template"

	"scimedge/bench/people"
)

// vars is what the templates of a table can name.
type vars struct {
	P         people.Person // the user, as the IdP knows it now
	Active    bool
	ID        string // of the user or group, once known
	ManagerID string

	Group    string // displayName
	GroupKey string // externalId
	Members  []member
	Others   []member // of a swap: those who come; Members are those who go
	All      []member // the whole membership after this request
	Member   string   // one member's id, for membership checks

	GUID       string // something that exists nowhere
	StartIndex int
}

// member is a user as a group lists it.
type member struct{ ID, Name string }

// renderer compiles each template once. The functions of the templates:
//
//	json  a JSON literal
//	q     escaped for a query, a space as %20
//	form  escaped for a query, a space as +
//	lit   a filter literal in double quotes
type renderer struct {
	mu    sync.Mutex
	cache map[string]*template.Template
}

func newRenderer() *renderer { return &renderer{cache: map[string]*template.Template{}} }

func (r *renderer) text(tmpl string, v *vars) (string, error) {
	if !strings.Contains(tmpl, "{{") {
		return tmpl, nil
	}
	t, err := r.compiled(tmpl)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, v); err != nil {
		return "", fmt.Errorf("idp: table entry %q: %w", tmpl, err)
	}
	return b.String(), nil
}

// body renders a JSON template and takes the line breaks out that the tables use
// for readers. A template that does not give JSON is a mistake in the table.
func (r *renderer) body(tmpl string, v *vars) ([]byte, error) {
	if tmpl == "" {
		return nil, nil
	}
	s, err := r.text(tmpl, v)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		return nil, fmt.Errorf("idp: table entry %q gives no JSON: %w", tmpl, err)
	}
	return b.Bytes(), nil
}

func (r *renderer) compiled(tmpl string) (*template.Template, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t, ok := r.cache[tmpl]; ok {
		return t, nil
	}
	t, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"json": jsonLiteral,
		"lit":  jsonLiteral,
		"q":    func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") },
		"form": url.QueryEscape,
	}).Parse(tmpl)
	if err != nil {
		return nil, fmt.Errorf("idp: table entry %q: %w", tmpl, err)
	}
	r.cache[tmpl] = t
	return t, nil
}

// jsonLiteral leaves <, > and & as they are: only Go's default would escape them.
func jsonLiteral(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
