package directory

import (
	"context"
	"errors"

	"scimedge/scimcore"
)

// errBudget says that the query has looked at as much as one may.
var errBudget = errors.New("directory: scan budget spent")

const (
	// cancelEvery is how many steps a query takes between two glances at its context.
	cancelEvery = 256
	// perLook is how many small things cost about as much as looking at one
	// resource: rows of an index, groups on the way up, conditions asked.
	perLook = 8
)

// spending is what a query has cost so far.
type spending struct {
	ctx    context.Context
	budget int // 0 is no bound
	steps  int // of any kind
	looked int // resources and members
	rows   int // the rest of those that make one look
}

// look counts more resources or members that the filter is asked about. The first
// of them is always within the budget.
func (s *spending) look(n int) error {
	s.looked += n
	if s.budget > 0 && s.looked > max(s.budget, n) {
		return errBudget
	}
	return s.alive()
}

// glance counts rows, several of which make a look.
func (s *spending) glance(rows int) error {
	s.rows += rows
	looks := s.rows / perLook
	s.rows %= perLook
	return s.look(looks)
}

// alive counts a step and now and then looks whether anyone still waits.
func (s *spending) alive() error {
	if s.steps++; s.steps%cancelEvery == 0 {
		return s.ctx.Err()
	}
	return nil
}

// atBudget ends a query whose budget is spent: with a short page, where one will
// do and it gets on.
func (l *listing) atBudget(s *source) error {
	if l.q.Total == TotalCheap && !l.counting && l.came {
		l.short = true
		return errStop
	}
	return l.tooMany(s)
}

// tooMany refuses a query beyond its budget, and says how to ask instead.
func (l *listing) tooMany(s *source) error {
	cure := "Page with a cursor instead (cursor= and count)"
	if l.q.Total == TotalCheap {
		cure = "Ask for a member by its id (members eq)"
	}
	return scimcore.Bad(scimcore.TooMany,
		"the query made the server look at more than %d resources and members. %s, narrow the filter by an equality on an indexed attribute such as %s, or %s",
		l.budget, cure, s.kind.searchHint(), haveIndexed)
}

func (k *kind) searchHint() string {
	if len(k.indexes) == 0 {
		return "id"
	}
	return k.indexes[0].name
}
